package main

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
)

var (
	mu    sync.Mutex
	notes = []string{"buy milk", "call Ada"}
)

func list(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	mu.Lock()
	defer mu.Unlock()
	return mcp.NewToolResultText(strings.Join(notes, "\n")), nil
}

func remove(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	text, err := req.RequireString("text")
	if err != nil {
		return mcp.NewToolResultError(err.Error()), nil
	}
	mu.Lock()
	defer mu.Unlock()
	notes = slices.DeleteFunc(notes, func(item string) bool { return item == text })
	return mcp.NewToolResultText("deleted " + text), nil
}
