// Package wizard holds the questions that only the user can answer, as data, and
// the typed answers. Terminal pages, flags and the answers file all fill the same
// [Answers].
package wizard

// Answers is everything that migrate needs to know. The zero value of a field
// means "not answered"; a list that is empty but not nil is an answer ("none").
// Tags are the keys of the answers file.
type Answers struct {
	Provider    []string            `yaml:"provider,omitempty"`     // github, dev, …; several together
	Allow       []string            `yaml:"allow,omitempty"`        // user:NAME, org:NAME, domain:NAME, anyone; PROVIDER: before it
	Store       string              `yaml:"store,omitempty"`        // memory, file
	Requirement string              `yaml:"requirement,omitempty"`  // required, optional
	Scopes      []string            `yaml:"scopes,omitempty"`       // demanded by every non-public operation
	Public      []string            `yaml:"public,omitempty"`       // tool name globs
	ToolScopes  map[string][]string `yaml:"tool_scopes,omitempty"`  // tool name glob → scopes
	ToolRoles   map[string][]string `yaml:"tool_roles,omitempty"`   // tool name glob → roles
	Unlisted    string              `yaml:"unlisted,omitempty"`     // deny, base
	Stdio       string              `yaml:"stdio,omitempty"`        // keep, token
	Existing    string              `yaml:"existing,omitempty"`     // keep, replace, add
	Secrets     string              `yaml:"secrets,omitempty"`      // keep, env
	Servers     []string            `yaml:"servers,omitempty"`      // server IDs; empty means all served over HTTP
	ResourceURL string              `yaml:"resource_url,omitempty"` // written to .env.example
	Authlib     string              `yaml:"authlib,omitempty"`      // copy, import
	AuthlibDir  string              `yaml:"authlib_dir,omitempty"`  // default internal/authlib
	Issuer      string              `yaml:"issuer,omitempty"`
	Audience    string              `yaml:"audience,omitempty"`

	IntrospectionURL string `yaml:"introspection_url,omitempty"` // RFC 7662 endpoint, for jwt

	ToolAnyScopes map[string][]string `yaml:"tool_any_scopes,omitempty"` // tool name glob → scopes, one of which is enough

	AuthlibPackages []string `yaml:"authlib_packages,omitempty"` // below authlib, copied beside what the wiring imports
}
