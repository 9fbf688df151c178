// Package all is the one explicit list of the SDKs that are known.
package all

import (
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/gosdk"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/mcpgo"
)

// Specs returns what every known SDK's names mean, in the order in which
// messages name the SDKs. The caller owns the slice.
func Specs() []*sdk.Spec {
	return []*sdk.Spec{mcpgo.Spec(), gosdk.Spec()}
}

// Modules returns the module paths of every known SDK.
func Modules() []string {
	var list []string
	for _, s := range Specs() {
		list = append(list, s.Module)
	}
	return list
}

// Wirers returns who writes the wiring of every known SDK, by [sdk.Spec].Name.
// The caller owns the map.
func Wirers() map[string]sdk.Wirer {
	return map[string]sdk.Wirer{
		mcpgo.Spec().Name: mcpgo.Wire,
		gosdk.Spec().Name: gosdk.Wire,
	}
}
