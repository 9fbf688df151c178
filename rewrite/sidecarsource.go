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
{{range .Guards}}
// {{.Constructor}} makes the guard of {{.Of}}.
// Callers {{$.SignIn}}.
// The variables that it reads are listed in .env.example.
func {{.Constructor}}({{if .TakesServer}}s {{$.ServerType}}{{end}}) (*{{$.Adapter}}.Guard, error) {
	resource := os.Getenv({{quote .Env}}) // the public URL of the MCP endpoint
	if resource == "" {
{{- if .Resource}}
		resource = {{quote .Resource}}
{{- else}}
		return nil, errors.New("{{.Env}} is not set: give it the public URL of the MCP endpoint, such as {{.Example}}")
{{- end}}
	}
{{- if not $.Helper}}{{template "body" .Body}}
{{- else if .TakesServer}}
	mcpAuth, err := {{$.HelperName}}(resource, {{.Further}}, {{.Policy}}())
	if err != nil {
		return nil, err
	}
	mcpAuth.Server(s) // checks every call again inside the SDK
	return mcpAuth, nil
{{- else}}
	return {{$.HelperName}}(resource, {{.Further}}, {{.Policy}}())
{{- end}}
}
{{- if .PolicyText}}

// {{.Policy}} says what each operation demands of its caller.
func {{.Policy}}() authlib.Policy {
	return {{.PolicyText}}
}
{{- end}}
{{end}}
{{- if .Helper}}
// {{.HelperName}} makes a guard for one resource; a token for one is refused by the
// others. A further one has its sign-in endpoints below its own path, so that
// several can share one origin.
func {{.HelperName}}(resource string, further bool, policy authlib.Policy) (*{{.Adapter}}.Guard, error) {
{{- template "body" .Helper}}
}
{{end}}
{{- if .Checker}}
// {{.Checker}} makes s refuse every request that did not pass the guard.
func {{.Checker}}(s {{.ServerType}}) {{.ServerType}} {
	return {{.Adapter}}.Check(s)
}
{{end}}
{{- if .EachChecker}}
// {{.EachChecker}} does so for each server that get returns.
func {{.EachChecker}}(get func(*http.Request) {{.ServerType}}) func(*http.Request) {{.ServerType}} {
	return {{.Adapter}}.CheckServers(get)
}
{{end}}
{{- define "body"}}
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
		Audience: audience, // what it is issued for
{{- end}}
		Policy: {{.Policy}},
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
{{- end}}`
