package gosdk_test

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
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
	a, g := newApp(), gosdk.New(core)
	around := httptest.NewServer(a.transport(g, true))
	defer around.Close()
	post(t, around.URL, "alice", "", req("tools/call", `{"name":"delete"}`))
	s := log.String()
	if strings.Count(s, "access_denied") != 1 || !strings.Contains(s, "by=sdk") || !strings.Contains(s, "delete") || a.log() != "" {
		t.Errorf("ran %q; logged: %s", a.log(), s)
	}
}
