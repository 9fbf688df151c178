package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// A book holds notes by number.
type book struct {
	mu    sync.Mutex
	notes map[string]string
}

type noteArgs struct {
	ID string `json:"id" jsonschema:"number of the note"`
}

func (b *book) addTools(s *mcp.Server) {
	mcp.AddTool(s, &mcp.Tool{
		Name:        "list_notes",
		Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true},
	}, b.list)
	mcp.AddTool(s, &mcp.Tool{Name: "delete_note"}, b.delete)
}

func (b *book) list(ctx context.Context, req *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var lines []string
	for _, id := range slices.Sorted(maps.Keys(b.notes)) {
		lines = append(lines, id+": "+b.notes[id])
	}
	return text(strings.Join(lines, "\n")), nil, nil
}

func (b *book) delete(ctx context.Context, req *mcp.CallToolRequest, args noteArgs) (*mcp.CallToolResult, any, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.notes, args.ID)
	return text("deleted " + args.ID), nil, nil
}

func (b *book) addPrompts(s *mcp.Server) {
	s.AddPrompt(&mcp.Prompt{Name: "summarize_notes", Description: "Ask for a summary of all notes"},
		func(ctx context.Context, req *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			return &mcp.GetPromptResult{Messages: []*mcp.PromptMessage{
				{Role: "user", Content: &mcp.TextContent{Text: "Summarize my notes."}},
			}}, nil
		})
}

func (b *book) addResources(s *mcp.Server) {
	s.AddResource(&mcp.Resource{URI: "notes://count", Name: "Number of notes", MIMEType: "text/plain"},
		func(ctx context.Context, req *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			return contents(req.Params.URI, fmt.Sprint(len(b.notes))), nil
		})
	s.AddResourceTemplate(&mcp.ResourceTemplate{URITemplate: "notes://by-id/{id}", Name: "One note"},
		func(ctx context.Context, req *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			note, ok := b.notes[strings.TrimPrefix(req.Params.URI, "notes://by-id/")]
			if !ok {
				return nil, mcp.ResourceNotFoundError(req.Params.URI)
			}
			return contents(req.Params.URI, note), nil
		})
}

func contents(uri, body string) *mcp.ReadResourceResult {
	return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: uri, MIMEType: "text/plain", Text: body}}}
}

func text(s string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: s}}}
}
