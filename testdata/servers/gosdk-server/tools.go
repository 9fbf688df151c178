package main

import (
	"context"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type timeArgs struct {
	Zone string `json:"zone,omitempty" jsonschema:"IANA time zone"`
}

type timeResult struct {
	Time string `json:"time"`
}

type deleteArgs struct {
	Text string `json:"text"`
}

type deleteResult struct {
	Deleted string `json:"deleted"`
}

func register(s *mcp.Server) {
	destructive := true
	mcp.AddTool(s, &mcp.Tool{
		Name:        "get_time",
		Description: "The time in a zone",
		Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true},
	}, getTime)
	mcp.AddTool(s, &mcp.Tool{
		Name:        "delete_note",
		Description: "Delete the notes with this text",
		Annotations: &mcp.ToolAnnotations{DestructiveHint: &destructive},
	}, deleteNote)
}

func getTime(ctx context.Context, req *mcp.CallToolRequest, args timeArgs) (*mcp.CallToolResult, timeResult, error) {
	zone, err := time.LoadLocation(args.Zone)
	if err != nil {
		return nil, timeResult{}, err
	}
	return nil, timeResult{Time: time.Now().In(zone).Format(time.RFC3339)}, nil
}

func deleteNote(ctx context.Context, req *mcp.CallToolRequest, args deleteArgs) (*mcp.CallToolResult, deleteResult, error) {
	return nil, deleteResult{Deleted: args.Text}, nil
}
