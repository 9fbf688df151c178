package mcpgo_test

import (
	"context"
	"regexp"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// A URI that the SDK would serve by a template that demands a role is refused to
// who lacks it, even where what the policy does not name is open.
func FuzzTemplatesTakeWhatTheSDKTakes(f *testing.F) {
	for _, tmpl := range []string{
		"doc://{id}", "doc://{a}/x/{b}", "file:///{+path}", "file:///{path*}", "db://{a,b}", "q://x{?a,b}", "s://x{/seg*}", "l://x{.ext}",
		"m://x{;p}", "n://x{&p}", "h://x{#f}", "p://{v:3}", "u://{x}é", "e://%41{x}",
	} {
		for _, uri := range []string{"doc://1", "doc://a/x/b", "file:///a/b", "db://1,2", "q://x?a=1", "s://x/y/z", "l://x.y", "u://xé", "u://x%C3%A9", "e://A1", "e://%411", "doc://a%2Fb", "doc://", "doc://a,b"} {
			f.Add(tmpl, uri)
		}
	}
	f.Fuzz(func(t *testing.T, tmpl, uri string) {
		re := sdkPattern(tmpl)
		if re == nil || !re.MatchString(uri) {
			return
		}
		g, err := authlib.New(authlib.Config{
			Resource: "http://localhost/mcp", Verifier: people, AuthorizationServers: servers,
			Policy: authlib.Policy{Resources: map[string]authlib.Rule{tmpl: {AnyRole: []string{"ops"}}}, Unlisted: authlib.UnlistedBase},
		})
		if err != nil {
			return // a program with this policy does not start
		}
		if g.Authorize(context.Background(), &authlib.Principal{Subject: "a"}, authlib.Operation{Method: "resources/read", Name: uri}) == nil {
			t.Errorf("the SDK serves %q by %q, which the guard takes for unlisted", uri, tmpl)
		}
	})
}

// sdkPattern is what the SDK matches URIs with; nil for what is no template, for
// which it panics.
func sdkPattern(tmpl string) (re *regexp.Regexp) {
	defer func() { _ = recover() }()
	return mcp.NewResourceTemplate(tmpl, "x").URITemplate.Regexp()
}
