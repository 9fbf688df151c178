package sdk

import (
	"go/types"
	"slices"
	"strings"
)

// A Router is a router of another library as the wiring needs to know it: by which
// names a handler gets there, and how one is added next to it.
type Router struct {
	Name   string   // such as "chi"
	Path   string   // import path, without a version
	Makers []string // functions that make an outermost router
	Groups []string // methods that return a group of routes, or call a function with one
	Use    []string // methods that give a router or a group middleware
	Mounts []string // methods that take a handler at a path
	Wraps  []string // functions that make a handler of the library of one of net/http
	Plain  []string // middleware that lets everybody and everything through: "NAME", or "FOLDER.NAME" below Path
	Shuts  []string // middleware that asks nobody who they are, and refuses some of what a sign-in sends

	Add     string // statement that adds HANDLER at PATH to ROUTER, for all methods; PKG is the library
	Ordered bool   // the first route that fits answers
	Panics  bool   // a second handler at a path, and a catch-all beside other paths, end the program
	Buffers bool   // a handler of net/http answers there only once it is done, so that nothing is streamed
}

// Routers are the libraries whose routes are known: rewritten, or refused with a reason.
var Routers = []*Router{
	{
		Name: "chi", Path: "github.com/go-chi/chi", Makers: []string{"NewRouter", "NewMux"},
		Groups: []string{"Group", "Route", "With"}, Use: []string{"Use"},
		Mounts: []string{"Mount", "Handle", "HandleFunc", "Method", "MethodFunc", "Get", "Post", "Put", "Patch", "Delete", "Head", "Options", "Connect", "Trace"},
		Plain: []string{
			"middleware.CleanPath", "middleware.Compress", "middleware.DefaultLogger", "middleware.GetHead", "middleware.Heartbeat", "middleware.Logger",
			"middleware.NoCache", "middleware.RealIP", "middleware.Recoverer", "middleware.RedirectSlashes",
			"middleware.RequestID", "middleware.RequestLogger", "middleware.RequestSize", "middleware.SetHeader", "middleware.StripSlashes",
			"middleware.Throttle", "middleware.ThrottleBacklog", "middleware.Timeout", "middleware.WithValue",
		},
		Shuts: []string{"middleware.AllowContentType", "middleware.ContentCharset", "middleware.PageRoute", "middleware.PathRewrite", "middleware.RouteHeaders", "middleware.Maybe"},
		Add:   "ROUTER.Handle(PATH, HANDLER)",
	},
	{
		Name: "gin", Path: "github.com/gin-gonic/gin", Makers: []string{"New", "Default"},
		Groups: []string{"Group"}, Use: []string{"Use"},
		Mounts: []string{"Any", "Handle", "Match", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "NoRoute"},
		Wraps:  []string{"WrapH", "WrapF"},
		Plain: []string{
			"Logger", "LoggerWithConfig", "LoggerWithFormatter", "LoggerWithWriter", "ErrorLogger", "ErrorLoggerT",
			"Recovery", "RecoveryWithWriter", "CustomRecovery", "CustomRecoveryWithWriter",
		},
		Add: "ROUTER.Any(PATH, PKG.WrapH(HANDLER))", Panics: true,
	},
	{
		Name: "echo", Path: "github.com/labstack/echo", Makers: []string{"New"},
		Groups: []string{"Group"}, Use: []string{"Use", "Pre"},
		Mounts: []string{"Any", "Add", "Match", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"},
		Wraps:  []string{"WrapHandler"},
		Plain: []string{
			"middleware.Logger", "middleware.LoggerWithConfig", "middleware.RequestLogger", "middleware.RequestLoggerWithConfig", "middleware.Recover",
			"middleware.RecoverWithConfig", "middleware.RequestID", "middleware.RequestIDWithConfig", "middleware.CORS", "middleware.CORSWithConfig",
			"middleware.BodyLimit", "middleware.BodyLimitWithConfig", "middleware.RemoveTrailingSlash", "middleware.RemoveTrailingSlashWithConfig",
			"middleware.Secure", "middleware.SecureWithConfig",
		},
		Add: "ROUTER.Any(PATH, PKG.WrapHandler(HANDLER))",
	},
	{
		Name: "gorilla", Path: "github.com/gorilla/mux", Makers: []string{"NewRouter"},
		Groups: []string{"Subrouter", "PathPrefix"}, Use: []string{"Use"}, Mounts: []string{"Handle", "HandleFunc"},
		Add: "ROUTER.Handle(PATH, HANDLER)", Ordered: true,
	},
	{
		Name: "fiber", Path: "github.com/gofiber/fiber", Buffers: true, Wraps: []string{"middleware/adaptor.HTTPHandler", "middleware/adaptor.HTTPHandlerFunc"},
		Mounts: []string{"All", "Add", "Get", "Post", "Put", "Patch", "Delete", "Head", "Options", "Use", "Mount"},
	},
}

// RouterOf returns the library that a function or method belongs to; nil for others.
func RouterOf(f *types.Func) *Router {
	if f == nil || f.Pkg() == nil {
		return nil
	}
	for _, r := range Routers {
		if below, ok := r.folder(f.Pkg().Path()); ok && below == "" {
			return r
		}
	}
	return nil
}

// folder returns which folder of the library a package is, a version left out.
func (r *Router) folder(path string) (below string, ok bool) {
	rest, ok := strings.CutPrefix(path, r.Path)
	if !ok || rest != "" && rest[0] != '/' {
		return "", false
	}
	rest = strings.TrimPrefix(rest, "/")
	first, more, _ := strings.Cut(rest, "/")
	if len(first) > 1 && first[0] == 'v' && strings.Trim(first[1:], "0123456789") == "" {
		rest = more
	}
	return rest, true
}

// Is reports whether f is one of the library's own names.
func (r *Router) Is(f *types.Func, names []string) bool {
	return RouterOf(f) == r && slices.Contains(names, f.Name())
}

// Named reports whether f is in a list of middleware, such as Plain.
func (r *Router) Named(f *types.Func, names []string) bool {
	if f == nil || f.Pkg() == nil || f.Signature().Recv() != nil {
		return false
	}
	below, ok := r.folder(f.Pkg().Path())
	if ok && below != "" {
		return slices.Contains(names, below+"."+f.Name())
	}
	return ok && slices.Contains(names, f.Name())
}

// AddTo returns the statement that adds handler at path to router.
func (r *Router) AddTo(router, pkg, path, handler string) string {
	return strings.NewReplacer("ROUTER", router, "PKG", pkg, "PATH", path, "HANDLER", handler).Replace(r.Add)
}
