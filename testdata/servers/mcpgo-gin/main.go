// Command mcpgo-gin serves the server with gin, beside another route.
package main

import (
	"log"
	"os"

	"github.com/gin-gonic/gin"
	"github.com/mark3labs/mcp-go/server"
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	s := server.NewMCPServer("Notes", "1.0.0")
	s.AddTools((&notebook{notes: []string{"buy milk", "call Ada"}}).tools()...)

	r := gin.Default()
	r.GET("/healthz", func(c *gin.Context) { c.String(200, "ok\n") })
	r.Any("/mcp", gin.WrapH(server.NewStreamableHTTPServer(s)))
	if err := r.Run("localhost:" + port); err != nil {
		log.Fatal(err)
	}
}
