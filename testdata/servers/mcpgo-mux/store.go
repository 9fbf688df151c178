package main

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
)

// A store holds the notes in memory.
type store struct {
	mu    sync.Mutex
	notes []string
}

func newStore(notes ...string) *store { return &store{notes: notes} }

func (st *store) list(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	return mcp.NewToolResultText(strings.Join(st.notes, "\n")), nil
}

func (st *store) delete(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	text := req.GetString("text", "")
	st.mu.Lock()
	defer st.mu.Unlock()
	st.notes = slices.DeleteFunc(st.notes, func(n string) bool { return n == text })
	return mcp.NewToolResultText("deleted " + text), nil
}
