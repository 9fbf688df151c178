package sdk

// A Spec is what one SDK's folder knows about its SDK's names. It is data: the
// engine in analyze reads it and holds no SDK name of its own.
type Spec struct {
	Name       string // as users call it: "mcp-go", "go-sdk"
	Module     string // module path, without a version suffix
	Symbols    []Symbol
	Types      []Type
	Further    []string // paths of further modules that hold names of it
	ByHand     string   // where no [Wirer] knows it: what a person can do instead, as a sentence
	StreamPath string   // path at which the SDK's own Start serves when no option says otherwise
	SSEPath    string   // the same for the older HTTP+SSE transport
	ForkOf     string   // the SDK whose names it has, where it is a fork; see [Spec.Fork]
	Versioned  string   // path of the module that its version is of; "" for Module
	Checks     []Check  // middleware of its own that asks who is calling, and takes no verifier
}

// Modules returns the paths of the modules that hold the SDK's names.
func (s *Spec) Modules() []string { return append([]string{s.Module}, s.Further...) }

// An Arg names an argument of a call: 1 is the first, Recv the receiver, and
// None, the zero value, says that the symbol has no such argument.
type Arg int

// Special arguments.
const (
	None Arg = 0
	Recv Arg = -1
)

// A Symbol is one function or method of an SDK, the role that calling it plays,
// and which argument is what.
type Symbol struct {
	Pkg  string // import path
	Recv string // receiver type name, without the star; "" for a function
	Name string
	Role Role

	Server    Arg    // server value, or the function that returns one; registration: None is any server of the SDK
	Chained   bool   // gives that server back, as in srv = srv.Tool(…)
	Item      Arg    // registration: the definition, or a function that makes it; define: the name, or a definition
	Named     bool   // registration: Item is the name, and there is no definition
	Variadic  bool   // Item is the first of any number, or a slice with "..."
	Many      bool   // Item is a slice or a map of definitions
	Task      bool   // registers task tools
	Options   Arg    // first of the options
	Transport Arg    // start, handler-of, stdio, connect, server: the transport value
	Listens   bool   // transport: the SDK serves it by itself where no route of the program's own leads to it
	Opaque    bool   // server: what it is given may put a check in front, and is not read
	Addr      Arg    // listen address
	Path      Arg    // mount: the pattern; option: the path
	Handler   Arg    // the http.Handler, or handler function; registration: the tool's handler
	Mux       Arg    // the mux that a mount goes to
	Verifier  Arg    // guard: the function that checks a token
	Stream    Arg    // start: the reader that messages come from
	Kind      Kind   // transport, stdio, in-process; server: it is such a transport itself
	Defines   Role   // define: what is defined (RoleTool, RolePrompt, RoleResource); middleware: what it wraps, where that is one of them
	Effect    Effect // option
	Input     Arg    // registration, define: the argument whose type is the tool's input: a struct, or a handler whose last struct parameter it is
	Schema    Arg    // define, option: the JSON schema of the tool's input
}

// A Type is one type of an SDK that matters by itself: a server, a definition
// written as a struct literal, annotations, or a transport.
type Type struct {
	Pkg  string
	Name string
	Role Role // RoleServer, RoleTool, RolePrompt, RoleResource, RoleOption (annotations), RoleTransport, RoleClient

	NameField    string   // definition: the field that holds the name (or the URI)
	Inner        string   // the field that holds the definition or transport itself, for pairs of it and a handler
	HandlerField string   // of such a pair: the field that holds the handler
	Annotations  string   // definition: the field that holds the annotations
	Schemas      []string // tool: the fields that hold the JSON schema of its input
	ReadOnly     string   // annotations: the field that says read-only
	Destructive  string   // annotations: the field that says destructive
	Kind         Kind     // transport
	Stream       string   // transport: the field that holds the reader that messages come from
}
