// Package prove starts a migrated program in a scratch copy, signs in to it with
// the local sign-in page, and calls it as a stranger and as a user.
package prove

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

// User is who signs in on the local page.
const User = "mcp-migrate"

// Options say what to start and where it is expected.
type Options struct {
	Dir      string        // module root, as it was written
	Pkg      string        // main package relative to Dir, such as "./cmd/server"
	Tags     []string      // build tags
	Args     []string      // arguments of the program
	Env      []string      // "NAME=value", on top of a scrubbed environment and of what the wiring reads
	Addr     string        // host:port where it is expected to listen
	URL      string        // the MCP endpoint there: the value of MCP_RESOURCE_URL
	Optional bool          // strangers may initialize and list
	Public   []string      // the tools that strangers may call
	Wait     time.Duration // for the program to listen; 0 means 20 s
}

// Run builds the program, starts it in a copy of the module, and returns what
// [probe.VerifyURL] found. The program sees none of the caller's environment but
// PATH and the like, and ends before Run returns. A sign-in that fails is a
// failed check; that the program could not be started is an error, which says
// nothing about its protection.
func Run(ctx context.Context, o Options) (*probe.Report, error) {
	scratch, err := os.MkdirTemp("", "mcp-prove-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	code := rand.Text()
	p, err := start(ctx, o, scratch, code)
	switch {
	case ctx.Err() != nil:
		if p != nil {
			p.Stop()
		}
		return nil, ctx.Err()
	case err != nil:
		// Nobody knows the scratch folder.
		return nil, errors.New(strings.ReplaceAll(err.Error(), scratch+string(filepath.Separator), ""))
	}
	defer p.Stop()
	return call(ctx, o, code)
}

// start builds the program and starts it in a copy of the module. It is built
// where it is, since go.mod may name folders beside the module.
func start(ctx context.Context, o Options, scratch, code string) (*probe.Process, error) {
	bin, err := probe.Build(ctx, o.Dir, o.Pkg, scratch, tagFlags(o.Tags)...)
	if err != nil {
		return nil, err
	}
	work := filepath.Join(scratch, "the program")
	if err := copyModule(work, o.Dir); err != nil {
		return nil, err
	}
	env := append([]string{
		"MCP_RESOURCE_URL=" + o.URL, "MCP_DEV_CODE=" + code,
		"MCP_SESSION_KEY=" + session.NewKey(), "MCP_SESSION_DIR=" + filepath.Join(scratch, "sessions"),
	}, o.Env...)
	return probe.Start(ctx, probe.Options{Dir: work, Bin: bin, Args: o.Args, Env: env, Addr: o.Addr, Wait: o.Wait})
}

// callTimeout bounds all calls together.
const callTimeout = 2 * time.Minute

// call signs in and makes every call that verify knows.
func call(ctx context.Context, o Options, code string) (*probe.Report, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	token, failed := signin.Token(ctx, signin.Options{
		URL: o.URL, Browser: signin.Robot(map[string]string{"user": User, "code": code}),
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, err := probe.VerifyURL(ctx, probe.VerifyOptions{URL: o.URL, Token: token, Optional: o.Optional, Public: o.Public})
	if err != nil {
		return nil, err
	}
	if failed != nil {
		// Without a user nothing shows that anybody is let in at all.
		r.Checks = append(r.Checks, probe.Check{
			Name: "user: sign in", Request: "a client follows the challenge", Expected: "an access token",
			Outcome: probe.Failed, Reason: fmt.Sprintf("nobody could sign in: %v", failed),
		})
		r.OK = false
	}
	return r, nil
}

func tagFlags(tags []string) []string {
	if len(tags) == 0 {
		return nil
	}
	return []string{"-tags=" + strings.Join(tags, ",")}
}
