package analyze

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"net"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// A Launch says how the program that serves a route is started so that it listens
// where somebody wants it to. One of Addr, Flag and Env is set.
//
// Flag and Env are read off their names and defaults, and may be wrong: whoever
// starts the program must make sure that it listens where it was told to.
type Launch struct {
	Pkg  *load.Package // the main package
	Addr string        // host:port, a constant in the source: it is taken as it is
	Flag string        // the flag of package flag that says where to listen
	Env  string        // the environment variable that does
	Port bool          // Flag or Env takes a port; otherwise host:port
}

// Launch returns how to start the program that serves route, or an error that
// says why that can't be told.
func (r *Result) Launch(route *Route) (*Launch, error) {
	pkg, err := r.mainOf(route.Site.Pkg)
	if err != nil {
		return nil, err
	}
	if route.Addr != "" {
		return &Launch{Pkg: pkg, Addr: route.Addr}, nil
	}
	flags, port := listenOptions(pkg)
	switch {
	case len(flags) == 1:
		flags[0].Pkg = pkg
		return flags[0], nil
	case len(flags) > 1:
		return nil, fmt.Errorf("package %s has several flags that may say where it listens", pkg.Path)
	case port:
		return &Launch{Pkg: pkg, Env: "PORT", Port: true}, nil
	}
	return nil, fmt.Errorf("where package %s listens is no constant, and neither a flag nor PORT says so", pkg.Path)
}

// mainOf returns pkg, or the only program of the module where pkg is a library: in
// a workspace, the only one that imports it.
func (r *Result) mainOf(pkg *load.Package) (*load.Package, error) {
	if pkg.Name == "main" {
		return pkg, nil
	}
	var found []*load.Package
	for _, p := range r.Program.Packages {
		if p.Name == "main" && (r.Program.Workspace == nil || imported(p.Types)[pkg.Types]) {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("the module has %d programs, and package %s, which serves, is none", len(found), pkg.Path)
	}
	return found[0], nil
}

// imported returns p and what it imports, directly or not.
func imported(p *types.Package) map[*types.Package]bool {
	found := map[*types.Package]bool{}
	for todo := []*types.Package{p}; len(todo) > 0; {
		q := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !found[q] {
			found[q] = true
			todo = append(todo, q.Imports()...)
		}
	}
	return found
}

// listenOptions finds the flags of pkg that look like a listen address, and
// whether it reads PORT.
func listenOptions(pkg *load.Package) (flags []*Launch, port bool) {
	for _, f := range pkg.Files {
		ast.Inspect(f.AST, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			switch name := calleeName(pkg.Info, call); name {
			case "os.Getenv", "os.LookupEnv":
				port = port || constantText(pkg.Info, call, 0) == "PORT"
			case "flag.String", "flag.Int", "flag.Uint", "flag.StringVar", "flag.IntVar", "flag.UintVar":
				first := 0
				if strings.HasSuffix(name, "Var") {
					first = 1
				}
				if l := listenFlag(constantText(pkg.Info, call, first), constantText(pkg.Info, call, first+1)); l != nil {
					flags = append(flags, l)
				}
			}
			return true
		})
	}
	return flags, port
}

// listenFlag tells a flag by its default, ":8080", or by its name and a number.
func listenFlag(name, preset string) *Launch {
	_, port, err := net.SplitHostPort(preset)
	switch {
	case name == "":
	case err == nil && isPort(port):
		return &Launch{Flag: name}
	case isPort(preset) && strings.Contains(strings.ToLower(name), "port"):
		return &Launch{Flag: name, Port: true}
	}
	return nil
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// calleeName is "package/path.Name" of a called function, "" for anything else.
func calleeName(info *types.Info, call *ast.CallExpr) string {
	var id *ast.Ident
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		id = fun
	case *ast.SelectorExpr:
		id = fun.Sel
	default:
		return ""
	}
	if fn, ok := info.Uses[id].(*types.Func); ok {
		return fn.FullName()
	}
	return ""
}

// constantText returns argument i as text, "" when it is no constant.
func constantText(info *types.Info, call *ast.CallExpr, i int) string {
	if i >= len(call.Args) {
		return ""
	}
	v := info.Types[call.Args[i]].Value
	switch {
	case v == nil:
		return ""
	case v.Kind() == constant.String:
		return constant.StringVal(v)
	}
	return v.ExactString()
}
