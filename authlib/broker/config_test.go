package broker

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/dev"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/filestore"
)

func providers(t *testing.T) (*dev.Provider, *github.Provider) {
	t.Helper()
	d, err1 := dev.New(dev.Config{Resource: "http://localhost:8080/mcp", Out: io.Discard})
	g, err2 := github.New(github.Config{ClientID: "Ov23liAbCdEfGh012345", ClientSecret: "0123456789abcdef0123456789abcdef01234567"})
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return d, g
}

func TestNewRefuses(t *testing.T) {
	d, g := providers(t)
	anyone, err := AllowRules("anyone")
	if err != nil {
		t.Fatal(err)
	}
	good := func() Config {
		return Config{Resource: "https://mcp.test/mcp", Providers: []provider.Provider{g}, Allow: anyone}
	}
	if _, err := New(good()); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Config{Resource: "http://localhost:8080/mcp", Providers: []provider.Provider{d}}); err != nil {
		t.Errorf("dev needs no Allow: %v", err)
	}
	tests := []struct {
		want   string
		change func(*Config)
	}{
		{"MCP_RESOURCE_URL", func(c *Config) { c.Resource = "" }},
		{"https", func(c *Config) { c.Resource = "http://mcp.test/mcp" }},
		{"MCP_RESOURCE_URL", func(c *Config) { c.Resource = "http://mcp.test/mcp" }},
		{"placeholder", func(c *Config) { c.Resource = "https://mcp.Example.com/mcp" }},
		{"placeholder", func(c *Config) { c.Resource = "https://your-host/mcp" }},
		{"Resource", func(c *Config) { c.Resource = "mcp.test/mcp" }},
		{"Resource", func(c *Config) { c.Resource = "https://mcp.test/mcp#x" }},
		{"Resource", func(c *Config) { c.Resource = "https://u:p@mcp.test/mcp" }},
		{"query", func(c *Config) { c.Resource = "https://mcp.test/mcp?x" }},
		{"Allow", func(c *Config) { c.Allow = nil }},
		{"Allow", func(c *Config) { c.Allow = nil; c.Resource = "http://localhost:8080/mcp" }},
		{"Providers", func(c *Config) { c.Providers = nil }},
		{"nil", func(c *Config) { c.Providers = []provider.Provider{nil} }},
		{"twice", func(c *Config) { c.Providers = append(c.Providers, g) }},
		{"MCP_SESSION_KEY", func(c *Config) { c.Store = openFiles(t) }},
		{"32", func(c *Config) { c.Keys = [][]byte{make([]byte, 16)} }},
		{"AccessTTL", func(c *Config) { c.AccessTTL = -1 }},
		{"CacheFor", func(c *Config) { c.CacheFor = time.Minute }},
		{"Scopes", func(c *Config) { c.Scopes = []string{"a b"} }},
		{"Scopes", func(c *Config) { c.Scopes = []string{"offline_access"} }},
	}
	for _, tt := range tests {
		cfg := good()
		tt.change(&cfg)
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("New(%v): %v, want %q", cfg, err, tt.want)
		}
	}
}

func openFiles(t *testing.T) *filestore.Store {
	t.Helper()
	s, err := filestore.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPrintsNoKey(t *testing.T) {
	be := newBench(t, nil)
	key := []byte("a key of exactly 32 bytes: abcde")
	cfg := be.b.cfg
	cfg.Keys = [][]byte{key}
	b, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	out := ""
	for _, f := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		out += fmt.Sprintf(f+f, cfg, b)
	}
	j, _ := json.Marshal(struct{ Broker any }{b})
	out += string(j)
	for _, s := range []string{string(key), base64.StdEncoding.EncodeToString(key), fmt.Sprint(key), fmt.Sprintf("%x", key)} {
		if strings.Contains(out, s) {
			t.Errorf("printed a key: %s", out)
		}
	}
}

func TestAllowRules(t *testing.T) {
	alice := &provider.Identity{Issuer: "https://github.com", Subject: "1", Username: "Alice", Email: "alice@Corp.test", EmailVerified: true, Orgs: []string{"Acme"}}
	unverified := &provider.Identity{Issuer: "https://github.com", Subject: "2", Username: "bob", Email: "bob@corp.test", Orgs: []string{}}
	unasked := &provider.Identity{Issuer: "https://github.com", Subject: "3", Username: "carol"}
	for _, tt := range []struct {
		rules string
		id    *provider.Identity
		ok    bool
	}{
		{"anyone", unasked, true}, {"user:alice", alice, true}, {"user:ALICE", alice, true}, {"user:alic", alice, false},
		{"user:https://github.com|1", alice, true}, {"user:1", alice, false}, {"org:acme", alice, true}, {"org:acm", alice, false},
		{"org:acme", unverified, false}, {"org:acme", unasked, false}, {"domain:corp.test", alice, true}, {"domain:@corp.test", alice, true},
		{"domain:corp.test", unverified, false}, {"domain:test", alice, false}, {"domain:rp.test", alice, false},
		{"user:x,org:y, user:bob", unverified, true}, {"user:x", nil, false},
		{"user:x", &provider.Identity{Email: "a@b@corp.test", EmailVerified: true}, false},
		{"user:\u212aevin", &provider.Identity{Username: "kevin"}, false},
	} {
		f, err := AllowRules(tt.rules)
		if err != nil {
			t.Fatalf("%q: %v", tt.rules, err)
		}
		if err := f(context.Background(), tt.id); (err == nil) != tt.ok {
			t.Errorf("%q lets in %+v: %v", tt.rules, tt.id, err)
		}
	}
	for _, bad := range []string{"", "user:", "user", "everyone", "team:x", "user:*", "org:a b", "domain:a@b", "domain:@", "anyone,user:x", "user:x,", "*"} {
		if _, err := AllowRules(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	if _, err := AllowRules(); err == nil {
		t.Error("no rule was taken")
	}
}

// Rules that are taken let nobody in whom they do not name.
func FuzzAllowRules(f *testing.F) {
	for _, s := range []string{"anyone", "user:alice", "org:a,domain:b", "user:x|y", ":", "USER:a", "user:a,anyone"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, rules string) {
		allow, err := AllowRules(rules)
		if err != nil || strings.EqualFold(strings.Trim(rules, " ,\t\r\n"), "anyone") {
			return
		}
		if strings.Contains(strings.ToLower(rules), "anyone") && !strings.Contains(rules, ":") {
			return
		}
		if allow(context.Background(), &provider.Identity{Issuer: "\x00", Subject: "\x00"}) == nil {
			t.Errorf("%q lets in somebody without a name", rules)
		}
	})
}
