// Package mcp stands in for the SDK's package of this name.
package mcp

// Tool is a tool's description.
type Tool struct{ Name string }

// ToolOption changes a tool.
type ToolOption func(*Tool)

// NewTool describes a tool.
func NewTool(name string, opts ...ToolOption) Tool {
	t := Tool{Name: name}
	for _, o := range opts {
		o(&t)
	}
	return t
}

// CallToolRequest is a call.
type CallToolRequest struct{}

// CallToolResult is its answer.
type CallToolResult struct{ Text string }

// NewToolResultText answers with text.
func NewToolResultText(text string) *CallToolResult { return &CallToolResult{Text: text} }
