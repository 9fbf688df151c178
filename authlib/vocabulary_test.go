package authlib

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// hierarchy is a policy in which broader scopes include narrower ones.
func hierarchy(c *Config) {
	c.Policy = Policy{
		Base: Rule{AllScopes: []string{"read"}},
		Tools: map[string]Rule{
			"look":   {},
			"change": {AllScopes: []string{"write"}},
			"manage": {AllScopes: []string{"admin"}},
			"either": {AnyScope: []string{"write", "billing"}},
			"mixed":  {AllScopes: []string{"billing"}, AnyScope: []string{"write", "admin"}},
		},
		Implies: map[string][]string{"admin": {"write"}, "owner": {"admin", "billing"}, "write": {"read"}},
	}
}

func TestABroaderScopeSatisfiesANarrowerDemand(t *testing.T) {
	g := newGuard(t, hierarchy)
	for _, tt := range []struct{ scopes, tools string }{
		{"read", "look"},
		{"write", "change either look"},
		{"admin", "change either look manage"},
		{"owner", "change either look manage mixed"},
		{"billing", ""}, // nothing says that it includes reading
		{"billing read", "either look"},
		{"Admin", ""},
		{"admins", ""},
		{"", ""},
	} {
		p := &Principal{Subject: "u", Scopes: strings.Fields(tt.scopes)}
		var may []string
		for _, tool := range []string{"change", "either", "look", "manage", "mixed"} {
			if g.Authorize(context.Background(), p, Operation{"tools/call", tool}) == nil {
				may = append(may, tool)
			}
		}
		if got := strings.Join(may, " "); got != tt.tools {
			t.Errorf("with %q: %s, want %s", tt.scopes, got, tt.tools)
		}
	}
}

// A challenge asks for the fewest scopes that are enough, and for no broader one
// than is demanded.
func TestAChallengeAsksForNoMoreThanIsNeeded(t *testing.T) {
	g := newGuard(t, func(c *Config) {
		hierarchy(c)
		c.Policy.Tools["twice"] = Rule{AllScopes: []string{"write", "admin"}, AnyScope: []string{"read", "x"}}
		c.Policy.Tools["offline"] = Rule{AllScopes: []string{"offline_access"}}
	})
	for _, tt := range []struct{ scopes, tool, ask, missing string }{
		{"", "look", "read", "read"},
		{"read", "change", "write", "write"}, // which includes what Base demands
		{"", "manage", "admin", "admin"},
		{"write", "manage", "admin", "admin"},
		{"", "either", "write", "write"},
		{"read", "either", "write", "write"},
		{"billing", "either", "read billing", "read"}, // the alternative that is there already
		{"", "twice", "admin", "admin"},
		{"admin", "mixed", "billing write", "billing"},
		{"read", "offline", "read offline_access", "offline_access"},
	} {
		p := &Principal{Subject: "u", Scopes: strings.Fields(tt.scopes)}
		var d *DeniedError
		if err := g.Authorize(context.Background(), p, Operation{"tools/call", tt.tool}); !errors.As(err, &d) {
			t.Errorf("%s with %q is allowed", tt.tool, tt.scopes)
			continue
		}
		if ask, missing := strings.Join(d.Scopes, " "), strings.Join(d.Missing, " "); ask != tt.ask || missing != tt.missing {
			t.Errorf("%s with %q: asks for %q, misses %q; want %q, %q", tt.tool, tt.scopes, ask, missing, tt.ask, tt.missing)
		}
	}
}

func TestTheChallengeOverHTTPKnowsTheHierarchy(t *testing.T) {
	g := newGuard(t, hierarchy)
	for tool, want := range map[string]string{"change": `scope="write"`, "manage": `scope="admin"`} {
		w := httptest.NewRecorder()
		g.Protect(record(&seen{})).ServeHTTP(w, post(call("tools/call", `{"name":"`+tool+`"}`), as("alice")...))
		if h := w.Header().Get("WWW-Authenticate"); w.Code != http.StatusForbidden || !strings.HasSuffix(h, want) {
			t.Errorf("%s: %d %s", tool, w.Code, h)
		}
	}
	w := httptest.NewRecorder()
	g.Protect(record(&seen{})).ServeHTTP(w, post(call("tools/call", `{"name":"change"}`), as("admin")...))
	if w.Code != http.StatusOK {
		t.Errorf("with write: %d %s", w.Code, w.Body)
	}
}

// What a permission with a star gives, and above all what it doesn't.
func TestPermissionWildcards(t *testing.T) {
	for _, tt := range []struct {
		given, demanded string
		want            bool
	}{
		{"notes:read", "notes:read", true},
		{"notes:*", "notes:read", true},
		{"notes:*", "notes:read:own", true},
		{"notes:read:*", "notes:read:own", true},
		{"*", "notes:read", true},
		{"*", "*", true},
		{"*", "notes:*", true},
		{"notes:*", "notes:*", true},
		{"notes:*", "notes:read:*", true},

		{"notes:read", "notes:write", false},
		{"notes:read", "notes:read:own", false}, // nothing stands for more without a star
		{"notes:read:own", "notes:read", false},
		{"notes:*", "notes", false},
		{"notes:*", "notesx:read", false},
		{"notes:*", "admin:notes:read", false},
		{"notes:read:*", "notes:write:own", false},
		{"notes:read:*", "notes:read", false},
		{"notes:read", "notes:*", false}, // one is not all
		{"notes:*", "*", false},
		{"notes:read", "*", false},
		{"Notes:read", "notes:read", false},
	} {
		g := newGuard(t, func(c *Config) {
			c.Policy = Policy{RolePermissions: map[string][]string{"r": {tt.given}, "all": {"*"}}, Tools: map[string]Rule{"t": {AnyPermission: []string{tt.demanded}}}}
		})
		err := g.Authorize(context.Background(), &Principal{Subject: "u", Roles: []string{"r"}}, Operation{"tools/call", "t"})
		if (err == nil) != tt.want || err != nil && !errors.Is(err, ErrForbidden) {
			t.Errorf("a role with %q, demanded %q: %v", tt.given, tt.demanded, err)
		}
		if g.admit(&Principal{Roles: []string{"r"}}).HasPermission(tt.demanded) != tt.want {
			t.Errorf("HasPermission(%q) with %q is %v", tt.demanded, tt.given, !tt.want)
		}
	}
}

// Permissions come from roles only: not from scopes, claims or names of roles that
// say the same.
func TestNobodyGivesThemselvesPermissions(t *testing.T) {
	g := newGuard(t, func(c *Config) {
		c.Policy = Policy{RolePermissions: map[string][]string{"editor": {"notes:write"}}, Tools: map[string]Rule{"t": {AnyPermission: []string{"notes:write"}}}}
	})
	for _, p := range []*Principal{
		{Scopes: []string{"*", "notes:write", "notes:*", "editor"}},
		{Roles: []string{"*", "notes:write", "notes:*", "Editor", "editor "}},
		{Claims: map[string]any{"permissions": []any{"*"}, "roles": []any{"editor"}}},
		{Username: "editor", ClientID: "editor"},
	} {
		p.Issuer, p.Subject = "https://id.example.com", "mallory"
		if err := g.Authorize(context.Background(), p, Operation{"tools/call", "t"}); !errors.Is(err, ErrForbidden) {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

func TestARuleCanNameTheIssuer(t *testing.T) {
	g := newGuard(t, func(c *Config) {
		c.Policy = Policy{Tools: map[string]Rule{
			"repos": {AnyIssuer: []string{"https://github.com"}, AllScopes: []string{"repo"}},
			"any":   {AnyIssuer: []string{"https://github.com", "https://accounts.google.com"}},
		}}
	})
	for _, tt := range []struct {
		issuer, scope, tool string
		want                error
	}{
		{"https://github.com", "repo", "repos", nil},
		{"https://github.com", "", "repos", ErrInsufficientScope},
		{"https://accounts.google.com", "repo", "repos", ErrForbidden},
		{"https://accounts.google.com", "", "repos", ErrForbidden}, // no scope would help
		{"https://accounts.google.com", "", "any", nil},
		{"https://github.com/", "repo", "repos", ErrForbidden},
		{"https://GitHub.com", "repo", "repos", ErrForbidden},
		{"https://github.com.evil.example", "repo", "any", ErrForbidden},
		{"", "repo", "any", ErrForbidden},
	} {
		p := &Principal{Issuer: tt.issuer, Subject: "https://github.com", Scopes: strings.Fields(tt.scope)}
		if err := g.Authorize(context.Background(), p, Operation{"tools/call", tt.tool}); !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s of %q with %q: %v, want %v", tt.tool, tt.issuer, tt.scope, err, tt.want)
		}
	}
}

// A role, a permission and an issuer that are missing are answered like a tool that
// does not exist.
func TestRefusalsWithoutACureLookAlike(t *testing.T) {
	g := newGuard(t, func(c *Config) {
		c.Policy = Policy{
			Tools: map[string]Rule{
				"r": {AnyRole: []string{"ops"}}, "p": {AnyPermission: []string{"notes:write"}}, "i": {AnyIssuer: []string{"https://other.example.com"}},
			},
			RolePermissions: map[string][]string{"ops": {"notes:*"}},
		}
	})
	var answers []string
	for _, tool := range []string{"r", "p", "i", "unknown"} {
		w := httptest.NewRecorder()
		g.Protect(record(&seen{})).ServeHTTP(w, post(call("tools/call", `{"name":"`+tool+`"}`), as("alice")...))
		answers = append(answers, w.Result().Status+w.Header().Get("WWW-Authenticate")+w.Body.String())
	}
	if slices.Sort(answers); len(slices.Compact(answers)) != 1 {
		t.Errorf("%q", answers)
	}
}

// Handlers learn from the caller what the guard decides by. The verifier's principal,
// which other guards may share, stays as it was.
func TestTheCallerKnowsThePolicysWords(t *testing.T) {
	shared := &Principal{Issuer: "https://id.example.com", Subject: "alice", Scopes: []string{"admin"}, Roles: []string{"editor"}}
	g := newGuard(t, func(c *Config) {
		hierarchy(c)
		c.Policy.RolePermissions = map[string][]string{"editor": {"notes:*"}}
		c.Verifier = fixed{shared}
	})
	var p *Principal
	h := g.Protect(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { p, _ = FromContext(r.Context()) }))
	h.ServeHTTP(httptest.NewRecorder(), post(call("tools/call", `{"name":"look"}`), as("alice")...))
	stdio, err := g.AuthenticateStdio(context.Background(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	local, _ := StdioPrincipal(stdio)
	for _, p := range []*Principal{p, local, p.Clone()} {
		if !p.HasScope("read") || p.HasScope("billing") || !p.HasPermission("notes:write") || p.HasPermission("users:write") {
			t.Errorf("%+v: read %v, notes:write %v", p, p.HasScope("read"), p.HasPermission("notes:write"))
		}
	}
	if shared.HasScope("read") || shared.HasPermission("notes:write") || !shared.HasScope("admin") {
		t.Error("the verifier's own principal has been changed")
	}
}

func TestThePolicysWordsAreCopied(t *testing.T) {
	roles, implies := map[string][]string{"r": {"a:b"}}, map[string][]string{"write": {"read"}}
	rule := Rule{AnyPermission: []string{"a:b"}, AnyIssuer: []string{"https://github.com"}}
	g := newGuard(t, func(c *Config) {
		c.Policy = Policy{Tools: map[string]Rule{"t": rule}, RolePermissions: roles, Implies: implies}
	})
	for _, q := range []Policy{{Tools: map[string]Rule{"t": rule}, RolePermissions: roles, Implies: implies}, g.Policy()} {
		q.Tools["t"].AnyPermission[0], q.Tools["t"].AnyIssuer[0] = "x:y", "https://evil.example"
		q.RolePermissions["r"][0], q.Implies["write"][0] = "*", "x"
	}
	if p := g.Policy(); p.Tools["t"].AnyPermission[0] != "a:b" || p.Tools["t"].AnyIssuer[0] != "https://github.com" ||
		p.RolePermissions["r"][0] != "a:b" || p.Implies["write"][0] != "read" {
		t.Errorf("%+v", p)
	}
}

func TestNewRefusesWordsThatMeanNothing(t *testing.T) {
	role := map[string][]string{"r": {"a:b"}}
	for want, p := range map[string]Policy{
		`"a" implies itself`:                                {Implies: map[string][]string{"a": {"a"}}},
		`"b" implies itself`:                                {Implies: map[string][]string{"a": {"b"}, "b": {"c"}, "c": {"b", "d"}}},
		`"a" implies nothing`:                               {Implies: map[string][]string{"a": {}}},
		`has the scope "a b"`:                               {Implies: map[string][]string{"a b": {"c"}}},
		`has the scope ""`:                                  {Implies: map[string][]string{"a": {""}}},
		`has offline_access`:                                {Implies: map[string][]string{"offline_access": {"a"}}},
		`gives the role "r" no permission`:                  {RolePermissions: map[string][]string{"r": nil}},
		`a role without a name`:                             {RolePermissions: map[string][]string{"": {"a:b"}}},
		`RolePermissions has the permission "*:read"`:       {RolePermissions: map[string][]string{"r": {"*:read"}}},
		`RolePermissions has the permission "read:*:own"`:   {RolePermissions: map[string][]string{"r": {"read:*:own"}}},
		`RolePermissions has the permission "ad*"`:          {RolePermissions: map[string][]string{"r": {"ad*"}}},
		`RolePermissions has the permission "notes:re*"`:    {RolePermissions: map[string][]string{"r": {"notes:re*"}}},
		`RolePermissions has the permission "**"`:           {RolePermissions: map[string][]string{"r": {"**"}}},
		`RolePermissions has the permission "notes:**"`:     {RolePermissions: map[string][]string{"r": {"notes:**"}}},
		`RolePermissions has the permission "notes:*:*"`:    {RolePermissions: map[string][]string{"r": {"notes:*:*"}}},
		`RolePermissions has the permission "notes:"`:       {RolePermissions: map[string][]string{"r": {"notes:"}}},
		`RolePermissions has the permission ":read"`:        {RolePermissions: map[string][]string{"r": {":read"}}},
		`RolePermissions has the permission "notes::read"`:  {RolePermissions: map[string][]string{"r": {"notes::read"}}},
		`RolePermissions has the permission ""`:             {RolePermissions: map[string][]string{"r": {""}}},
		`RolePermissions has the permission "notes: read"`:  {RolePermissions: map[string][]string{"r": {"notes: read"}}},
		`RolePermissions has the permission "notes\u00e9"`:  {RolePermissions: map[string][]string{"r": {"notesé"}}},
		`tool "t" has the permission "*:b"`:                 {RolePermissions: role, Tools: map[string]Rule{"t": {AnyPermission: []string{"*:b"}}}},
		`the permission "a:c", which no role`:               {RolePermissions: role, Tools: map[string]Rule{"t": {AnyPermission: []string{"a:b", "a:c"}}}},
		`the permission "a:*", which no role`:               {RolePermissions: role, Base: Rule{AnyPermission: []string{"a:*"}}},
		`the permission "a:b", which no role`:               {Resources: map[string]Rule{"x://y": {AnyPermission: []string{"a:b"}}}},
		`prompt "p" demands the issuer "github"`:            {Prompts: map[string]Rule{"p": {AnyIssuer: []string{"github"}}}},
		`Policy.Base demands the issuer ""`:                 {Base: Rule{AnyIssuer: []string{""}}},
		`demands the issuer "https://*.example.com"`:        {Base: Rule{AnyIssuer: []string{"https://*.example.com"}}},
		`demands the issuer "https://a.example\nhttps://b"`: {Base: Rule{AnyIssuer: []string{"https://a.example\nhttps://b"}}},
		`tool "t" is Public and demands something`:          {RolePermissions: role, Tools: map[string]Rule{"t": {Public: true, AnyPermission: []string{"a:b"}}}},
		`tool "u" is Public and demands something`:          {Tools: map[string]Rule{"u": {Public: true, AnyIssuer: []string{"https://github.com"}}}},
	} {
		_, err := New(Config{Resource: resourceURL, Verifier: people, AuthorizationServers: []string{"https://id.example.com"}, Policy: p})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %s; got %v", want, err)
		}
	}
}

func TestRolesOfPermissionsArePolicyRoles(t *testing.T) {
	p := Policy{Base: Rule{AnyRole: []string{"staff"}}, RolePermissions: map[string][]string{"editor": {"*"}, "staff": {"a:b"}}}
	if got := strings.Join(p.Roles(), " "); got != "editor staff" {
		t.Errorf("Roles() = %s", got)
	}
}
