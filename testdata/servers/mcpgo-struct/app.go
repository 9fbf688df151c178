package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// App is a notebook with the server that shows it.
type App struct {
	mcp  *server.MCPServer
	http *server.StreamableHTTPServer

	mu    sync.Mutex
	notes []string
}

func newApp(notes ...string) (*App, error) {
	if len(notes) == 0 {
		return nil, errors.New("no notes to start with")
	}
	a := &App{notes: notes}
	var err error
	if a.mcp, err = newServer("Notes"); err != nil {
		return nil, err
	}
	a.registerTools()
	a.http = server.NewStreamableHTTPServer(a.mcp)
	return a, nil
}

// newServer makes an empty server.
func newServer(name string) (*server.MCPServer, error) {
	if name == "" {
		return nil, errors.New("a server needs a name")
	}
	return server.NewMCPServer(name, "1.0.0", server.WithRecovery()), nil
}

func (a *App) registerTools() {
	a.mcp.AddTool(mcp.NewTool("list_notes", mcp.WithReadOnlyHintAnnotation(true)), a.list)
	a.mcp.AddTool(mcp.NewTool("delete_note", mcp.WithDestructiveHintAnnotation(true), mcp.WithString("text")), a.delete)
}

// Run serves at addr.
func (a *App) Run(addr string) error {
	return a.http.Start(addr)
}

func (a *App) list(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return mcp.NewToolResultText(strings.Join(a.notes, "\n")), nil
}

func (a *App) delete(_ context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	text := req.GetString("text", "")
	a.mu.Lock()
	defer a.mu.Unlock()
	a.notes = slices.DeleteFunc(a.notes, func(n string) bool { return n == text })
	return mcp.NewToolResultText("deleted " + text), nil
}
