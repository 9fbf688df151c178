package lint_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/analyze/lint"
)

// A tool with a credential among its arguments is a warning where it is made, with the
// names of the fields; one with a place in a list, a count or a truth value is none.
func TestCredentialsInArguments(t *testing.T) {
	want := []string{
		`gosdk/main.go:54 "direct" ("key", "more.PrivateKey", "token")`,
		`gosdk/main.go:55 "literal" ("secret")`,
		`gosdk/main.go:60 "by_wrapper" ("PrivateKey")`,
		`gosdk/main.go:62 "by_method" ("key", "more.PrivateKey", "token")`,
		`gosdk/main.go:64 "schema" ("bearer")`,
		`gosdk/main.go:66 "schema_of" ("PrivateKey")`,
		`mcpgo/main.go:51 "by_option" ("access_token")`,
		`mcpgo/main.go:52 "by_options" ("api_key")`,
		`mcpgo/main.go:53 "by_type" ("login.password")`,
		`mcpgo/main.go:54 "by_raw_option" ("key", "session_token")`,
		`mcpgo/main.go:55 "by_raw_schema" ("key", "session_token")`,
		`mcpgo/main.go:56 "by_literal" ("client_secret", "nested.jwt")`,
		`mcpgo/main.go:61 "by_raw_literal" ("passphrase")`,
	}
	var got []string
	for _, d := range lint.Check(analysed(t, "inputs.txtar", analyze.Options{})) {
		if d.Rule != lint.RuleArguments {
			continue
		}
		if d.Severity != lint.Warning || d.Column == 0 || d.Cure == "" {
			t.Errorf("incomplete finding: %+v", d)
		}
		place, _, _ := strings.Cut(short(d), " ")
		_, rest, _ := strings.Cut(d.Message, "the tool ")
		name, rest, _ := strings.Cut(rest, " takes what looks like a credential as an argument ")
		fields, _, _ := strings.Cut(rest, ":")
		got = append(got, place+" "+name+" "+fields)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
