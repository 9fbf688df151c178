package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// A Handler answers one tool call.
type Handler func(ctx context.Context, args json.RawMessage) (string, error)

// A Server is an MCP server whose tools take and return text.
type Server struct {
	inner *mcp.Server
	mux   *http.ServeMux
}

// New returns a server without tools.
func New(name string) (*Server, error) {
	if name == "" {
		return nil, errors.New("a server needs a name")
	}
	return &Server{
		inner: mcp.NewServer(&mcp.Implementation{Name: name, Version: "1.0.0"}, nil),
		mux:   http.NewServeMux(),
	}, nil
}

// AddTool adds a tool.
func (s *Server) AddTool(name string, readOnly bool, h Handler) {
	s.inner.AddTool(&mcp.Tool{
		Name:        name,
		InputSchema: map[string]any{"type": "object"},
		Annotations: &mcp.ToolAnnotations{ReadOnlyHint: readOnly},
	}, func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		text, err := h(ctx, req.Params.Arguments)
		if err != nil {
			return nil, err
		}
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text}}}, nil
	})
}

// ListenAndServe serves at addr.
func (s *Server) ListenAndServe(addr string) error {
	s.mux.Handle("/mcp", mcp.NewStreamableHTTPHandler(s.get, nil))
	return http.ListenAndServe(addr, s.mux)
}

func (s *Server) get(*http.Request) *mcp.Server { return s.inner }
