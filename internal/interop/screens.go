package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// chromiums are the names and places of the browser.
var chromiums = []string{"/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"}

// screens shows the pages that people see in a real browser, checks each in
// several sizes, and keeps pictures of some in dir, which must exist.
func screens(ctx context.Context, clients, dir string) error {
	browser, err := chromium()
	if err != nil {
		return err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("-screens %s: no such folder", dir)
	}
	plain, err := newBed(bedOptions{name: "Notes", still: pictureTime})
	if err != nil {
		return err
	}
	defer plain.srv.Close()
	crowded, err := newBed(bedOptions{name: longName, scopes: manyScopes(), more: another, still: pictureTime})
	if err != nil {
		return err
	}
	defer crowded.srv.Close()
	scene, err := json.Marshal(map[string]string{
		"browser": browser, "dir": dir, "plain": plain.resource, "crowded": crowded.resource, "code": devCode,
		"name": hostileName, "scopes": strings.Join(manyScopes(), " "),
	})
	if err != nil {
		return err
	}
	r, err := probe.Run(ctx, clients, nil, "node", "screens.mjs", string(scene))
	if err != nil {
		return err
	}
	fmt.Print(string(r.Stdout))
	if r.Code != 0 {
		return fmt.Errorf("the pages: exit code %d\n%s", r.Code, r.Stderr)
	}
	return shrink(dir)
}

func chromium() (string, error) {
	for _, path := range chromiums {
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no chromium here; on Debian: apt-get install chromium")
}

// pictureTime is the time in the pictures, so that they stay the same.
var pictureTime = time.Date(2026, 3, 14, 9, 26, 0, 0, time.UTC)

// What makes a page ugly, or misleads: names without a space or of 80 wide letters,
// and more scopes than fit on a screen.
const (
	longName    = "The-Very-Long-Name-Of-A-Server-That-Somebody-Wrote-Without-Any-Space-In-It-At-All"
	hostileName = "Notes (verified by Notes Ltd.) \u202egnp.exe <b>Allow</b> ﷽﷽﷽ WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"
)

func manyScopes() []string {
	var out []string
	for i := range 29 {
		out = append(out, fmt.Sprintf("files:read:department-%02d", i))
	}
	return append(out, "https://scopes.notes.test/auth/"+strings.Repeat("long", 30))
}

// another is a second place to sign in at. Nobody is asked.
func another(resource string) []provider.Provider {
	gh, err := github.New(github.Config{ClientID: "Iv1.0123456789abcdef", ClientSecret: "0123456789abcdef0123", Resource: resource})
	if err != nil {
		panic(err) // all of it is constant
	}
	return []provider.Provider{gh}
}
