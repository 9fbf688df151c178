// Command gosdk-echo serves the server with echo, in a group of routes.
package main

import (
	"context"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	s := mcp.NewServer(&mcp.Implementation{Name: "Notes", Version: "1.0.0"}, nil)
	addTools(s)

	e := echo.New()
	e.HideBanner = true
	e.Use(middleware.Recover())
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	api := e.Group("/api")
	api.Any("/mcp", echo.WrapHandler(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, nil)))
	if err := e.Start("localhost:" + port); err != nil {
		log.Fatal(err)
	}
}

func addTools(s *mcp.Server) {
	type none struct{}
	type byText struct {
		Text string `json:"text"`
	}
	mcp.AddTool(s, &mcp.Tool{
		Name:        "get_time",
		Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true},
	}, func(ctx context.Context, req *mcp.CallToolRequest, _ none) (*mcp.CallToolResult, any, error) {
		return reply(time.Now().UTC().Format(time.RFC3339)), nil, nil
	})
	mcp.AddTool(s, &mcp.Tool{
		Name: "delete_note",
	}, func(ctx context.Context, req *mcp.CallToolRequest, args byText) (*mcp.CallToolResult, any, error) {
		return reply("deleted " + args.Text), nil, nil
	})
}

func reply(s string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: s}}}
}
