package analyze

// A Report is the versioned, flat form of a [Result]. Fields are only ever added.
type Report struct {
	Version    int            `json:"version"` // 1
	Module     string         `json:"module"`  // "" at a workspace root that is no module
	Workspace  *Workspace     `json:"workspace,omitempty"`
	Complete   bool           `json:"complete"`
	Incomplete []Incomplete   `json:"incomplete"`
	Notes      []string       `json:"notes,omitempty"`  // what the reader should know of how it was read; nothing is missing for it
	Errors     []ErrorReport  `json:"errors,omitempty"` // what does not compile; it was read as far as it goes
	Beside     []Beside       `json:"beside,omitempty"` // ways in that are no transport of the program's
	Copies     []Copy         `json:"copies,omitempty"` // of authlib
	Trusts     []TrustReport  `json:"trusts,omitempty"` // what a person says is a check of callers
	Servers    []ServerReport `json:"servers"`
}

// A Beside is a way in that is no transport of the program's own: a line that puts
// stdio on the network, or handlers on the server's mux.
type Beside struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Why  string `json:"why"`
}

// An ErrorReport is one error of the compiler's. Line and Column are 0 where they are
// not known.
type ErrorReport struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

// A Workspace says which modules of a go.work there are. Places are relative to
// the folder of the module in which the tool was called, or at a workspace root
// to that of go.work.
type Workspace struct {
	File    string            `json:"file"` // "go.work", "../go.work"
	Modules []WorkspaceModule `json:"modules"`
}

// A WorkspaceModule is one module of a workspace.
type WorkspaceModule struct {
	Module   string `json:"module"`
	Dir      string `json:"dir"`
	LookedAt bool   `json:"looked_at"` // it is the one asked for, or one that it imports from
}

// A ServerReport describes one server value.
type ServerReport struct {
	ID         string            `json:"id"`
	SDK        string            `json:"sdk"` // "mcp-go", "go-sdk"
	SDKVersion string            `json:"sdk_version"`
	Module     string            `json:"module,omitempty"` // in a workspace: the module that makes it
	File       string            `json:"file"`
	Line       int               `json:"line"`
	Transports []TransportReport `json:"transports"`
	Policy     *PolicyReport     `json:"policy,omitempty"` // of the guard of ours in front of it
	Tools      []ItemReport      `json:"tools"`
	Prompts    []ItemReport      `json:"prompts"`
	Resources  []ItemReport      `json:"resources"`
}

// A TransportReport is one transport at one place where it is served.
type TransportReport struct {
	Kind      string `json:"kind"`
	File      string `json:"file"`
	Line      int    `json:"line"`
	Path      string `json:"path"`
	Verdict   string `json:"verdict"`
	Guard     string `json:"guard"`
	GuardKind string `json:"guard_kind"`
	OwnGuard  bool   `json:"own_guard,omitempty"` // the guard is code of the user's own, and not a library's
	Reason    string `json:"reason"`
	Trusted   *Place `json:"trusted,omitempty"` // where somebody says so, if protected is not proved

	Checks []CheckReport `json:"checks"` // that are not ours, the innermost first
}

// A CheckReport is something in front of a transport that looks at who is calling,
// or may do so, and is no guard of ours.
type CheckReport struct {
	Name      string   `json:"name"`
	File      string   `json:"file"`
	Line      int      `json:"line"`
	Verdict   string   `json:"verdict"` // what it alone makes of the transport
	GuardKind string   `json:"guard_kind"`
	Headers   []string `json:"headers"` // that it reads and that carry a credential, lower case
}

// A PolicyReport says where the policy of a server stands.
type PolicyReport struct {
	Source   string              `json:"source"`   // "go", "file"; "unknown" where what it says could not be read
	File     string              `json:"file"`     // the policy file, or the Go file of the literal or of the call that reads it
	Line     int                 `json:"line"`     // 0 for a policy file
	Reason   string              `json:"reason"`   // why it is unknown, or what is not certain about it
	Unlisted string              `json:"unlisted"` // "deny", "base"; "" where it is unknown
	Implies  map[string][]string `json:"implies"`  // scope → scopes that it includes
	Roles    map[string][]string `json:"roles"`    // role → permissions
}

// An ItemReport is one tool, prompt or resource on one server.
type ItemReport struct {
	Name        string   `json:"name"`
	Dynamic     bool     `json:"dynamic"`
	Source      string   `json:"source,omitempty"`
	File        string   `json:"file"`
	Line        int      `json:"line"`
	Registered  Place    `json:"registered"`
	ReadOnly    bool     `json:"read_only"`
	Destructive bool     `json:"destructive"`
	Public      bool     `json:"public"`
	Scopes      []string `json:"scopes"`
	Roles       []string `json:"roles"`
	AnyScope    []string `json:"any_scope"` // those of Scopes of which one is enough
	Permissions []string `json:"permissions"`
	Issuers     []string `json:"issuers"`
	Unlisted    bool     `json:"unlisted,omitempty"` // a policy that names others does not name it: see PolicyReport.Unlisted

	Also             []Place           `json:"also,omitempty"`              // further definitions of the same name on the server, of which one replaces the other
	Checks           []ToolCheckReport `json:"checks,omitempty"`            // of callers, in a tool's handler or around it, the outermost first
	CredentialFields []string          `json:"credential_fields,omitempty"` // fields of a tool's input that look like credentials, nested ones as "auth.token"
}

// A ToolCheckReport is a check of callers in a tool's handler or around it. It says
// nothing of whether what it compares was verified.
type ToolCheckReport struct {
	Name    string         `json:"name"`
	Form    string         `json:"form"` // "wrapper", "body"
	File    string         `json:"file"`
	Line    int            `json:"line"`
	Demands []DemandReport `json:"demands"`          // all of them; empty where it was not read
	Reason  string         `json:"reason,omitempty"` // why it was not read
}

// A DemandReport is what a check demands of one kind: every one of All, and one of Any
// if there are some.
type DemandReport struct {
	Of  string   `json:"of"` // "scope", "role", "permission"
	All []string `json:"all"`
	Any []string `json:"any"`
}

// A Place is a line of a file, relative to the module root; see [Workspace].
type Place struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

// A TrustReport is one place where a person says that something is a check of callers: an
// entry of lint.guards, or a comment //mcpauth:trusted.
type TrustReport struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	Func      string `json:"func,omitempty"`   // of an entry
	SHA256    string `json:"sha256,omitempty"` // of an entry: what the function's content has now
	Reason    string `json:"reason"`
	Fault     string `json:"fault,omitempty"`     // why it does not count
	Overruled string `json:"overruled,omitempty"` // what the code shows against it
	Used      bool   `json:"used"`                // something is protected because of it
}
