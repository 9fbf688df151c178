package rewrite

// sidecarSource is the template of mcp_auth.go. It is written for the person who
// reads the diff: one function makes the guard, one says who may do what.
const sidecarSource = `package {{.Package}}

// This file decides who may call this MCP server. mcp-migrate wrote it once; it
// is yours to change.

import (
{{- range .Imports}}
	{{quote .}}
{{- end}}
{{if .Imports}}
{{end}}
{{- if .SDK}}
	{{quote .SDK}}
{{end}}
{{- range .Authlib}}
	{{quote .}}
{{- end}}
)
{{if .Constructor}}
// {{.Constructor}} makes the guard of this server.
// Callers {{.SignIn}}.
// The variables that it reads are listed in .env.example.
func {{.Constructor}}({{if .TakesServer}}s {{.ServerType}}{{end}}) (*{{.Adapter}}.Guard, error) {
	resource := os.Getenv("MCP_RESOURCE_URL") // the public URL of the MCP endpoint
	if resource == "" {
{{- if .Resource}}
		resource = {{quote .Resource}}
{{- else}}
		return nil, errors.New("MCP_RESOURCE_URL is not set: give it the public URL of the MCP endpoint, such as https://mcp.example.com/mcp")
{{- end}}
	}
{{- template "signIn" .}}
	if err != nil {
		return nil, err
	}
{{- if .Store}}
{{- template "broker" .}}
{{- end}}
	guard, err := authlib.New(authlib.Config{
		Resource: resource,
		Verifier: auth,
{{- if .Store}}
		AuthServer: auth,
{{- else if eq .Provider "jwt"}}
		AuthorizationServers: []string{issuer}, // where clients get a token
{{- end}}
		Policy: {{.PolicyFunc}}(),
{{- if .Optional}}
		AllowAnonymous: true, // strangers may list and call what the policy makes public
{{- end}}
	})
	if err != nil {
		return nil, err
	}
{{- if .TakesServer}}
	mcpAuth := {{.Adapter}}.New(guard)
	mcpAuth.Server(s) // checks every call again inside the SDK
	return mcpAuth, nil
{{- else}}
	return {{.Adapter}}.New(guard), nil
{{- end}}
}

// {{.PolicyFunc}} says what each operation demands of its caller.
func {{.PolicyFunc}}() authlib.Policy {
	return {{.Policy}}
}
{{end}}
{{- if .Checker}}
// {{.Checker}} makes s refuse every request that did not pass the guard.
func {{.Checker}}(s {{.ServerType}}) {{.ServerType}} {
	return {{.Adapter}}.Check(s)
}
{{end}}`
