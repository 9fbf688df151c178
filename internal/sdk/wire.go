package sdk

import (
	"go/ast"

	"github.com/mcp-migrate/mcp-migrate/internal/edit"
)

// A Wirer writes the wiring of one SDK: given a site, the edits that put a guard
// there. It decides nothing; rewrite's plan decides which sites are wired.
type Wirer interface {
	// Adapter is the import path below authlib of the SDK's adapter, such as "mcpgo".
	Adapter() string
	// Hooks returns the names of the adapter's optional hooks that SDK version v
	// (such as "v0.43.2") has; ok is false when v is too old to be guarded at
	// all, and then why names the version to move to.
	Hooks(v string) (hooks []string, ok bool, why string)
	// Wire returns the edits of one transport. A site it can't edit safely is an
	// error that says what to paste by hand.
	Wire(w Wiring) ([]FileEdit, error)
}

// A Wiring is what a Wirer needs to know about one transport and its routes.
type Wiring struct {
	Auth      string   // name of the variable that holds the adapter's Guard in the serving function
	Transport Site     // call that makes the transport
	Server    ast.Expr // its server (or getServer) argument
	Kind      string   // route kind: start, mount, listen, server
	Route     Site
	Handler   ast.Expr
	Mux       ast.Expr
	Path      string // endpoint path of the transport, such as "/mcp"
}

// A FileEdit is an edit of one of the user's files.
type FileEdit struct {
	Rel  string // relative to the module root
	Edit edit.Edit
}
