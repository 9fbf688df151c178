package probe

import (
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// A server with a public tool is judged by what its tools are meant to be.
func TestVerifyPublicTools(t *testing.T) {
	policy := func(public ...string) authlib.Config {
		p := authlib.Policy{Tools: map[string]authlib.Rule{"get_time": {}, "delete_note": {}}}
		for _, name := range public {
			p.Tools[name] = authlib.Rule{Public: true}
		}
		return authlib.Config{Policy: p, AllowAnonymous: true}
	}
	for _, tt := range []struct {
		name   string
		open   []string // what the policy makes public
		public []string // what is said to be
		ok     bool
		want   string
	}{
		{"as said", []string{"get_time"}, []string{"get_time"}, true, `allowed    stranger: tools/call "get_time"`},
		{"not said", []string{"get_time"}, nil, true, `not tried  stranger: tools/call "get_time"`},
		{"one too many", []string{"get_time", "delete_note"}, []string{"get_time"}, false, `FAILED     stranger: tools/call "delete_note"`},
		{"one too few", []string{"get_time"}, []string{"get_time", "delete_note"}, false, `FAILED     stranger: tools/list "delete_note"`},
		{"would run", []string{"get_time", "delete_note"}, []string{"get_time", "delete_note"}, true, `not tried  stranger: tools/call "delete_note"`},
	} {
		for _, sdk := range []string{"mcp-go", "go-sdk"} {
			t.Run(tt.name+" "+sdk, func(t *testing.T) {
				mount := mountMCPGo
				if sdk == "go-sdk" {
					mount = mountGoSDK
				}
				o := VerifyOptions{URL: serveWith(t, policy(tt.open...), mount), Token: goodToken, Optional: true, Public: tt.public}
				r, err := VerifyURL(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				var text strings.Builder
				if err := r.Text(&text); err != nil {
					t.Fatal(err)
				}
				if r.OK != tt.ok || !strings.Contains(text.String(), tt.want) {
					t.Errorf("OK %v, want %v and %q:\n%s", r.OK, tt.ok, tt.want, text.String())
				}
			})
		}
	}
}
