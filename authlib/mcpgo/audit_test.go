package mcpgo_test

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// What the SDK refuses behind the guard's back is written down, with what was asked for:
// somebody found a way around.
func TestRefusalsInsideTheSDKAreWrittenDown(t *testing.T) {
	var log bytes.Buffer
	core, err := authlib.New(authlib.Config{
		Resource: "http://localhost/mcp", AllowAnonymous: true, AuthorizationServers: servers, Policy: policy(), Verifier: people,
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	a, g := newApp(), mcpgo.New(core)
	around := httptest.NewServer(server.NewStreamableHTTPServer(g.Server(a.s), server.WithStateLess(true)))
	defer around.Close()
	post(t, around.URL, "alice", "", req("tools/call", `{"name":"delete"}`))
	s := log.String()
	if strings.Count(s, "access_denied") != 1 || !strings.Contains(s, "by=sdk") || !strings.Contains(s, "delete") || len(a.ran) > 0 {
		t.Errorf("ran %v; logged: %s", a.ran, s)
	}
}
