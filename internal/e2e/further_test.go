package e2e

import (
	"net/http"
	"slices"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

func (b *bed) furtherURL() string {
	s := b.Server
	s.Path = b.Further.Path
	return s.URL(b.second)
}

// further signs in at the second server too. A token for one is refused by the
// other, in both directions.
func (b *bed) further(t *testing.T, token string) {
	t.Helper()
	f := b.Further
	if f.Pkg != "" {
		p, err := probe.Start(t.Context(), probe.Options{
			Dir: b.dir, Pkg: f.Pkg, Args: []string{f.Flag, b.Addr(b.second)}, Addr: b.Addr(b.second),
			Env: []string{f.Env + "=" + b.furtherURL(), "MCP_DEV_CODE=" + devCode},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Stop()
	}
	s, err := signin.Connect(t.Context(), signin.Options{
		URL: b.furtherURL(), Browser: signin.Robot(map[string]string{"user": "ada", "code": devCode}),
	})
	if err != nil {
		t.Fatalf("the second server: %v", err)
	}
	defer s.Close()
	names, err := s.Tools(t.Context())
	if err != nil || !slices.Contains(names, f.ReadOnly) || slices.Contains(names, "delete_note") {
		t.Errorf("the second server lists %q: %v", names, err)
	}
	if text, err := s.CallTool(t.Context(), f.ReadOnly, nil); err != nil || text == "" {
		t.Errorf("%s of the second server: %q, %v", f.ReadOnly, text, err)
	}
	other, err := s.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*probe.Client{
		{URL: b.furtherURL()},
		{URL: b.furtherURL(), Token: token},
		{URL: b.url(), Token: other},
	} {
		for _, method := range []string{"initialize", "tools/list"} {
			a, err := c.Call(t.Context(), method, map[string]any{})
			b.mustRefuse(t, method+" at "+c.URL+" without a token for it", a, err)
		}
	}
	a, err := (&probe.Client{URL: b.furtherURL(), Token: other}).Initialize(t.Context())
	if err != nil || a.Status != http.StatusOK {
		t.Errorf("the second server with its own token: %+v, %v", a, err)
	}
}
