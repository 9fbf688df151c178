//go:build live

package google_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/livetest"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/google"
)

// liveConfig is the client of the environment.
func liveConfig(t *testing.T, more ...string) (cfg google.Config, values []string) {
	t.Helper()
	v := livetest.Need(t, os.Getenv, append([]string{"GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "MCP_RESOURCE_URL"}, more...)...)
	return google.Config{ClientID: v[0], ClientSecret: v[1], Resource: v[2]}, v[3:]
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

func TestLiveUser(t *testing.T) {
	cfg, v := liveConfig(t, "GOOGLE_REFRESH_TOKEN")
	if err := checkUser(liveContext(t), cfg, v[0]); err != nil {
		t.Error(err)
	}
}

func TestLiveBareToken(t *testing.T) {
	cfg, v := liveConfig(t, "GOOGLE_ACCESS_TOKEN")
	if err := checkBareToken(liveContext(t), cfg, v[0]); err != nil {
		t.Error(err)
	}
}
