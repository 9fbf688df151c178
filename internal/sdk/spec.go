package sdk

// A Spec is what one SDK's folder knows about its SDK's names. It is data: the
// engine in analyze reads it and holds no SDK name of its own.
type Spec struct {
	Name    string // as users call it: "mcp-go", "go-sdk"
	Module  string // module path, without a version suffix
	Symbols []Symbol
}

// A Symbol is one function, method or type of an SDK and the role that using it plays.
type Symbol struct {
	Pkg  string // import path
	Recv string // receiver type name, without the star; "" for a function
	Name string
	Role Role
}
