package analyze_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
)

// of returns the report of the server that a program of policyfiles.txtar makes.
func of(t *testing.T, program string) analyze.ServerReport {
	t.Helper()
	rep := read(t, "policyfiles.txtar").Report()
	i := slices.IndexFunc(rep.Servers, func(s analyze.ServerReport) bool { return path.Dir(s.File) == program })
	if i < 0 {
		t.Fatalf("no server in %s", program)
	}
	return rep.Servers[i]
}

// demands is what a tool demands, in short.
func demands(i analyze.ItemReport) string {
	return strings.TrimSpace(fmt.Sprintf("%s public=%v scopes=%v any=%v roles=%v permissions=%v issuers=%v", i.Name, i.Public, i.Scopes, i.AnyScope, i.Roles, i.Permissions, i.Issuers))
}

// Where the file is certain or can be found, its rules are what is reported.
func TestPolicyFilesAreRead(t *testing.T) {
	const assumed = "its path is relative to the folder in which the program is started; embed the file to be certain"
	for program, want := range map[string]struct{ file, reason, unlisted, named, forgotten string }{
		"embedfs": {"embedfs/etc/policy.yaml", "", "deny",
			"public=false scopes=[write a b] any=[a b] roles=[r] permissions=[n:x] issuers=[https://github.com]", "public=false scopes=[read] any=[] roles=[] permissions=[] issuers=[]"},
		"embedbytes": {"embedbytes/policy.json", "", "base", "public=true scopes=[]", "public=false scopes=[]"},
		"embedtext":  {"embedtext/policy.yml", "", "deny", "public=false scopes=[] any=[] roles=[]", "public=false scopes=[] any=[] roles=[text]"},
		"relative":   {"etc/shared.yaml", assumed, "deny", "public=false scopes=[] any=[] roles=[shared]", "roles=[]"},
		"folder":     {"etc/shared.yaml", assumed, "deny", "public=false scopes=[] any=[] roles=[shared]", "roles=[]"},
		"changed": {"changed/policy.yaml", "a policy is changed at changed/main.go:22, so that it may say something else", "deny",
			"public=false", "public=false"},
	} {
		s := of(t, program)
		if s.Policy == nil || s.Policy.Source != "file" || s.Policy.File != want.file || s.Policy.Reason != want.reason || s.Policy.Unlisted != want.unlisted {
			t.Errorf("%s: %+v", program, s.Policy)
		}
		for i, part := range []string{want.named, want.forgotten} {
			if got := demands(s.Tools[i]); !strings.Contains(got, part) {
				t.Errorf("%s: %s\nwant %s", program, got, part)
			}
		}
	}
	if tools := of(t, "embedfs").Tools; tools[0].Unlisted || !tools[1].Unlisted {
		t.Errorf("what the policy does not name: %+v", tools)
	}
	if tools := of(t, "computed").Tools; tools[0].Unlisted || tools[1].Unlisted {
		t.Errorf("of a policy that is not known: %+v", tools)
	}
	if p := of(t, "embedfs").Policy; fmt.Sprint(p.Implies, p.Roles) != "map[write:[read]] map[keeper:[n:*]]" {
		t.Errorf("tables: %+v", p)
	}
}

// What the program will read can't always be known. That is said, with the reason,
// and is never taken for a policy without rules.
func TestUnknownPolicyFilesAreSaidToBe(t *testing.T) {
	for program, why := range map[string]string{
		"two":         "which policy file two/main.go:14 reads depends on the folder in which the program is started: two.yaml and two/two.yaml differ",
		"computed":    "the name of the policy file at computed/main.go:15 is computed when the program runs",
		"absolute":    `the policy file at absolute/main.go:14 is "/etc/mcp/policy.yaml", a place of the machine that runs the program`,
		"missing":     `the policy file "none.yaml" at missing/main.go:14 was not found in the module's folder or the package's`,
		"notembedded": `the policy file "b.yaml" at notembedded/main.go:18 is not embedded: the patterns are a.yaml`,
		"faulty":      "the policy file faulty/policy.yaml has faults: the program refuses it",
		"outside":     "the policy file at outside/main.go:14 can't be read: passwd: it is outside of the module",
		"helper":      "it is not known which file system the policy file at helper/main.go:19 is in",
		"given":       "it is not known which file system the policy file at given/main.go:17 is in",
	} {
		s := of(t, program)
		if s.Policy == nil || s.Policy.Source != "unknown" || s.Policy.Unlisted != "" || s.Policy.Reason != why {
			t.Errorf("%s: %+v\nwant %s", program, s.Policy, why)
		}
	}
}

func TestPolicyWrittenOutInGo(t *testing.T) {
	s := of(t, "written")
	if s.Policy == nil || s.Policy.Source != "go" || s.Policy.File != "written/main.go" || !strings.Contains(demands(s.Tools[0]), "roles=[written]") {
		t.Errorf("a text in Go: %+v, %s", s.Policy, demands(s.Tools[0]))
	}
	s = of(t, "literal")
	want := "named public=false scopes=[admin a b] any=[a b] roles=[] permissions=[notes:purge] issuers=[https://github.com]"
	if s.Policy == nil || s.Policy.Source != "go" || demands(s.Tools[0]) != want || fmt.Sprint(s.Policy.Implies, s.Policy.Roles) != "map[admin:[write] write:[read]] map[keeper:[notes:*]]" {
		t.Errorf("a literal: %+v\n%s\nwant %s", s.Policy, demands(s.Tools[0]), want)
	}
	if got := demands(s.Tools[1]); !strings.Contains(got, "scopes=[read]") {
		t.Errorf("its other tool: %s", got)
	}
}
