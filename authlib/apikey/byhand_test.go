package apikey_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/apikey"
)

// guarded puts a check in front of the handler of a server whose SDK mcp-migrate does
// not rewrite. Serve what it returns, and nothing else.
func guarded(mcp http.Handler) (http.Handler, error) {
	keys, err := apikey.LoadFile(os.Getenv("MCP_API_KEYS_FILE"))
	if err != nil {
		return nil, err
	}
	guard, err := authlib.New(authlib.Config{
		Resource: os.Getenv("MCP_RESOURCE_URL"), // such as https://mcp.example.com/mcp
		Verifier: keys,
	})
	if err != nil {
		return nil, err
	}
	return guard.Handler("/mcp", mcp), nil
}

// The code that the page of rule MCP001 shows for servers of other SDKs refuses a
// stranger, and lets in who has a key.
func TestByHandRefusesStrangers(t *testing.T) {
	key, kept, err := apikey.Generate("ci")
	if err != nil {
		t.Fatal(err)
	}
	wrong, _, _ := apikey.Generate("ci")
	list, err := json.Marshal([]apikey.Key{kept})
	file := filepath.Join(t.TempDir(), "keys.json")
	if err = errors.Join(err, os.WriteFile(file, list, 0o600)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("MCP_API_KEYS_FILE", file)
	t.Setenv("MCP_RESOURCE_URL", "http://localhost:8080/mcp")
	reached := 0
	h, err := guarded(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	if err != nil {
		t.Fatal(err)
	}
	call := func(token string) int {
		r := httptest.NewRequest(http.MethodPost, "http://localhost:8080/mcp", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete_note"}}`))
		r.Header.Set("Content-Type", "application/json")
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	if code := call(""); code != http.StatusUnauthorized || reached != 0 {
		t.Errorf("a stranger: %d, reached %d times", code, reached)
	}
	if code := call(wrong); code != http.StatusUnauthorized || reached != 0 {
		t.Errorf("a wrong key: %d, reached %d times", code, reached)
	}
	if code := call(key); code != http.StatusOK || reached != 1 {
		t.Errorf("with the key: %d, reached %d times", code, reached)
	}
}
