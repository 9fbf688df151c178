// Command mcpgo-mux serves MCP on a mux that has other routes of its own.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}

	mcpServer := server.NewMCPServer("Notes", "1.0.0", server.WithRecovery())
	addTools(mcpServer, newStore("buy milk", "call Ada"))

	mux := http.NewServeMux()
	// The platform asks here whether we are alive; it must stay open.
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	mux.Handle("/mcp", server.NewStreamableHTTPServer(mcpServer))
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "1.0.0")
	})

	log.Printf("listening on port %s", port)
	if err := http.ListenAndServe("localhost:"+port, mux); err != nil {
		log.Fatal(err)
	}
}

func addTools(s *server.MCPServer, st *store) {
	s.AddTools(
		server.ServerTool{
			Tool: mcp.NewTool("get_time",
				mcp.WithDescription("The server's time"),
				mcp.WithReadOnlyHintAnnotation(true)),
			Handler: func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
				return mcp.NewToolResultText(time.Now().UTC().Format(time.RFC3339)), nil
			},
		},
		server.ServerTool{
			Tool: mcp.NewTool("list_notes",
				mcp.WithDescription("List all notes"),
				mcp.WithReadOnlyHintAnnotation(true)),
			Handler: st.list,
		},
		server.ServerTool{
			Tool: mcp.NewTool("delete_note",
				mcp.WithDescription("Delete the notes with this text"),
				mcp.WithString("text", mcp.Required())),
			Handler: st.delete,
		},
	)
}
