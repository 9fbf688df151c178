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
	resource := os.Getenv({{quote .Env}}) // {{if .Local}}names this server; nothing is served there{{else}}the public URL of the MCP endpoint{{end}}
	if resource == "" {
{{- if .Resource}}
		resource = {{quote .Resource}}
{{- else}}
		return nil, errors.New("{{.Env}} is not set: give it the {{if .Local}}URI that tokens for this server have as their audience{{else}}public URL of the MCP endpoint{{end}}, such as {{.Example}}")
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
{{- if .Stdio}}

// {{.Stdio}} makes the guard of what is served over stdio: its caller is whom the
// credential in MCP_ACCESS_TOKEN belongs to. Without one that is valid nothing is
// served.
func {{.Stdio}}() (*{{$.Adapter}}.Guard, error) {
	mcpAuth, err := {{.Constructor}}({{if .TakesServer}}nil{{end}})
	if err != nil {
		return nil, err
	}
	mcpStdio, err := mcpAuth.Stdio(context.Background(), os.Getenv("MCP_ACCESS_TOKEN"))
	if err != nil {
		return nil, fmt.Errorf("MCP_ACCESS_TOKEN: %w", err) // the error does not hold it
	}
	return mcpStdio, nil
}
{{- end}}
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
{{- range .Ways}}{{template "signIn" (at $ .)}}
	if err != nil {
		return nil, err
	}
{{- end}}
{{- if .Store}}
{{- template "broker" .}}
{{- end}}
{{- if .Keys}}
	// Each credential is shown to one of the two only, by how it begins.
	callers, err := authlib.ByPrefix(map[string]authlib.Verifier{apikey.Prefix: apiKeys}, auth)
	if err != nil {
		return nil, err
	}
{{- end}}
	guard, err := authlib.New(authlib.Config{
		Resource: resource,
		Verifier: {{if .Keys}}callers{{else}}auth{{end}},
{{- if .Store}}
		AuthServer: auth,
{{- if ne .Store "memory"}}
		SessionKeys: auth.SessionKeys(), // a restart or another replica ends no session
{{- end}}
{{- else if .JWT}}
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
