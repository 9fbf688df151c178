// Package server stands in for the SDK's package of this name.
package server

import (
	"context"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
)

// MCPServer holds tools.
type MCPServer struct{ tools map[string]ToolHandlerFunc }

// ServerOption changes a server.
type ServerOption func(*MCPServer)

// ToolHandlerFunc runs a tool.
type ToolHandlerFunc func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error)

// NewMCPServer makes a server.
func NewMCPServer(name, version string, opts ...ServerOption) *MCPServer {
	return &MCPServer{tools: map[string]ToolHandlerFunc{}}
}

// AddTool registers a tool.
func (s *MCPServer) AddTool(t mcp.Tool, h ToolHandlerFunc) { s.tools[t.Name] = h }

// StreamableHTTPServer serves over HTTP.
type StreamableHTTPServer struct{ s *MCPServer }

// StreamableHTTPOption changes a StreamableHTTPServer.
type StreamableHTTPOption func(*StreamableHTTPServer)

// NewStreamableHTTPServer serves s.
func NewStreamableHTTPServer(s *MCPServer, opts ...StreamableHTTPOption) *StreamableHTTPServer {
	return &StreamableHTTPServer{s: s}
}

// Start serves on addr.
func (h *StreamableHTTPServer) Start(addr string) error {
	return http.ListenAndServe(addr, http.NotFoundHandler())
}
