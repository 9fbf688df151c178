// Command gosdk-bearer stands behind the SDK's own bearer check, whose verifier
// knows one token.
package main

import (
	"context"
	"crypto/subtle"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type deleteArgs struct {
	Text string `json:"text"`
}

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	server := mcp.NewServer(&mcp.Implementation{Name: "Notes", Version: "1.0.0"}, nil)
	addTools(server)
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil)

	authenticate := auth.RequireBearerToken(verify, &auth.RequireBearerTokenOptions{Scopes: []string{"notes"}})
	mux := http.NewServeMux()
	mux.Handle("/mcp", authenticate(handler))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	log.Fatal(http.ListenAndServe("localhost:"+port, mux))
}

// verify knows the one token.
func verify(_ context.Context, token string, _ *http.Request) (*auth.TokenInfo, error) {
	want := os.Getenv("NOTES_TOKEN")
	if want == "" || subtle.ConstantTimeCompare([]byte(token), []byte(want)) != 1 {
		return nil, auth.ErrInvalidToken
	}
	return &auth.TokenInfo{Scopes: []string{"notes"}, Expiration: time.Now().Add(time.Hour)}, nil
}

func addTools(server *mcp.Server) {
	mcp.AddTool(server, &mcp.Tool{
		Name:        "get_time",
		Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true},
	}, func(ctx context.Context, req *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
		return text(time.Now().UTC().Format(time.RFC3339)), nil, nil
	})
	mcp.AddTool(server, &mcp.Tool{Name: "delete_note"},
		func(ctx context.Context, req *mcp.CallToolRequest, args deleteArgs) (*mcp.CallToolResult, any, error) {
			return text("deleted " + args.Text), nil, nil
		})
}

func text(s string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: s}}}
}
