package gocmd_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
)

func TestRun(t *testing.T) {
	out, err := gocmd.Run(context.Background(), t.TempDir(), []string{"GOFLAGS=-tags=from_env"}, "env", "GOFLAGS")
	if err != nil || strings.TrimSpace(string(out)) != "-tags=from_env" {
		t.Errorf("got %q, %v", out, err)
	}
}

func TestFailure(t *testing.T) {
	_, err := gocmd.Run(context.Background(), t.TempDir(), []string{"GO111MODULE=on", "GOWORK=off"}, "list", "./nowhere")
	var e *gocmd.Error
	if !errors.As(err, &e) || e.Code != 1 {
		t.Fatalf("got %v", err)
	}
	if !strings.HasPrefix(err.Error(), "go list ./nowhere: ") || !strings.Contains(err.Error(), "go.mod") {
		t.Errorf("the error does not pass on what go said: %v", err)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := gocmd.Run(ctx, t.TempDir(), nil, "env"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := gocmd.Run(context.Background(), t.TempDir(), nil, "env"); !errors.Is(err, gocmd.ErrMissing) {
		t.Errorf("got %v", err)
	}
}
