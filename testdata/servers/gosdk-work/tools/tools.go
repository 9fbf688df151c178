// Package tools holds the note tools.
package tools

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type notes struct {
	mu    sync.Mutex
	items []string
}

// Register adds every tool to s.
func Register(s *mcp.Server) {
	n := &notes{items: []string{"buy milk", "call Ada"}}
	add(s, "list_notes", true, n.list)
	add(s, "delete_note", false, n.delete)
}

// RegisterCount adds the tool that counts to s.
func RegisterCount(s *mcp.Server) {
	n := &notes{items: []string{"buy milk", "call Ada"}}
	add(s, "count_notes", true, n.count)
}

// add registers one tool under name.
func add[In any](s *mcp.Server, name string, readOnly bool, h mcp.ToolHandlerFor[In, any]) {
	mcp.AddTool(s, &mcp.Tool{Name: name, Annotations: &mcp.ToolAnnotations{ReadOnlyHint: readOnly}}, h)
}

func (n *notes) list(ctx context.Context, req *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return text(strings.Join(n.items, "\n")), nil, nil
}

func (n *notes) count(ctx context.Context, req *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return text(strconv.Itoa(len(n.items))), nil, nil
}

type deleteArgs struct {
	Text string `json:"text"`
}

func (n *notes) delete(ctx context.Context, req *mcp.CallToolRequest, args deleteArgs) (*mcp.CallToolResult, any, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.items = slices.DeleteFunc(n.items, func(item string) bool { return item == args.Text })
	return text("deleted " + args.Text), nil, nil
}

func text(s string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: s}}}
}
