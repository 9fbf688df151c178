package analyze

import (
	"go/types"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// What net/http's names mean, and those of handlers of other libraries that are
// known to let everybody through.

const (
	netHTTP = "net/http"
	// roleMux is the role of what makes a net/http mux.
	roleMux sdk.Role = "mux"
)

func webSymbols() []sdk.Symbol {
	return slices.Concat(netHTTPSymbols(), wrapSymbols(), routerSymbols())
}

func netHTTPSymbols() []sdk.Symbol {
	return []sdk.Symbol{
		{Pkg: netHTTP, Name: "NewServeMux", Role: roleMux},
		{Pkg: "gopkg.in/DataDog/dd-trace-go.v1/contrib/net/http", Name: "NewServeMux", Role: roleMux}, // one that counts
		{Pkg: "github.com/DataDog/dd-trace-go/contrib/net/http/v2", Name: "NewServeMux", Role: roleMux},
		{Pkg: netHTTP, Recv: "ServeMux", Name: "ServeHTTP", Role: sdk.RoleHandlerOf, Transport: sdk.Recv},
		{Pkg: netHTTP, Name: "Handle", Role: sdk.RoleMount, Path: 1, Handler: 2},
		{Pkg: netHTTP, Name: "HandleFunc", Role: sdk.RoleMount, Path: 1, Handler: 2},
		{Pkg: netHTTP, Recv: "ServeMux", Name: "Handle", Role: sdk.RoleMount, Mux: sdk.Recv, Path: 1, Handler: 2},
		{Pkg: netHTTP, Recv: "ServeMux", Name: "HandleFunc", Role: sdk.RoleMount, Mux: sdk.Recv, Path: 1, Handler: 2},
		{Pkg: netHTTP, Name: "ListenAndServe", Role: sdk.RoleListen, Addr: 1, Handler: 2},
		{Pkg: netHTTP, Name: "ListenAndServeTLS", Role: sdk.RoleListen, Addr: 1, Handler: 4},
		{Pkg: netHTTP, Name: "Serve", Role: sdk.RoleListen, Handler: 2},
		{Pkg: netHTTP, Name: "ServeTLS", Role: sdk.RoleListen, Handler: 2},
	}
}

// wrapSymbols are handlers around a handler that never ask who is calling.
func wrapSymbols() []sdk.Symbol {
	list := []sdk.Symbol{
		{Pkg: netHTTP, Name: "StripPrefix", Handler: 2},
		{Pkg: netHTTP, Name: "TimeoutHandler", Handler: 1},
		{Pkg: netHTTP, Name: "MaxBytesHandler", Handler: 1},
		{Pkg: netHTTP, Name: "AllowQuerySemicolons", Handler: 1},
		{Pkg: netHTTP, Recv: "CrossOriginProtection", Name: "Handler", Handler: 1},
		{Pkg: "golang.org/x/net/http2/h2c", Name: "NewHandler", Handler: 1},
		{Pkg: "github.com/rs/cors", Recv: "Cors", Name: "Handler", Handler: 1},
		{Pkg: "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp", Name: "NewHandler", Handler: 1},
		{Pkg: "github.com/gorilla/handlers", Name: "LoggingHandler", Handler: 2},
		{Pkg: "github.com/gorilla/handlers", Name: "CombinedLoggingHandler", Handler: 2},
		{Pkg: "github.com/gorilla/handlers", Name: "CompressHandler", Handler: 1},
	}
	for i := range list {
		list[i].Role = sdk.RoleWrap
	}
	return list
}

// isNetHTTP reports whether t is the named type of net/http, through a pointer.
func isNetHTTP(t types.Type, name string) bool {
	if t == nil {
		return false
	}
	n := named(t)
	return n != nil && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == netHTTP && n.Obj().Name() == name
}

// servesHTTP reports whether a value of type t answers HTTP requests: it has
// ServeHTTP, or is a handler function, of net/http or of a router.
func servesHTTP(t types.Type) bool {
	if t == nil {
		return false
	}
	if isHandlerFunc(t) || isRouterFunc(t) {
		return true
	}
	o, _, _ := types.LookupFieldOrMethod(t, true, nil, "ServeHTTP")
	f, ok := o.(*types.Func)
	return ok && isHandlerFunc(f.Type())
}

// isHandlerFunc reports whether t is func(http.ResponseWriter, *http.Request).
func isHandlerFunc(t types.Type) bool {
	sig, ok := t.Underlying().(*types.Signature)
	if !ok || sig.Params().Len() != 2 || sig.Results().Len() != 0 {
		return false
	}
	return isNetHTTP(sig.Params().At(0).Type(), "ResponseWriter") && isNetHTTP(sig.Params().At(1).Type(), "Request")
}

// givesHandler reports whether t holds a handler, or a function that returns one.
func givesHandler(t types.Type) bool {
	if t == nil {
		return false
	}
	if tuple, ok := t.(*types.Tuple); ok {
		for i := range tuple.Len() {
			if givesHandler(tuple.At(i).Type()) {
				return true
			}
		}
		return false
	}
	if servesHTTP(t) {
		return true
	}
	sig, ok := t.Underlying().(*types.Signature)
	return ok && sig.Results().Len() == 1 && servesHTTP(sig.Results().At(0).Type())
}
