//go:build live

package github_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/livetest"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
)

// liveConfig is the app of the environment. GITHUB_BASE_URL may name an Enterprise
// Server.
func liveConfig(t *testing.T, more ...string) (cfg github.Config, values []string) {
	t.Helper()
	v := livetest.Need(t, os.Getenv, append([]string{"GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET", "MCP_RESOURCE_URL"}, more...)...)
	return github.Config{ClientID: v[0], ClientSecret: v[1], Resource: v[2], BaseURL: os.Getenv("GITHUB_BASE_URL")}, v[3:]
}

func liveContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestLiveClient(t *testing.T) {
	cfg, _ := liveConfig(t)
	if err := checkClient(liveContext(t), cfg); err != nil {
		t.Error(err)
	}
}

func TestLiveToken(t *testing.T) {
	cfg, v := liveConfig(t, "GITHUB_ACCESS_TOKEN")
	if err := checkToken(liveContext(t), cfg, v[0]); err != nil {
		t.Error(err)
	}
}

func TestLiveRefresh(t *testing.T) {
	cfg, v := liveConfig(t, "GITHUB_REFRESH_TOKEN")
	if err := checkRefresh(liveContext(t), cfg, v[0]); err != nil {
		t.Error(err)
	}
}
