package sdk

// A Check is a function of a library that stands in front of a handler and asks who is
// calling. What it lets in was read in its source, in the versions named; nothing is said
// of others. A check whose verifier the program brings along is a [Symbol] of role
// RoleGuard.
type Check struct {
	Module  string // module path
	From    string // the first version that was read, such as "v0.8.2"
	Through string // the last one

	Pkg  string // import path
	Recv string // receiver type name, without the star; "" for a function
	Name string

	Verifies bool   // it refuses a credential that nobody gave out
	LetsIn   string // whom it lets in all the same, as the end of a sentence that begins with its name
}
