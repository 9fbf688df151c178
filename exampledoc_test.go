package mcpmigrate_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"
)

// forTests are packages whose functions take a *testing.T, so that no example can call
// them: the tests of the stores show their use.
var forTests = []string{"authlib/session/storetest", "authlib/session/redisstore/redistest"}

// Every package has examples, and every example is run: one that is only compiled shows
// what nobody knows to work.
func TestExamplesAreRun(t *testing.T) {
	for dir := range publicPackages(t) {
		list := examples(t, dir)
		if len(list) == 0 && !slices.Contains(forTests, dir) {
			t.Errorf("%s has no example", dir)
		}
		for _, e := range list {
			if e.Output == "" && !e.EmptyOutput {
				t.Errorf("%s: Example%s has no output, and so is never run", dir, e.Name)
			}
		}
	}
}

// Each way to use the library has an example.
func TestEveryWayOfUseHasAnExample(t *testing.T) {
	have := map[string]bool{}
	for dir := range publicPackages(t) {
		for _, e := range examples(t, dir) {
			have[dir+" "+e.Name] = true
		}
	}
	for way, example := range map[string]string{
		"a guard before any handler":          "authlib ",
		"a policy":                            "authlib Policy",
		"a policy in a file":                  "authlib/policyfile LoadFS",
		"several kinds of credential":         "authlib ByPrefix",
		"several issuers":                     "authlib ByIssuer",
		"metrics":                             "authlib Observer",
		"OpenTelemetry":                       "authlib/otelauth New",
		"readiness":                           "authlib Readiness",
		"stdio":                               "authlib Guard_AuthenticateStdio",
		"mcp-go behind a mux":                 "authlib/mcpgo ",
		"mcp-go's Start":                      "authlib/mcpgo Guard_At",
		"mcp-go over SSE":                     "authlib/mcpgo Guard_AtSSE",
		"mcp-go over stdio":                   "authlib/mcpgo Guard_Stdio",
		"a rule beside an mcp-go handler":     "authlib/mcpgo Require",
		"go-sdk behind a mux":                 "authlib/gosdk ",
		"go-sdk over stdio":                   "authlib/gosdk Guard_Stdio",
		"a rule beside a go-sdk handler":      "authlib/gosdk Require",
		"a rule beside a typed handler":       "authlib/gosdk RequireFor",
		"tokens of another server":            "authlib/jwtauth New",
		"introspection":                       "authlib/jwtauth NewIntrospection",
		"API keys":                            "authlib/apikey ",
		"sign-in":                             "authlib/broker New",
		"sign-in at one of several providers": "authlib/broker New_severalProviders",
		"who may sign in":                     "authlib/broker AllowRules",
		"roles":                               "authlib/broker RoleRules",
		"machines and companies' issuers":     "authlib/broker Machine",
		"signing a user out":                  "authlib/broker Broker_Revoke",
		"the provider's API in a handler":     "authlib/broker FromContext",
		"data of users":                       "authlib/userdata New",
		"GitHub":                              "authlib/provider/github New",
		"Google":                              "authlib/provider/google New",
		"OpenID Connect":                      "authlib/provider/oidc New",
		"development":                         "authlib/provider/dev New",
		"a provider of one's own":             "authlib/provider ",
		"sealed records":                      "authlib/session Seal",
		"a change of keys":                    "authlib/session ParseKeys",
		"memory":                              "authlib/session/memstore New",
		"files":                               "authlib/session/filestore Open",
		"Redis":                               "authlib/session/redisstore Open",
		"a test of one's own server, mcp-go":  "authlib/authtest _mcpgo",
		"a test of one's own server, go-sdk":  "authlib/authtest _gosdk",
	} {
		if !have[example] {
			t.Errorf("%s: there is no example %q", way, example)
		}
	}
}

func examples(t *testing.T, dir string) []*doc.Example {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return doc.Examples(files...)
}
