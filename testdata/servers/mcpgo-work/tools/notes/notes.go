package notes

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
)

type notes struct {
	mu    sync.Mutex
	items []string
}

func (n *notes) list(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return mcp.NewToolResultText(strings.Join(n.items, "\n")), nil
}

func (n *notes) delete(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	text, err := req.RequireString("text")
	if err != nil {
		return mcp.NewToolResultError(err.Error()), nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.items = slices.DeleteFunc(n.items, func(item string) bool { return item == text })
	return mcp.NewToolResultText("deleted " + text), nil
}
