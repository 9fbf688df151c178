package main

import (
	"context"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type none struct{}

type byText struct {
	Text string `json:"text"`
}

func register(s *mcp.Server) {
	mcp.AddTool(s, &mcp.Tool{
		Name:        "get_time",
		Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true},
	}, func(ctx context.Context, req *mcp.CallToolRequest, _ none) (*mcp.CallToolResult, any, error) {
		return reply(time.Unix(now(), 0).UTC().Format(time.RFC3339)), nil, nil
	})
	mcp.AddTool(s, &mcp.Tool{Name: "delete_note"},
		func(ctx context.Context, req *mcp.CallToolRequest, args byText) (*mcp.CallToolResult, any, error) {
			return reply("deleted " + args.Text), nil, nil
		})
}

func reply(s string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: s}}}
}
