package lint_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/analyze/lint"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fixture"
	"github.com/mcp-migrate/mcp-migrate/internal/load/typed"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
)

func guards(t *testing.T, o analyze.Options) *analyze.Result {
	t.Helper()
	return analysed(t, "guards.txtar", o)
}

func analysed(t *testing.T, name string, o analyze.Options) *analyze.Result {
	t.Helper()
	testdata := filepath.Join("..", "testdata")
	dir := fixture.Unpack(t, filepath.Join(testdata, name), map[string]string{
		"go.mod": filepath.Join(testdata, "sdks.mod"),
		"go.sum": filepath.Join("..", "..", "go.sum"),
	})
	p, err := typed.Load(context.Background(), typed.Options{Dir: dir, Env: fixture.Offline})
	if err != nil {
		t.Fatal(err)
	}
	r, err := analyze.Analyze(context.Background(), p, all.Specs(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// short writes a finding as "file:line rule severity" and the start of its message.
func short(d lint.Diagnostic) string {
	msg, _, _ := strings.Cut(d.Message, ":")
	return fmt.Sprintf("%s:%d %s %s %s", d.File, d.Line, d.Rule, d.Severity, msg)
}

func TestCheck(t *testing.T) {
	var got []string
	for _, d := range lint.Check(guards(t, analyze.Options{})) {
		got = append(got, short(d))
		if d.Column == 0 || d.Cure == "" || d.Related == nil {
			t.Errorf("incomplete finding: %+v", d)
		}
	}
	const open = `anybody can call the MCP server %q over %s at `
	const unknown = `it can't be told whether the MCP server %q asks its callers over %s who they are`
	want := []string{
		`bearer/main.go:23 MCP002 error ` + fmt.Sprintf(unknown, "empty", "streamable-http"),
		`bearer/main.go:32 MCP001 error ` + fmt.Sprintf(open, "conditional", "streamable-http"),
		`bearer/main.go:36 MCP004 note middleware, filters and hooks of the server see only some requests (not lists, completions, subscriptions and tasks)`,
		`bearer/main.go:39 MCP001 error anybody can call the MCP server "fresh" over streamable-http at `,
		`bearer/main.go:42 MCP002 error ` + fmt.Sprintf(unknown, "anyAudience", "streamable-http"),
		`iface/main.go:18 MCP001 error ` + fmt.Sprintf(open, "iface", "streamable-http"),
		`inprocess/main.go:17 MCP002 error ` + fmt.Sprintf(unknown, "direct", "in-process"),
		`mounts/main.go:19 MCP001 error anybody can call the MCP server "mounts" over streamable-http at `,
		`own/main.go:14 MCP004 warning a context function puts things into the request's context but can't refuse the request`,
		`own/main.go:22 MCP001 error ` + fmt.Sprintf(open, "own", "streamable-http"),
		`own/main.go:23 MCP001 error ` + fmt.Sprintf(open, "own", "streamable-http"),
		`own/main.go:24 MCP001 error ` + fmt.Sprintf(open, "own", "streamable-http"),
		`own/main.go:25 MCP001 error anybody can call the MCP server "own" over streamable-http at `,
		`own/main.go:34 MCP011 warning "checkToken" looks like a check and lets callers in whose credential nobody verified`,
		`own/main.go:46 MCP011 warning "passToken" looks like a check and lets callers in whose credential nobody verified`,
		`own/main.go:54 MCP011 warning "ServeHTTP" looks like a check and lets callers in whose credential nobody verified`,
		`sse/main.go:26 MCP002 error ` + fmt.Sprintf(unknown, "unserved", "streamable-http"),
		`sse/main.go:30 MCP001 error anybody can call the MCP server "sse" over sse at `,
		`sse/main.go:31 MCP001 error anybody can call the MCP server "sse" over sse at `,
		`sse/main.go:34 MCP001 error anybody can call the MCP server "started" over sse at `,
		`start/main.go:14 MCP003 warning the policy does not name the tool "forgotten"`,
		`start/main.go:26 MCP003 warning the policy names the tool "absent", which is not registered on any server that it guards`,
	}
	for i := range want { // a pattern in the message is cut at its first colon
		want[i] = strings.TrimSuffix(want[i], "at ")
	}
	for i, g := range got {
		if i >= len(want) || !strings.HasPrefix(g, want[i]) {
			t.Fatalf("finding %d:\n%s\nwant prefix in\n%s\nall:\n%s", i, g, strings.Join(want, "\n"), strings.Join(got, "\n"))
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d findings, want %d", len(got), len(want))
	}
}

// A copy of authlib that is not ours must never count as a guard.
func TestChangedAuthlib(t *testing.T) {
	r := guards(t, analyze.Options{TrustedAuthlib: func(string) bool { return false }})
	for _, s := range r.Servers {
		for _, tr := range s.Transports {
			for _, route := range tr.Routes {
				if route.Guard == "authlib.Guard" && route.Verdict != analyze.Unknown {
					t.Errorf("%s: %s, want unknown", s.ID, route.Verdict)
				}
			}
		}
	}
	found := slices.ContainsFunc(lint.Check(r), func(d lint.Diagnostic) bool {
		return d.Rule == lint.RuleUnknown && d.File == "start/main.go" && strings.Contains(d.Message, "was changed")
	})
	if !found {
		t.Error("no finding says that the copy was changed")
	}
}

func TestReportJSON(t *testing.T) {
	data, err := json.Marshal(lint.NewReport(guards(t, analyze.Options{})))
	if err != nil {
		t.Fatal(err)
	}
	const head = `{"version":1,"module":"example.com/x","complete":true,"diagnostics":[{"rule":"MCP002","severity":"error","file":"bearer/main.go","line":23,"column":`
	if !strings.HasPrefix(string(data), head) {
		t.Errorf("got %.200s\nwant %s", data, head)
	}
}

func TestSeverity(t *testing.T) {
	if !lint.Error.AtLeast(lint.Warning) || lint.Note.AtLeast(lint.Warning) || !lint.Note.AtLeast(lint.Note) ||
		!lint.Severity("fatal").AtLeast(lint.Error) {
		t.Error("severities are out of order")
	}
}
