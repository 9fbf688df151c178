package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// A book holds notes by number.
type book struct {
	mu    sync.Mutex
	notes map[string]string
}

func (b *book) addTools(s *server.MCPServer) {
	s.AddTool(mcp.NewTool("list_notes",
		mcp.WithDescription("List all notes"),
		mcp.WithReadOnlyHintAnnotation(true)), b.list)
	s.AddTool(mcp.NewTool("delete_note",
		mcp.WithDescription("Delete one note"),
		mcp.WithDestructiveHintAnnotation(true),
		mcp.WithString("id", mcp.Required())), b.delete)
	// Takes minutes on a real book, hence a task.
	s.AddTaskTool(mcp.NewTool("reindex_notes",
		mcp.WithDescription("Build the index anew"),
		mcp.WithTaskSupport(mcp.TaskSupportRequired)), b.reindex)
}

func (b *book) list(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var lines []string
	for _, id := range slices.Sorted(maps.Keys(b.notes)) {
		lines = append(lines, id+": "+b.notes[id])
	}
	return mcp.NewToolResultText(strings.Join(lines, "\n")), nil
}

func (b *book) delete(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	id, err := req.RequireString("id")
	if err != nil {
		return mcp.NewToolResultError(err.Error()), nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.notes, id)
	return mcp.NewToolResultText("deleted " + id), nil
}

func (b *book) reindex(ctx context.Context, req mcp.CallToolRequest) (*mcp.CreateTaskResult, error) {
	return &mcp.CreateTaskResult{}, nil
}

func (b *book) addPrompts(s *server.MCPServer) {
	s.AddPrompt(mcp.NewPrompt("summarize_notes",
		mcp.WithPromptDescription("Ask for a summary of all notes"),
	), func(ctx context.Context, req mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		return mcp.NewGetPromptResult("summary", []mcp.PromptMessage{
			mcp.NewPromptMessage(mcp.RoleUser, mcp.NewTextContent("Summarize my notes.")),
		}), nil
	})
}

func (b *book) addResources(s *server.MCPServer) {
	s.AddResource(mcp.NewResource("notes://count", "Number of notes", mcp.WithMIMEType("text/plain")),
		func(ctx context.Context, req mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			return text(req.Params.URI, fmt.Sprint(len(b.notes))), nil
		})
	s.AddResourceTemplate(mcp.NewResourceTemplate("notes://by-id/{id}", "One note"),
		func(ctx context.Context, req mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			note, ok := b.notes[strings.TrimPrefix(req.Params.URI, "notes://by-id/")]
			if !ok {
				return nil, fmt.Errorf("no note %s", req.Params.URI)
			}
			return text(req.Params.URI, note), nil
		})
}

func text(uri, body string) []mcp.ResourceContents {
	return []mcp.ResourceContents{mcp.TextResourceContents{URI: uri, MIMEType: "text/plain", Text: body}}
}
