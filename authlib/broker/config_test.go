package broker

import (
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
