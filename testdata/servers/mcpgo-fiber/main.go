// Command mcpgo-fiber serves the server with fiber, which is not net/http: left to a
// person.
package main

import (
	"log"
	"os"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/mark3labs/mcp-go/server"
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	s := server.NewMCPServer("Notes", "1.0.0")
	s.AddTools((&notebook{notes: []string{"buy milk", "call Ada"}}).tools()...)

	app := fiber.New()
	app.Get("/healthz", func(c *fiber.Ctx) error { return c.SendString("ok\n") })
	app.All("/mcp", adaptor.HTTPHandler(server.NewStreamableHTTPServer(s)))
	if err := app.Listen("localhost:" + port); err != nil {
		log.Fatal(err)
	}
}
