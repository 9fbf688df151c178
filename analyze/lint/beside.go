package lint

import (
	"fmt"
	"go/token"
)

// beside points at ways in that no transport of the program's shows: a program that
// puts its stdio on the network, and handlers that imports put beside a server.
func (c *checker) beside() {
	for _, b := range c.r.Bridges() {
		c.addAt(RuleBeside, Warning, token.Position{Filename: b.File, Line: b.Line, Column: b.Column},
			fmt.Sprintf("%s puts a program that speaks stdio on the network: over stdio a server takes everybody for the one who started it, so that whoever reaches the port can call it", quote(b.Name)),
			"serve streamable HTTP from the program and let mcp-migrate guard that, or put a check in front that the bridge can't be reached without")
	}
	for _, d := range c.r.SideDoors {
		c.add(RuleBeside, Warning, d.Site,
			fmt.Sprintf("importing %s puts handlers on http.DefaultServeMux, where the MCP server is: anybody gets %s", d.Package, d.Opens),
			"serve the MCP server from a mux of its own (http.NewServeMux), and the default mux on the loopback interface alone",
			c.related(d.Server, "the server is put on the default mux here"))
	}
}
