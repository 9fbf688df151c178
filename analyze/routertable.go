package analyze

import (
	"go/types"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// What the names of routers of other libraries mean. All that is known of one router
// stands here; how groups, middleware and contexts work in general is in the files
// named after that.

// A router is what the names of one library mean.
type router struct {
	path   string   // import path, without a version
	makers []string // functions that make a router
	use    []string // methods that give a group middleware
	with   []string // methods that return a group of its own, with middleware
	group  []string // methods that call a function with a group of its own, or return it
	mount  []string // methods that take a handler
	same   []string // methods that give back what they are called on
	chain  string   // type of a list of middleware, with methods that put it around a handler; a function makes it
	late   []string // types of which middleware counts for routes that are there already

	// listed: what is given to a route is a list of handlers that run one after the other,
	// and the middleware of a group are handlers, too. Otherwise middleware is a function
	// from the next handler to another one.
	listed bool
	// goesOn: a handler that returns is followed by the next one, unless it said stop.
	goesOn bool
	// context is what a handler is given instead of a request; nil for net/http's handlers.
	context *routerContext
}

// A routerContext is what the methods of a router's context do with a request. A method
// that is on no list may do anything.
type routerContext struct {
	name    string   // of the type
	next    []string // run the next handler
	stop    []string // keep the next handler from running
	stopped []string // tell whether it is kept from running
	request []string // give the request of net/http; a field of that name is it, too
	replace []string // put another request there
	headers []string // read the header that they are given the name of
	inputs  []string // read a parameter, a form field or a cookie by its name
	kept    []string // read what a handler in front put there
	keep    []string // put something there for handlers behind
	told    []string // read, without arguments, what every caller may set
	answers []string // write the answer
}

var httpMethods = []string{"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"}

// titled are names as Go has them for methods: Get for GET.
func titled(names []string) []string {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = n[:1] + strings.ToLower(n[1:])
	}
	return list
}

var routers = []router{
	{
		path: "github.com/go-chi/chi", makers: []string{"NewRouter", "NewMux"}, use: []string{"Use"}, with: []string{"With"},
		group: []string{"Group", "Route"}, chain: "Middlewares",
		mount: slices.Concat([]string{"Mount", "Handle", "HandleFunc", "Method", "MethodFunc"}, titled(httpMethods)),
	},
	{
		path: "github.com/gorilla/mux", makers: []string{"NewRouter"}, use: []string{"Use"}, group: []string{"Subrouter"}, late: []string{"Router"},
		mount: []string{"Handle", "HandleFunc", "Handler", "HandlerFunc"},
		same: []string{"PathPrefix", "Path", "Host", "Methods", "Schemes", "Headers", "HeadersRegexp", "Queries", "MatcherFunc", "NewRoute", "Name",
			"BuildVarsFunc", "StrictSlash", "SkipClean", "UseEncodedPath", "Handle", "HandleFunc", "Handler", "HandlerFunc"},
	},
	{
		path: "github.com/gin-gonic/gin", makers: []string{"New", "Default"}, use: []string{"Use"}, with: []string{"Group"}, listed: true, goesOn: true,
		mount: slices.Concat([]string{"Any", "Handle", "Match", "NoRoute", "NoMethod"}, httpMethods),
		same:  slices.Concat([]string{"Any", "Handle", "Match", "Use"}, httpMethods),
		context: &routerContext{
			name: "Context", next: []string{"Next"}, stopped: []string{"IsAborted"}, request: []string{"Request"},
			stop:    []string{"Abort", "AbortWithStatus", "AbortWithStatusJSON", "AbortWithStatusPureJSON", "AbortWithError"},
			headers: []string{"GetHeader"}, inputs: []string{"Query", "PostForm", "GetQuery", "GetPostForm", "Param", "Cookie"},
			kept: []string{"Get", "MustGet", "GetString", "GetBool", "GetInt", "Value"}, keep: []string{"Set"},
			told:    []string{"FullPath", "ContentType", "IsWebsocket"},
			answers: []string{"JSON", "IndentedJSON", "PureJSON", "SecureJSON", "AsciiJSON", "XML", "YAML", "String", "Data", "Status", "Header", "Redirect", "SetCookie", "SetSameSite", "Error", "Writer"},
		},
	},
	{
		path: "github.com/labstack/echo", makers: []string{"New", "NewWithConfig"}, use: []string{"Use", "Pre"}, with: []string{"Group", "Host"}, late: []string{"Echo"},
		mount: slices.Concat([]string{"Any", "Add", "Match", "RouteNotFound"}, httpMethods),
		context: &routerContext{
			name: "Context", request: []string{"Request"}, replace: []string{"SetRequest"},
			inputs: []string{"QueryParam", "FormValue", "Param", "Cookie"}, kept: []string{"Get"}, keep: []string{"Set"},
			told:    []string{"Path", "Scheme", "IsTLS", "IsWebSocket", "QueryString"},
			answers: []string{"JSON", "JSONPretty", "JSONBlob", "XML", "HTML", "String", "Blob", "NoContent", "Redirect", "Error", "Response", "SetCookie", "Logger"},
		},
	},
	{
		path: "github.com/gofiber/fiber", makers: []string{"New"}, use: []string{"Use"}, with: []string{"Group"}, group: []string{"Route"}, listed: true,
		mount: slices.Concat([]string{"All", "Add"}, titled(httpMethods)),
		same:  slices.Concat([]string{"All", "Add", "Use", "Name"}, titled(httpMethods)),
		context: &routerContext{
			name: "Ctx", next: []string{"Next"}, headers: []string{"Get"}, inputs: []string{"Query", "FormValue", "Params", "Cookies"},
			told:    []string{"Path", "Method", "OriginalURL", "Hostname", "Host", "Protocol", "Scheme", "Secure", "BaseURL", "IsPreflight", "UserAgent", "Referer"},
			answers: []string{"Status", "SendStatus", "SendString", "Send", "JSON", "XML", "Set", "Type", "Append", "Vary", "Location", "Write", "WriteString", "Writef"},
		},
	},
}

// routerSymbols are functions of routers that lead to a handler: what makes one of
// net/http's a router's own, what listens, and what is the router as a handler.
func routerSymbols() []sdk.Symbol {
	const (
		gin, echo4, echo5 = "github.com/gin-gonic/gin", "github.com/labstack/echo/v4", "github.com/labstack/echo/v5"
		fiber2, fiber3    = "github.com/gofiber/fiber/v2", "github.com/gofiber/fiber/v3"
		adaptor           = "/middleware/adaptor"
	)
	list := []sdk.Symbol{
		{Pkg: gin, Recv: "Engine", Name: "Handler", Role: sdk.RoleHandlerOf, Transport: sdk.Recv},
		{Pkg: echo5, Recv: "StartConfig", Name: "Start", Role: sdk.RoleListen, Handler: 2},
	}
	for pkg, names := range map[string]string{gin: "WrapH WrapF", echo4: "WrapHandler", echo5: "WrapHandler", fiber2 + adaptor: "HTTPHandler HTTPHandlerFunc", fiber3 + adaptor: "HTTPHandler HTTPHandlerFunc HTTPHandlerWithContext"} {
		for name := range strings.FieldsSeq(names) {
			list = append(list, sdk.Symbol{Pkg: pkg, Name: name, Role: sdk.RoleWrap, Handler: 1})
		}
	}
	for pkg, recv := range map[string]string{gin: "Engine", echo4: "Echo", echo5: "Echo"} {
		list = append(list, sdk.Symbol{Pkg: pkg, Recv: recv, Name: "ServeHTTP", Role: sdk.RoleHandlerOf, Transport: sdk.Recv})
	}
	listen := func(recv, names string, addr sdk.Arg, pkgs ...string) {
		for _, pkg := range pkgs {
			for name := range strings.FieldsSeq(names) {
				list = append(list, sdk.Symbol{Pkg: pkg, Recv: recv, Name: name, Role: sdk.RoleListen, Addr: addr, Handler: sdk.Recv})
			}
		}
	}
	listen("Engine", "Run RunTLS RunQUIC", 1, gin)
	listen("Engine", "RunUnix RunFd RunListener", sdk.None, gin)
	listen("Echo", "Start StartTLS StartAutoTLS StartH2CServer", 1, echo4, echo5)
	listen("Echo", "StartServer", sdk.None, echo4)
	listen("App", "Listen ListenTLS ListenMutualTLS", 1, fiber2, fiber3)
	listen("App", "Listener", sdk.None, fiber2, fiber3)
	return list
}

// middlewareBridges make middleware of net/http a router's own: it is their first argument.
var middlewareBridges = map[string]string{
	"github.com/labstack/echo":                    "WrapMiddleware",
	"github.com/gofiber/fiber/middleware/adaptor": "HTTPMiddleware",
}

// plainMiddleware are functions that make middleware, or are it, which never asks who is
// calling; by the package's path without a version. "*" is all but for BasicAuth.
var plainMiddleware = map[string]string{
	"github.com/go-chi/chi/middleware":              "*",
	"github.com/go-chi/cors":                        "Handler AllowAll",
	"github.com/gin-gonic/gin":                      "Logger LoggerWithConfig LoggerWithFormatter LoggerWithWriter Recovery RecoveryWithWriter ErrorLogger",
	"github.com/gin-contrib/cors":                   "New Default",
	"github.com/gin-contrib/gzip":                   "Gzip",
	"github.com/gin-contrib/requestid":              "New",
	"github.com/labstack/echo/middleware":           "Logger LoggerWithConfig RequestLogger RequestLoggerWithConfig Recover RecoverWithConfig CORS CORSWithConfig RequestID RequestIDWithConfig Gzip GzipWithConfig BodyLimit BodyLimitWithConfig Secure SecureWithConfig RemoveTrailingSlash AddTrailingSlash",
	"github.com/gofiber/fiber/middleware/cors":      "New",
	"github.com/gofiber/fiber/middleware/logger":    "New",
	"github.com/gofiber/fiber/middleware/recover":   "New",
	"github.com/gofiber/fiber/middleware/compress":  "New",
	"github.com/gofiber/fiber/middleware/helmet":    "New",
	"github.com/gofiber/fiber/middleware/limiter":   "New",
	"github.com/gofiber/fiber/middleware/requestid": "New",
}

// asksNobody reports whether a function makes middleware that never asks who is calling.
func asksNobody(f *types.Func) bool {
	if f == nil || f.Pkg() == nil || f.Signature().Recv() != nil {
		return false
	}
	names := plainMiddleware[unversioned(f.Pkg().Path())]
	return names == "*" && f.Name() != "BasicAuth" || slices.Contains(strings.Fields(names), f.Name())
}

// unversioned is an import path without the element that is a major version.
func unversioned(path string) string {
	parts := strings.Split(path, "/")
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool {
		return len(p) > 1 && p[0] == 'v' && strings.Trim(p[1:], "0123456789") == ""
	}), "/")
}

// routerOf returns the library that a function belongs to; nil for others.
func routerOf(f *types.Func) *router {
	if f == nil || f.Pkg() == nil {
		return nil
	}
	return routerAt(f.Pkg().Path())
}

func routerAt(path string) *router {
	for i, r := range routers {
		if rest, ok := strings.CutPrefix(path, r.path); ok && (rest == "" || strings.HasPrefix(rest, "/v") && !strings.Contains(rest[1:], "/")) {
			return &routers[i]
		}
	}
	return nil
}

func (r *router) is(f *types.Func, names []string) bool {
	return r != nil && slices.Contains(names, f.Name())
}
