package policyfile_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/policyfile"
)

const whole = `# who may do what
base: {all_scopes: [notes:read]}
tools:
  list_notes: {}
  status: {public: true}
  write_note: {all_scopes: [notes:write], any_issuer: ["https://github.com"]}
  purge_notes:
    any_permission:
      - notes:purge
    any_role: [keeper, admin]
  "1": {public: false, any_scope: [a, b]}
prompts:
  summarize: {}
resources:
  notes://by-id/{id}: {any_scope: [notes:read]}
implies: {notes:write: [notes:read]}
roles:
  keeper: ["notes:*"]
  admin: ["*"]
unlisted: base
`

var wholePolicy = authlib.Policy{
	Base: authlib.Rule{AllScopes: []string{"notes:read"}},
	Tools: map[string]authlib.Rule{
		"list_notes": {}, "status": {Public: true}, "1": {AnyScope: []string{"a", "b"}},
		"write_note":  {AllScopes: []string{"notes:write"}, AnyIssuer: []string{"https://github.com"}},
		"purge_notes": {AnyPermission: []string{"notes:purge"}, AnyRole: []string{"keeper", "admin"}},
	},
	Prompts:         map[string]authlib.Rule{"summarize": {}},
	Resources:       map[string]authlib.Rule{"notes://by-id/{id}": {AnyScope: []string{"notes:read"}}},
	Implies:         map[string][]string{"notes:write": {"notes:read"}},
	RolePermissions: map[string][]string{"keeper": {"notes:*"}, "admin": {"*"}},
	Unlisted:        authlib.UnlistedBase,
}

func TestEveryPartOfAPolicyCanBeWritten(t *testing.T) {
	p, err := policyfile.Parse("policy.yaml", []byte(whole))
	if err != nil || !reflect.DeepEqual(p, wholePolicy) {
		t.Errorf("%v\n%+v\nwant\n%+v", err, p, wholePolicy)
	}
	for _, field := range []any{wholePolicy, authlib.Rule{}} { // a new field needs a key
		if n := reflect.TypeOf(field).NumField(); n != map[bool]int{true: 7, false: 6}[reflect.TypeOf(field) == reflect.TypeOf(wholePolicy)] {
			t.Errorf("%T has %d fields: does the file know them?", field, n)
		}
	}
}

func TestJSONSaysTheSame(t *testing.T) {
	const text = `{"base": {"all_scopes": ["notes:read"]}, "tools": {"list_notes": {}, "sta\u0074us": {"public": true}}}`
	want := authlib.Policy{Base: wholePolicy.Base, Tools: map[string]authlib.Rule{"list_notes": {}, "status": {Public: true}}}
	for _, name := range []string{"policy.json", "policy.JSON", "policy.yaml", "policy.yml"} {
		if p, err := policyfile.Parse(name, []byte(text)); err != nil || !reflect.DeepEqual(p, want) {
			t.Errorf("%s: %v, %+v", name, err, p)
		}
	}
}

func TestAFileIsReadOnceAndFromAnywhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(path, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := policyfile.Load(path)
	if err != nil || !reflect.DeepEqual(p, wholePolicy) {
		t.Errorf("Load: %v, %+v", err, p)
	}
	fsys := fstest.MapFS{"etc/policy.yaml": {Data: []byte("\ufeff" + whole)}}
	if q, err := policyfile.LoadFS(fsys, "etc/policy.yaml"); err != nil || !reflect.DeepEqual(q, wholePolicy) {
		t.Errorf("LoadFS: %v, %+v", err, q)
	}
	if err := os.WriteFile(path, []byte("tools: {all: {public: true}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(p, wholePolicy) {
		t.Error("the policy changed with the file")
	}
	if q, err := policyfile.Load(path); err != nil || !q.Tools["all"].Public {
		t.Errorf("Load again: %v, %+v", err, q)
	}
	for _, load := range []func() (authlib.Policy, error){
		func() (authlib.Policy, error) { return policyfile.Load(path + ".yaml") },
		func() (authlib.Policy, error) { return policyfile.LoadFS(fsys, "policy.yaml") },
	} {
		if _, err := load(); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a file that is not there: %v", err)
		}
	}
}

// What a guard makes of the file: what is not written is refused.
func TestWhatIsNotWrittenIsDenied(t *testing.T) {
	p, err := policyfile.Parse("policy.yaml", []byte("tools:\n  list_notes: {}\n  purge: {any_role: [admin]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	g, err := authlib.New(authlib.Config{
		Resource: "https://notes.example.com/mcp", AuthorizationServers: []string{"https://id.example.com"}, Policy: p,
		Verifier: authlib.VerifierFunc(nobody),
	})
	if err != nil {
		t.Fatal(err)
	}
	user := &authlib.Principal{Issuer: "https://id.example.com", Subject: "ada"}
	for op, want := range map[authlib.Operation]bool{
		{Method: "tools/call", Name: "list_notes"}: true, {Method: "tools/call", Name: "purge"}: false,
		{Method: "tools/call", Name: "List_notes"}: false, {Method: "tools/call", Name: "late"}: false,
		{Method: "prompts/get", Name: "list_notes"}: false, {Method: "resources/read", Name: "notes://1"}: false,
		{Method: "admin/shutdown"}: false,
	} {
		if err := g.Authorize(context.Background(), user, op); (err == nil) != want {
			t.Errorf("%v of a user: %v", op, err)
		}
		if err := g.Authorize(context.Background(), nil, op); err == nil {
			t.Errorf("%v of a stranger is allowed", op)
		}
	}
}

func TestEveryFaultHasItsPlaceAndCure(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"unknown key", "tools: {a: {}}\nextra: 1\n", `2:1: the key "extra" is not known; the keys here are base, implies, prompts, resources, roles, tools, unlisted`},
		{"key in another case", "Tools: {a: {}}\n", `1:1: the key "Tools" is not known; write tools`},
		{"key in another case beside it", "tools: {a: {}}\nTOOLS: {a: {public: true}}\n", `2:1: the key "TOOLS" is not known; write tools`},
		{"key in another spelling", "tools:\n  a: {all-scopes: [x]}\n", `2:7: the key "all-scopes" is not known; write all_scopes`},
		{"singular of a rule", "tools:\n  a: {role: [admin]}\n", `2:7: the key "role" is not known; write any_role: [name]`},
		{"scopes of a rule", "tools:\n  a: {scopes: [x]}\n", `2:7: the key "scopes" is not known; write all_scopes where all are needed, any_scope where one is enough`},
		{"methods", "methods: {ping: {}}\n", `1:1: the key "methods" is not known; there are no rules by method`},
		{"key twice", "tools: {a: {}}\ntools: {b: {}}\n", `2:1: "tools" is there twice, first on line 1; keep one`},
		{"name twice", "tools:\n  a: {any_role: [x]}\n  b: {}\n  \"a\": {}\n", `4:3: "a" is there twice, first on line 2; keep one`},
		{"key of a rule twice", "tools:\n  a: {any_role: [x], any_role: [y]}\n", `2:22: "any_role" is there twice`},
		{"word twice", "tools:\n  a: {any_role: [x, y, x]}\n", `2:24: "x" is in the list twice; keep one`},
		{"text for a list", "tools:\n  a: {any_role: admin}\n", `2:17: a list is wanted, and this is text; put it in brackets, as in [name]`},
		{"number in a list", "tools:\n  a: {any_role: [7]}\n", `2:18: text is wanted, and this is a number; put it in quotes`},
		{"null for a rule", "tools:\n  a:\n", `2:5: a rule is a mapping, and this is null (nothing); write {} where a caller is all that is needed`},
		{"null for a list", "tools:\n  a: {any_role: ~}\n", `2:17: a list is wanted, and this is null (nothing); write one, as in [name]`},
		{"null for a section", "tools:\nunlisted: base\n", `a mapping by tool is wanted, and this is null (nothing); leave the key out`},
		{"list for a section", "tools: [a, b]\n", `1:8: a mapping by tool is wanted, and this is a list`},
		{"null in a list", "tools:\n  a: {any_role: [null]}\n", `2:18: text is wanted, and this is null (nothing)`},
		{"empty list", "tools:\n  a: {any_role: []}\n", `2:17: the list is empty, which demands nothing and gives nothing; name something`},
		{"empty section", "tools: {}\n", `1:8: nothing is named here; leave the key out`},
		{"empty name", "tools: {\"\": {}}\n", `1:9: a name is empty`},
		{"name with a space", "tools: {\"a \": {}}\n", `1:9: "a " begins or ends with a space; take it out`},
		{"name that can't be seen", "tools: {\"a\u200b\": {}}\n", `1:9: "a\u200b" has characters that can't be seen`},
		{"name too long", "tools: {" + strings.Repeat("a", 1001) + ": {}}\n", `1:9: a name is longer than 1000 bytes`},
		{"number for a name", "tools: {1: {}}\n", `1:9: a key has to be text, and this is a number; put it in quotes`},
		{"list for a name", "tools: {[a]: {}}\n", `1:9: a key has to be text, and this is a list`},
		{"yes for true", "tools:\n  a: {public: yes}\n", `2:15: true or false is wanted, and this is text; write true or false, without quotes`},
		{"TRUE for true", "tools:\n  a: {public: TRUE}\n", `2:15: true or false is wanted, and this is a boolean in another spelling`},
		{"text for true", "tools:\n  a: {public: \"true\"}\n", `2:15: true or false is wanted, and this is text`},
		{"public with scopes", "tools:\n  a: {public: true, all_scopes: [x]}\n", `2:6: the rule is public and demands something as well; it can only be one of the two`},
		{"public base", "base: {public: true}\ntools: {a: {}}\n", `1:7: base can't be public: it would open everything; mark single tools`},
		{"bad scope", "tools:\n  a: {any_scope: [x, \"a b\"]}\n", `2:22: tool "a" demands the scope "a b", which RFC 6749 §3.3 does not allow; correct it`},
		{"bad permission", "prompts:\n  a: {any_permission: [\"*:x\"]}\nroles: {r: [\"*\"]}\n", `2:24: prompt "a" has the permission "*:x"; write it like "notes:read"`},
		{"provider for an issuer", "resources:\n  a://b: {any_issuer: [github]}\n", `2:24: resource "a://b" demands the issuer "github"; name an issuer in full, such as https://github.com`},
		{"permission that no role gives", "tools:\n  a: {any_permission: [notes:raed]}\nroles: {r: [notes:read]}\n", `2:24: no role gives the permission "notes:raed"; correct it, or give it to a role under roles`},
		{"scope that implies itself", "tools: {a: {}}\nimplies:\n  x: [x]\n", `3:7: Policy.Implies goes round in a circle: "x" implies itself`},
		{"scopes that go round", "tools: {a: {}}\nimplies:\n  x: [y]\n  y: [z]\n  z: [x]\n", `5:3: Policy.Implies goes round in a circle: "x" implies itself`},
		{"offline_access", "tools: {a: {}}\nimplies:\n  x: [offline_access]\n", `3:7: Policy.Implies has offline_access`},
		{"bad permission of a role", "tools: {a: {}}\nroles:\n  r: [\"ad*\"]\n", `3:7: Policy.RolePermissions has the permission "ad*"; write it like`},
		{"unlisted", "tools: {a: {}}\nunlisted: allow\n", `2:11: unlisted is neither deny nor base; deny refuses`},
		{"unlisted is null", "tools: {a: {}}\nunlisted:\n", `unlisted is neither deny nor base`},
		{"anchor", "base: &b {all_scopes: [x]}\ntools: {a: {}}\n", `1:7: anchors, aliases, merge keys and tags are not read; write the value out where it holds`},
		{"alias", "tools: {a: *b}\n", `this is not YAML: unknown anchor 'b' referenced`},
		{"merge key", "tools: {a: {<<: {any_role: [x]}}}\n", `1:13: anchors, aliases, merge keys and tags are not read; write the keys out where they hold`},
		{"tag", "tools: {a: !!map {}}\n", `1:12: anchors, aliases, merge keys and tags are not read; drop the tag`},
		{"second document", "tools: {a: {}}\n---\ntools: {b: {}}\n", `2:1: there is a second document; keep one`},
		{"empty file", "", `1:1: the policy is empty; write at least`},
		{"spaces", " \n\n", `1:1: the policy is empty`},
		{"comments", "# nothing\n", `1:1: the policy is empty`},
		{"empty mapping", "{}", `1:1: the policy is empty`},
		{"null", "null\n", `1:1: a policy is a mapping, and this is null (nothing)`},
		{"names nothing", "base: {all_scopes: [x]}\n", `1:1: the policy names no tool, prompt or resource; name them, or write unlisted: base`},
		{"names nothing and denies", "base: {}\nunlisted: deny\n", `1:1: the policy names no tool, prompt or resource`},
		{"list", "- a\n", `1:1: a policy is a mapping, and this is a list`},
		{"text", "hello\n", `1:1: a policy is a mapping, and this is text`},
		{"tab", "tools:\n\ta: {}\n", `policy.yaml:2: this is not YAML: found character that cannot start any token; correct it; indentation is with spaces`},
		{"not closed", "tools: {a: {}\n", `this is not YAML: `},
		{"too deep", "tools: " + strings.Repeat("[", 9) + strings.Repeat("]", 9), `the values are nested too deep`},
		{"not UTF-8", "tools: {a: {}}\n# \xff\n", `2:3: the file is not UTF-8; save it as UTF-8`},
		{"UTF-16", "\xff\xfet\x00o\x00", `1:1: the file is not UTF-8`},
		{"control character", "tools: {a: {}}\x00", `1:15: there is the control character U+0000`},
		{"too large", "#" + strings.Repeat("a", policyfile.MaxSize), `policy.yaml: the file is larger than 256 KiB`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			refused(t, "policy.yaml", tt.text, tt.want)
		})
	}
}

func TestEveryFaultOfJSONHasItsPlaceAndCure(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"key twice", "{\"tools\": {\"a\": {\"any_role\": [\"x\"]},\n \"\\u0061\": {}}}", `2:2: "a" is there twice, first on line 1`},
		{"key in another case", `{"tools": {"a": {}}, "Tools": {"b": {}}}`, `1:22: the key "Tools" is not known; write tools`},
		{"null", `{"tools": {"a": null}}`, `1:17: a rule is a mapping, and this is null (nothing)`},
		{"text for a list", `{"tools": {"a": {"any_role": "x"}}}`, `1:30: a list is wanted, and this is text`},
		{"number", `{"tools": {"a": {"public": 1}}}`, `1:28: true or false is wanted, and this is a number`},
		{"word twice", `{"tools": {"a": {"any_role": ["x", "x"]}}}`, `1:36: "x" is in the list twice`},
		{"half a character", `{"tools": {"a\ud800": {}}}`, `1:12: "a�" has characters that can't be seen`},
		{"comment", "{\n  // who\n}", `2:3: this is not JSON: invalid character '/'`},
		{"comma at the end", "{\"tools\": {\"a\": {}},\n}", `2:1: this is not JSON: `},
		{"single quotes", `{'tools': {}}`, `1:2: this is not JSON: `},
		{"ends early", `{"tools": {`, `this is not JSON: it ends early; correct it`},
		{"something follows", "{\"tools\": {\"a\": {}}}\n{}", `2:1: something follows the policy; keep one value`},
		{"a bracket follows", `{"tools": {"a": {}}}]`, `1:21: something follows the policy`},
		{"YAML", "tools: {a: {}}", `1:1: this is not JSON: `},
		{"empty", "", `1:1: the policy is empty`},
		{"empty object", "{}", `1:1: the policy is empty`},
		{"too deep", `{"tools": ` + strings.Repeat("[", 100000) + "}", `the values are nested too deep`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			refused(t, "policy.json", tt.text, tt.want)
		})
	}
	refused(t, "policy.toml", "[tools]", "policy.toml: the name says neither YAML nor JSON; name it .yaml, .yml or .json")
}

// refused wants an error with that text, made of faults, and the zero policy.
func refused(t *testing.T, name, text, want string) {
	t.Helper()
	p, err := policyfile.Parse(name, []byte(text))
	var fault *policyfile.Error
	if err == nil || !errors.As(err, &fault) || fault.Problem == "" || fault.Cure == "" {
		t.Fatalf("%v, want %s", err, want)
	}
	if !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), name) {
		t.Errorf("%v\nwant %s", err, want)
	}
	if !reflect.DeepEqual(p, authlib.Policy{}) {
		t.Errorf("a policy came with the error: %+v", p)
	}
}

func TestAllFaultsAreReportedInOrder(t *testing.T) {
	_, err := policyfile.Parse("p.yaml", []byte("tools:\n  a: {rolle: [x]}\n  b:\n  c: {any_role: x}\nbase: {public: true}\n"))
	if err == nil {
		t.Fatal("no error")
	}
	var places []string
	for _, line := range strings.Split(err.Error(), "\n") {
		places = append(places, strings.Join(strings.SplitN(line, ":", 4)[1:3], ":"))
	}
	if got := strings.Join(places, " "); got != "2:7 3:5 4:17 5:7" {
		t.Errorf("%s\n%v", got, err)
	}
	_, err = policyfile.Parse("p.yaml", []byte("tools:\n"+strings.Repeat("  1: {}\n", 5000)))
	if err == nil || strings.Count(err.Error(), "\n") != 19 {
		t.Errorf("5000 faults: %v", err)
	}
}

// A file that is not a policy may hold secrets: none of its values is shown.
func TestErrorsShowNoValues(t *testing.T) {
	const secret = "hunter2hunter2"
	for _, text := range []string{secret, "password: " + secret, "tools: " + secret, "tools: {a: " + secret + "}", "unlisted: " + secret, "base: {public: " + secret + "}", "base: {all_scopes: " + secret + "}"} {
		for _, name := range []string{"a.yaml", "a.json"} {
			if _, err := policyfile.Parse(name, []byte(text)); err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}

// What bombs of YAML are made of is refused before anything is expanded.
func TestBombsOfAliasesAreNotExpanded(t *testing.T) {
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
	for i := range 20 {
		ref := "*a" + string(rune('0'+i%10))
		bomb += "b" + string(rune('a'+i)) + ": &a" + string(rune('0'+(i+1)%10)) + " [" + strings.Repeat(ref+",", 9) + "]\n"
	}
	refused(t, "policy.yaml", bomb, "anchors, aliases, merge keys and tags are not read")
}

func TestPoliciesThatAFileCannotSay(t *testing.T) {
	for want, p := range map[string]authlib.Policy{
		"the policy is empty":                    {},
		"names no tool, prompt or resource":      {Base: wholePolicy.Base},
		"can't be seen":                          {Tools: map[string]authlib.Rule{"a\x00": {}}},
		"begins or ends with a space":            {Tools: map[string]authlib.Rule{" a": {}}},
		"public and demands something":           {Tools: map[string]authlib.Rule{"a": {Public: true, AnyRole: []string{"x"}}}},
		"is in the list twice":                   {Tools: map[string]authlib.Rule{"a": {AnyRole: []string{"x", "x"}}}},
		"base can't be public":                   {Base: authlib.Rule{Public: true}, Unlisted: authlib.UnlistedBase},
		"the file would say something else":      {Tools: map[string]authlib.Rule{"a": {}}, Unlisted: 7},
		"no role gives the permission":           {Tools: map[string]authlib.Rule{"a": {AnyPermission: []string{"x:y"}}}},
		"the list is empty":                      {Tools: map[string]authlib.Rule{"a": {}}, RolePermissions: map[string][]string{"r": {}}},
		"Policy.Implies goes round in a circle":  {Tools: map[string]authlib.Rule{"a": {}}, Implies: map[string][]string{"x": {"y"}, "y": {"x"}}},
		"a name is longer than 1000 bytes":       {Tools: map[string]authlib.Rule{strings.Repeat("a", 1001): {}}},
		"the name of the file is not checked so": {Tools: map[string]authlib.Rule{"a": {}}, Unlisted: authlib.UnlistedBase},
	} {
		out, err := policyfile.Marshal(p)
		if want == "the name of the file is not checked so" {
			if err != nil {
				t.Errorf("a good policy: %v", err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) || out != nil {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

// asJSON says the same as a YAML file of Marshal in JSON.
func asJSON(t testing.TB, p authlib.Policy) []byte {
	t.Helper()
	rule := func(r authlib.Rule) map[string]any {
		m := map[string]any{}
		for key, list := range map[string][]string{
			"all_scopes": r.AllScopes, "any_scope": r.AnyScope, "any_role": r.AnyRole, "any_permission": r.AnyPermission, "any_issuer": r.AnyIssuer,
		} {
			if len(list) > 0 {
				m[key] = list
			}
		}
		if r.Public {
			m["public"] = true
		}
		return m
	}
	m := map[string]any{"base": rule(p.Base), "unlisted": map[authlib.Unlisted]string{authlib.UnlistedDeny: "deny", authlib.UnlistedBase: "base"}[p.Unlisted]}
	for key, rules := range map[string]map[string]authlib.Rule{"tools": p.Tools, "prompts": p.Prompts, "resources": p.Resources} {
		section := map[string]any{}
		for name, r := range rules {
			section[name] = rule(r)
		}
		if len(section) > 0 {
			m[key] = section
		}
	}
	for key, table := range map[string]map[string][]string{"implies": p.Implies, "roles": p.RolePermissions} {
		if len(table) > 0 {
			m[key] = table
		}
	}
	out, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestNamesHavePlaces(t *testing.T) {
	got, err := policyfile.Names("p.yaml", []byte("prompts: {p: {}}\ntools:\n  b: {}\n  \"a\": {any_role: [x]}\nresources:\n  n://é: {}\n"))
	want := []policyfile.Name{{"prompt", "p", 1, 11}, {"tool", "b", 3, 3}, {"tool", "a", 4, 3}, {"resource", "n://é", 6, 3}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := policyfile.Names("p.yaml", []byte("tools: {}")); err == nil || got != nil {
		t.Errorf("of a bad file: %v, %v", got, err)
	}
}

// Each permission that no role gives is found, wherever it stands among others.
func TestEveryPermissionThatNoRoleGivesIsFound(t *testing.T) {
	text := "roles: {r: [\"ok:*\"]}\ntools:\n"
	for i := range 40 {
		word := "ok:x"
		if i%7 == 3 {
			word = "bad:x"
		}
		text += "  t" + strconv.Itoa(i) + ": {any_permission: [\"" + word + "\"]}\n"
	}
	_, err := policyfile.Parse("p.yaml", []byte(text))
	if err == nil {
		t.Fatal("no error")
	}
	var lines []string
	for _, line := range strings.Split(err.Error(), "\n") {
		lines = append(lines, strings.Split(line, ":")[1])
	}
	if got := strings.Join(lines, " "); got != "6 13 20 27 34 41" {
		t.Errorf("%s\n%v", got, err)
	}
}

// A reader of YAML begins a line at more characters than most editors do. What a person
// sees at the end of a comment must not be a rule, nor in another order than it is in.
func TestNoRuleHidesInAComment(t *testing.T) {
	for _, c := range []string{"\r", "\u0085", "\u2028", "\u2029", "\u202e", "\u2066", "\u200f", "\u009b", "\ufeff"} {
		at := fmt.Sprintf("2:18: there is the control character %U; take it out", []rune(c)[0])
		refused(t, "policy.yaml", "tools:\n  write: {} # see"+c+"  delete: {public: true}\n", at)
		refused(t, "policy.json", "{\"tools\":\n{\"write\": {      "+c+"}}}", at)
	}
	if _, err := policyfile.Parse("policy.yaml", []byte("\ufefftools: # für alle, 日本語 👩‍💻\r\n  a: {}\r\n")); err != nil {
		t.Errorf("a comment in any language: %v", err)
	}
}
