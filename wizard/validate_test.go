package wizard

import (
	"strings"
	"testing"
)

// weather is a server with two tools and one whose name is made at run time.
func weather() Facts {
	return Facts{Module: "example.com/m", Servers: []ServerFact{
		{ID: "s", Place: "main.go:10", Transports: []TransportFact{{Kind: "streamable-http", Verdict: "unprotected"}}, Tools: []ToolFact{
			{Name: "get_weather", ReadOnly: true, Place: "main.go:12"}, {Name: "delete_all", Destructive: true, Place: "main.go:14"}, {Dynamic: true}}},
		{ID: "local", Transports: []TransportFact{{Kind: "stdio"}}, Tools: []ToolFact{{Name: "local_only"}}},
	}}
}

// valid are complete answers that nothing is wrong with.
func valid() Answers {
	return Complete(Answers{Provider: []string{"github"}, Allow: []string{"user:octocat", "org:acme"}}, weather())
}

func TestValidateAccepts(t *testing.T) {
	for name, change := range map[string]func(*Answers){
		"as it is":      func(*Answers) {},
		"dev":           func(a *Answers) { a.Provider, a.Allow = []string{"dev"}, nil },
		"anyone":        func(a *Answers) { a.Allow = []string{"anyone"} },
		"managed user":  func(a *Answers) { a.Allow = []string{"user:octo_acme"} },
		"public":        func(a *Answers) { a.Requirement, a.Public = "optional", []string{"get_*"} },
		"tool scopes":   func(a *Answers) { a.ToolScopes = map[string][]string{"delete_*": {"admin:all"}} },
		"server":        func(a *Answers) { a.Servers = []string{"s"} },
		"localhost url": func(a *Answers) { a.ResourceURL = "http://127.0.0.1:8080/mcp" },
		"url":           func(a *Answers) { a.ResourceURL = "https://mcp.example.com/mcp" },
		"authlib dir":   func(a *Answers) { a.AuthlibDir = "pkg/auth" },
		"packages":      func(a *Answers) { a.AuthlibPackages = []string{"policyfile", "provider/github"} },
		"google": func(a *Answers) {
			a.Provider, a.Allow = []string{"google"}, []string{"user:ada@example.com", "org:example.com", "domain:example.com"}
		},
		"oidc": func(a *Answers) {
			a.Provider, a.Allow, a.Issuer = []string{"oidc"}, []string{"domain:example.com"}, "https://login.example.com/realms/a"
		},
		"jwt": func(a *Answers) {
			a.Provider, a.Allow, a.Issuer, a.Audience, a.IntrospectionURL = []string{"jwt"}, nil, "http://localhost:8080", "api://x", "http://localhost:8080/i"
		},
		"apikey":     func(a *Answers) { a.Provider, a.Allow = []string{"apikey"}, nil },
		"team":       func(a *Answers) { a.Allow = []string{"org:acme/site-ops"} },
		"tool roles": func(a *Answers) { a.ToolRoles = map[string][]string{"delete_*": {"admin", "team:ops/a"}} },
		"several": func(a *Answers) {
			a.Provider, a.Issuer = []string{"github", "google", "oidc"}, "https://login.acme.com"
			a.Allow = []string{"github:user:octocat", "github:org:acme", "google:domain:acme.com", "oidc:anyone"}
		},
		"several, anyone":     func(a *Answers) { a.Provider, a.Allow = []string{"github", "google"}, []string{"anyone"} },
		"people and programs": func(a *Answers) { a.Provider, a.Allow = []string{"apikey", "github"}, []string{"user:octocat"} },
		"tokens and keys": func(a *Answers) {
			a.Provider, a.Allow, a.Issuer = []string{"jwt", "apikey"}, nil, "https://login.acme.com"
		},
		"dev and keys":              func(a *Answers) { a.Provider, a.Allow = []string{"dev", "apikey"}, nil },
		"the only provider by name": func(a *Answers) { a.Allow = []string{"github:user:octocat", "org:acme"} },
		"stdio": func(a *Answers) {
			a.Provider, a.Allow, a.Stdio, a.Servers = []string{"apikey"}, nil, "token", []string{"local"}
			a.ToolScopes = map[string][]string{"local_only": {"x"}}
		},
		"replace": func(a *Answers) { a.Existing = "replace" },
		"add":     func(a *Answers) { a.Existing = "add" },
	} {
		a := valid()
		change(&a)
		if errs := Validate(a, weather()); len(errs) > 0 {
			t.Errorf("%s: %v", name, errs)
		}
	}
}

func TestValidateRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Answers)
		want   string
	}{
		{"unknown provider", func(a *Answers) { a.Provider = []string{"gihtub"} }, "--provider gihtub: unknown value; did you mean github? known: github, dev, google"},
		{"wild provider", func(a *Answers) { a.Provider = []string{"facebook"} }, "--provider facebook: unknown value; use github, dev, google, oidc, jwt or apikey"},
		{"oidc without issuer", func(a *Answers) { a.Provider, a.Allow = []string{"oidc"}, []string{"anyone"} }, "--issuer: is missing"},
		{"jwt without issuer", func(a *Answers) { a.Provider, a.Allow = []string{"jwt"}, nil }, "--issuer: is missing"},
		{"google, nobody allowed", func(a *Answers) { a.Provider, a.Allow = []string{"google"}, nil }, "--allow: is missing"},
		{"name at google", func(a *Answers) { a.Provider, a.Allow = []string{"google"}, []string{"user:ada"} }, "write user:ada@example.com"},
		{"team at google", func(a *Answers) { a.Provider, a.Allow = []string{"google"}, []string{"org:acme/ops"} }, "a Google organization is known by its domain"},
		{"team of a team", func(a *Answers) { a.Allow = []string{"org:acme/ops/x"} }, "--allow org:acme/ops/x: is not a name"},
		{"user of a team", func(a *Answers) { a.Allow = []string{"user:acme/ops"} }, "--allow user:acme/ops: is not a name"},
		{"org at google", func(a *Answers) { a.Provider, a.Allow = []string{"google"}, []string{"org:acme"} }, "write org:acme.com"},
		{"org at oidc", func(a *Answers) { a.Provider, a.Allow = []string{"oidc"}, []string{"org:acme"} }, "tells no organizations"},
		{"address at github", func(a *Answers) { a.Allow = []string{"user:ada@example.com"} }, "is not a name at GitHub"},
		{"allow at apikey", func(a *Answers) { a.Provider = []string{"apikey"} }, "nobody signs in here with --provider apikey"},
		{"plain issuer", func(a *Answers) { a.Provider, a.Issuer = []string{"jwt"}, "http://login.example.com" }, "--issuer http://login.example.com: is not encrypted"},
		{"issuer with query", func(a *Answers) { a.Provider, a.Issuer = []string{"jwt"}, "https://login.example.com?x" }, "holds a user name, query or fragment"},
		{"introspection that is no URL", func(a *Answers) { a.Provider, a.IntrospectionURL = []string{"jwt"}, "/i" }, "--introspection-url /i: is not an absolute URL"},
		{"audience at oidc", func(a *Answers) { a.Provider, a.Audience = []string{"oidc"}, "x" }, "--audience x: has a meaning only for --provider jwt"},
		{"two providers", func(a *Answers) { a.Provider = []string{"github", "dev"} }, "--provider github,dev: dev lets in whoever sits at this machine"},
		{"one provider twice", func(a *Answers) { a.Provider = []string{"github", "github"} }, "--provider github,github: names github twice"},
		{"jwt and a sign-in", func(a *Answers) { a.Provider, a.Issuer = []string{"github", "jwt"}, "https://login.acme.com" }, "--provider github,jwt: with jwt clients are sent to another authorization server"},
		{"name without provider", func(a *Answers) { a.Provider = []string{"github", "google"} }, "--allow user:octocat: does not say at which provider, and somebody else can have the name at another one; write github:user:octocat"},
		{"address without provider", func(a *Answers) {
			a.Provider, a.Allow = []string{"github", "google"}, []string{"domain:acme.com"}
		}, "write google:domain:acme.com"},
		{"a provider that is not one", func(a *Answers) { a.Allow = []string{"google:domain:acme.com"} }, "--allow google:domain:acme.com: users don't sign in at google; add --provider google, or write one of github"},
		{"a provider whose users are unknown here", func(a *Answers) {
			a.Provider, a.Allow = []string{"github", "apikey"}, []string{"apikey:user:ci"}
		}, "users don't sign in at apikey"},
		{"nobody at one provider", func(a *Answers) {
			a.Provider, a.Allow = []string{"github", "google"}, []string{"github:org:acme"}
		}, "--allow github:org:acme: nobody could sign in at google; add, say, google:anyone"},
		{"what the provider does not know", func(a *Answers) {
			a.Provider, a.Allow = []string{"github", "google"}, []string{"github:domain:acme.com", "google:user:ada"}
		}, "--allow github:domain:acme.com: GitHub accounts belong to no domain; use user:NAME or org:NAME\n--allow google:user:ada: users of google are known by their address"},
		{"anyone of one provider and one", func(a *Answers) {
			a.Provider, a.Allow = []string{"github", "google"}, []string{"github:anyone", "github:org:acme", "google:anyone"}
		}, "github:anyone makes the other entries meaningless"},
		{"typo in the provider", func(a *Answers) {
			a.Provider, a.Allow = []string{"github", "google"}, []string{"gihub:org:acme"}
		}, "--allow gihub:org:acme: unknown kind; did you mean github:org:acme?"},
		{"no provider", func(a *Answers) { a.Provider = nil }, "--provider: is missing"},
		{"unknown store", func(a *Answers) { a.Store = "sql" }, "--store sql: unknown value; use file, memory or redis"},
		{"stdio at github", func(a *Answers) { a.Stdio = "token" }, "--stdio token: with --provider github callers sign in with a browser"},
		{"unknown stdio", func(a *Answers) { a.Stdio = "tokn" }, "did you mean token?"},
		{"unknown existing", func(a *Answers) { a.Existing = "drop" }, "--existing drop: unknown value; use keep, replace or add"},
		{"unknown authlib", func(a *Answers) { a.Authlib = "vendor" }, "--authlib vendor: unknown value; use copy or import"},
		{"unknown secrets", func(a *Answers) { a.Secrets = "vault" }, "--secrets vault: unknown value; use keep or env"},
		{"roles of no tool", func(a *Answers) { a.ToolRoles = map[string][]string{"get_wether": {"x"}} }, "--tool-roles get_wether: matches no tool; did you mean get_weather?"},
		{"role with a sign of MCP_ROLES", func(a *Answers) { a.ToolRoles = map[string][]string{"get_weather": {"a;b"}} }, "--tool-roles a;b: is not a role"},
		{"role with space", func(a *Answers) { a.ToolRoles = map[string][]string{"get_weather": {"a b"}} }, `--tool-roles "a b": is not a role`},
		{"public with roles", func(a *Answers) {
			a.Requirement, a.Public, a.ToolRoles = "optional", []string{"*"}, map[string][]string{"delete_*": {"admin"}}
		}, "--tool-roles delete_*=admin: the tool delete_all is also public, which needs no role"},
		{"issuer", func(a *Answers) { a.Issuer = "https://x" }, "--issuer https://x: has a meaning only"},
		{"no allow", func(a *Answers) { a.Allow = nil }, "--allow: is missing"},
		{"empty allow", func(a *Answers) { a.Allow = []string{} }, "--allow: nobody could sign in"},
		{"bare name", func(a *Answers) { a.Allow = []string{"octocat"} }, "--allow octocat: does not say what it names; write user:octocat, org:octocat or anyone"},
		{"typo in anyone", func(a *Answers) { a.Allow = []string{"anyon"} }, "did you mean anyone?"},
		{"typo in kind", func(a *Answers) { a.Allow = []string{"users:o"} }, "did you mean user:o?"},
		{"at sign", func(a *Answers) { a.Allow = []string{"user:@o"} }, "is not a name"},
		{"no name", func(a *Answers) { a.Allow = []string{"org:"} }, "is not a name"},
		{"injected", func(a *Answers) { a.Allow = []string{"user:a\x1b[2J"} }, `--allow "user:a\x1b[2J": is not a name`},
		{"anyone and one", func(a *Answers) { a.Allow = []string{"anyone", "user:o"} }, "name either anyone or the others"},
		{"domain at github", func(a *Answers) { a.Allow = []string{"domain:acme.com"} }, "GitHub accounts belong to no domain"},
		{"no domain", func(a *Answers) { a.Allow = []string{"domain:acme"} }, "is not a domain name"},
		{"org at dev", func(a *Answers) { a.Provider, a.Allow = []string{"dev"}, []string{"org:acme"} }, "the dev provider knows user names only"},
		{"public, required", func(a *Answers) { a.Public = []string{"get_weather"} }, "--public get_weather: with --requirement required"},
		{"optional, nothing public", func(a *Answers) { a.Requirement = "optional" }, "--requirement optional: nothing is public"},
		{"public typo", func(a *Answers) { a.Requirement, a.Public = "optional", []string{"get_wether"} },
			"--public get_wether: matches no tool; did you mean get_weather? tools found: delete_all, get_weather"},
		{"glob on nothing", func(a *Answers) { a.Requirement, a.Public = "optional", []string{"put_*"} }, "--public put_*: matches no tool; tools found: delete_all, get_weather; tools whose names are made at run time follow --unlisted"},
		{"tool of another server", func(a *Answers) { a.ToolScopes = map[string][]string{"local_only": {"x"}} }, "--tool-scopes local_only: matches no tool"},
		{"public with scopes", func(a *Answers) {
			a.Requirement, a.Public, a.ToolScopes = "optional", []string{"*"}, map[string][]string{"delete_*": {"admin"}}
		}, "--tool-scopes delete_*=admin: the tool delete_all is also public"},
		{"scope with space", func(a *Answers) { a.Scopes = []string{"a b"} }, `--scopes "a b": is not a scope`},
		{"scope with quote", func(a *Answers) { a.ToolScopes = map[string][]string{"delete_all": {`a"`}} }, "is not a scope"},
		{"unknown server", func(a *Answers) { a.Servers = []string{"x"} }, "--server x: no such server; servers found: s, local"},
		{"stdio server", func(a *Answers) { a.Servers = []string{"local"} }, "--server local: it is not served over HTTP, so there is nothing to protect; leave it out, or add --stdio token"},
		{"relative url", func(a *Answers) { a.ResourceURL = "mcp.example.com" }, "is not an absolute URL"},
		{"plain http", func(a *Answers) { a.ResourceURL = "http://mcp.example.com/mcp" }, "is not encrypted"},
		{"fragment", func(a *Answers) { a.ResourceURL = "https://mcp.example.com/mcp#x" }, "holds a user name, query or fragment"},
		{"public dev", func(a *Answers) {
			a.Provider, a.Allow, a.ResourceURL = []string{"dev"}, nil, "https://mcp.example.com/mcp"
		}, "works on this machine only"},
		{"dir outside", func(a *Answers) { a.AuthlibDir = "../x" }, "--authlib-dir ../x: is not a plain relative path"},
		{"absolute dir", func(a *Answers) { a.AuthlibDir = "/x" }, "is not a plain relative path"},
		{"ignored dir", func(a *Answers) { a.AuthlibDir = "internal/testdata" }, "holds a folder that the go command ignores"},
		{"unknown package", func(a *Answers) { a.AuthlibPackages = []string{"policyfile", "polices"} }, "--authlib-packages polices: unknown value; use policyfile, otelauth, authtest, userdata,"},
		{"misspelt package", func(a *Answers) { a.AuthlibPackages = []string{"policyfiles"} }, "--authlib-packages policyfiles: unknown value; did you mean policyfile? known: policyfile, otelauth,"},
		{"an adapter as package", func(a *Answers) { a.AuthlibPackages = []string{"mcpgo"} }, "--authlib-packages mcpgo: unknown value"},
		{"module root", func(a *Answers) { a.AuthlibDir = "." }, "is not a plain relative path"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := valid()
			c.change(&a)
			var all []string
			for _, err := range Validate(a, weather()) {
				all = append(all, err.Error())
			}
			if got := strings.Join(all, "\n"); !strings.Contains(got, c.want) {
				t.Errorf("got %q, want it to contain %q", got, c.want)
			}
		})
	}
}

// TestValuesAreCheckedBeforeTheProgramIsRead makes sure that missing answers are
// no fault yet, and that wrong ones are.
func TestValuesAreCheckedBeforeTheProgramIsRead(t *testing.T) {
	if errs := ValidateValues(Answers{}); len(errs) > 0 {
		t.Errorf("nothing given: %v", errs)
	}
	if errs := ValidateValues(Answers{Public: []string{"x"}}); len(errs) > 0 {
		t.Errorf("--requirement may still be answered: %v", errs)
	}
	if errs := ValidateValues(Answers{Public: []string{"x"}, Requirement: "required"}); len(errs) != 1 {
		t.Errorf("--public with --requirement required: %v", errs)
	}
}

func TestNotesNameWritingToolsThatBecomePublic(t *testing.T) {
	a := valid()
	a.Requirement, a.Public = "optional", []string{"*"}
	notes := Notes(a, weather())
	if len(notes) != 1 || !strings.HasPrefix(notes[0], "main.go:14: tool delete_all") {
		t.Errorf("notes: %v", notes)
	}
}

func TestNotesNameAnswersWithoutEffect(t *testing.T) {
	a := valid()
	a.Existing, a.Servers = "add", []string{"s"}
	if notes := Notes(a, weather()); len(notes) != 1 || !strings.Contains(notes[0], "--existing add has no effect") {
		t.Errorf("without a check: %q", notes)
	}
	a = Answers{Provider: []string{"apikey"}, Stdio: "token", Servers: []string{"s"}}
	if notes := Notes(a, weather()); len(notes) != 1 || !strings.Contains(notes[0], "--stdio token has no effect") {
		t.Errorf("without stdio: %q", notes)
	}
	a.Servers = nil
	if notes := Notes(a, weather()); len(notes) != 0 {
		t.Errorf("with stdio: %q", notes)
	}
}

// Where nobody signs in nothing is stored: a store is neither asked for nor
// recorded, and one that is named is noted.
func TestNoStoreWithoutSignIn(t *testing.T) {
	a := Answers{Provider: []string{"apikey"}}
	for _, q := range Open(a, weather()) {
		if q.Flag == "store" || q.Flag == "allow" || q.Flag == "issuer" {
			t.Errorf("--%s is asked", q.Flag)
		}
	}
	a = Complete(a, weather())
	if len(a.Allow) > 0 || Recorded(a).Store != "" {
		t.Errorf("allow %v, recorded store %q", a.Allow, Recorded(a).Store)
	}
	a.Store = "memory"
	if notes := Notes(a, weather()); len(notes) != 1 || !strings.Contains(notes[0], "--store memory has no effect") {
		t.Errorf("notes %q", notes)
	}
	a.Provider = []string{"oidc"}
	if got := Open(a, weather()); !slicesContain(got, "issuer") {
		t.Error("--issuer is not asked")
	}
}

func slicesContain(questions []Question, flag string) bool {
	for _, q := range questions {
		if q.Flag == flag {
			return true
		}
	}
	return false
}
