package peers

import (
	"context"
	"net/http"
	"strings"
	"testing"
)

// Each client does every step at a server on each SDK; what it leaves to the
// program that uses it is known, and is all that it leaves.
func TestEveryClientGoesThroughEveryStep(t *testing.T) {
	leaves := map[string]map[string]string{
		"go-sdk": {},
		"mcp-go": {StepUp: `its program is told "insufficient scope", and signs in again for more`},
	}
	for client, make := range map[string]Maker{"go-sdk": GoSDK, "mcp-go": MCPGo} {
		for sdk := range sdks {
			t.Run(client+" at "+sdk, func(t *testing.T) {
				t.Parallel()
				out := newSite(t, sdk).Run(t.Context(), make)
				if len(out) != len(Steps()) {
					t.Errorf("%d steps, want %d", len(out), len(Steps()))
				}
				for _, o := range out {
					if o.Err != nil || o.Cannot != leaves[client][o.Step] {
						t.Errorf("%s: %q, %v; want %q", o.Step, o.Cannot, o.Err, leaves[client][o.Step])
					}
				}
			})
		}
	}
}

// The steps see a server that only seems to do them: one whose tokens live on
// when they are revoked, or by whose page nobody is signed out.
func TestStepsSeeAServerThatDoesNotEndAccess(t *testing.T) {
	s := newSite(t, "go-sdk")
	for step, run := range map[string]func(Site, Peer) error{
		Revoke:  func(s Site, p Peer) error { _, err := s.revoke(t.Context(), p); return err },
		SignOut: func(s Site, p Peer) error { _, err := s.signOut(t.Context(), p); return err },
	} {
		p, err := MCPGo(Options{URL: s.URL, Answers: s.Answers, HTTP: &http.Client{Transport: &http.Transport{}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := run(s, forgetful{p}); err == nil || !strings.Contains(err.Error(), "an access token that the server must know: false") {
			t.Errorf("%s that ends nothing: %v", step, err)
		}
		p.Close()
	}
}

// forgetful gives a refresh token away that never was one, and presses no button.
type forgetful struct{ Peer }

func (f forgetful) SignOut(context.Context) error { return nil }

func (f forgetful) Tokens(ctx context.Context) (Tokens, error) {
	t, err := f.Peer.Tokens(ctx)
	t.Refresh = "mcprt_none"
	return t, err
}
