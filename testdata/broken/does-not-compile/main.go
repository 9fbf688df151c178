// Command does-not-compile has a type error in line 15.
package main

import (
	"log"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func main() {
	s := server.NewMCPServer("Notes", "1.0.0")
	s.AddTool(mcp.NewTool("get_time"), nil)

	var port int = "8080"
	log.Fatal(server.NewStreamableHTTPServer(s).Start(port))
}
