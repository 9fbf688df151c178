package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// A tokenGetter signs in to a server in the user's own browser, as a client would.
type tokenGetter struct {
	app  *app
	url  string // --get
	out  string // --out
	show bool   // --show
	wait time.Duration
}

// signInWait is how long a person has for the sign-in.
const signInWait = 5 * time.Minute

func (g *tokenGetter) check() error {
	switch {
	case g.url == "" && (g.out != "" || g.show):
		return usagef("--out, --show: have a meaning only with --get URL")
	case g.url == "":
		return nil
	case g.out == "" && !g.show:
		return usagef("--get: name the file that gets the token, by --out FILE; --show prints it")
	}
	return checkTargetOf("--get", g.url)
}

// run signs in, and keeps the token where nobody else reads it.
func (g *tokenGetter) run(ctx context.Context) error {
	path, err := g.path()
	if err != nil {
		return err
	}
	token, err := g.signIn(ctx)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return usagef("--get %s: nobody signed in within %s, or the server did not answer", wizard.Printable(g.url), g.wait)
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return usagef("--get: %w; mcp-migrate doctor url explains each step", err)
	}
	if path != "" {
		if err := writeSecret(path, token+"\n"); err != nil {
			return err
		}
		g.app.note("the token is in %s; mcp-migrate doctor token < FILE checks it", wizard.Printable(g.out))
	}
	if g.show {
		return g.app.result([]byte(token + "\n"))
	}
	return nil
}

// path is where the token goes: a file that is not there yet. It is looked for before
// anybody signs in.
func (g *tokenGetter) path() (string, error) {
	if g.out == "" {
		return "", nil
	}
	path := g.out
	if !filepath.IsAbs(path) {
		path = filepath.Join(g.app.chdir, path)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return "", usagef("--out %s: is there already, or cannot be looked at; name a file that is not", wizard.Printable(g.out))
	}
	return path, nil
}

// writeSecret makes a file that only its owner may read.
func writeSecret(path, secret string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return usagef("--out: %w", err)
	}
	_, err = f.WriteString(secret)
	if err = errors.Join(err, f.Close()); err != nil {
		return treef("--out: %w", errors.Join(err, os.Remove(path)))
	}
	return nil
}

func (g *tokenGetter) signIn(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, g.wait)
	defer cancel()
	l, err := signin.Listen()
	if err != nil {
		return "", err
	}
	defer l.Close()
	client := &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	browser := l.Browser(func(authURL string) {
		fmt.Fprintf(g.app.stderr, "open this address in your browser, and sign in:\n\n  %s\n\n", authURL)
	})
	return signin.Token(ctx, signin.Options{URL: g.url, Browser: browser, Redirect: l.Redirect(), HTTP: client})
}
