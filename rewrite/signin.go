package rewrite

import (
	"slices"

	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// A signIn is one way in which the migrated program can know its callers: what
// the answer --provider means for the wiring.
type signIn struct {
	phrase   string   // "Callers …", for the comment
	packages []string // of authlib, besides those of every broker
	env      []EnvVar // what it reads, besides MCP_RESOURCE_URL
}

// signIns are the ways by the value of --provider. The text of each is a template
// of that name in sidecarsignin.go.
var signIns = map[string]signIn{
	"github": {"sign in with GitHub", []string{"/provider/github"}, []EnvVar{
		{"GITHUB_CLIENT_ID", true, "Client ID of your GitHub OAuth app (github.com/settings/developers); its callback URL is <origin>/oauth/callback/github."},
		{"GITHUB_CLIENT_SECRET", true, "Client secret of that app."},
		{"GITHUB_BASE_URL", false, "Only for GitHub Enterprise Server: its URL."}}},
	"google": {"sign in with Google", []string{"/provider/google"}, []EnvVar{
		{"GOOGLE_CLIENT_ID", true, "Client ID of your OAuth web client (console.cloud.google.com/auth/clients); its redirect URI is <origin>/oauth/callback/google."},
		{"GOOGLE_CLIENT_SECRET", true, "Client secret of that client."}}},
	"oidc": {"sign in with an OpenID Connect issuer", []string{"/provider/oidc"}, []EnvVar{
		{"OIDC_ISSUER", true, "Issuer URL, exactly as the issuer spells it."},
		{"OIDC_CLIENT_ID", true, "Client ID of a confidential web client at the issuer; its redirect URI is <origin>/oauth/callback/oidc."},
		{"OIDC_CLIENT_SECRET", true, "Client secret of that client."}}},
	"dev": {"sign in on a local page (development only)", []string{"/provider/dev"}, []EnvVar{
		{"MCP_DEV_CODE", false, "Code that the local sign-in page asks for. Default: a random one, printed at start."}}},
	"jwt": {"bring a token of an external authorization server", []string{"/jwtauth"}, []EnvVar{
		{"OIDC_ISSUER", true, "Issuer URL of the authorization server, exactly as it spells it."},
		{"MCP_AUDIENCE", false, "What tokens must name as their audience. Default: MCP_RESOURCE_URL"}}},
	"apikey": {"bring an API key", []string{"/apikey"}, []EnvVar{
		{"MCP_API_KEYS_FILE", true, `JSON file of the keys: [{"sha256": "…", "subject": "ci", "scopes": []}]. Make a key with: KEY=mcpk_$(openssl rand -hex 32); its hash with: printf %s "$KEY" | sha256sum`}}},
}

// introspectionEnv is what asking an authorization server about tokens takes.
var introspectionEnv = []EnvVar{
	{"OIDC_CLIENT_ID", true, "Client ID under which this server asks the authorization server about tokens."},
	{"OIDC_CLIENT_SECRET", true, "Client secret of that client."},
}

// storeEnv is what a store in files reads.
var storeEnv = []EnvVar{
	{"MCP_SESSION_KEY", true, "32 bytes, base64 (openssl rand -base64 32). A comma list changes keys: the first one encrypts. Add a new one at the end everywhere, then move it to the front."},
	{"MCP_SESSION_DIR", false, "Where signed-in users are kept, encrypted. Default: .mcp-sessions"},
}

// storeOf returns where sessions live, or "" where there are none: a program that
// only checks tokens keeps nothing.
func storeOf(ans wizard.Answers) string {
	if !wizard.Brokered(ans) {
		return ""
	}
	return ans.Store
}

// signInEnv returns the variables of the answers' way to sign in.
func signInEnv(ans wizard.Answers) []EnvVar {
	vars := slices.Clone(signIns[first(ans.Provider)].env)
	if introspects(ans) {
		vars = append(vars, introspectionEnv...)
	}
	if storeOf(ans) == "file" {
		vars = append(vars, storeEnv...)
	}
	return vars
}

// introspects reports whether tokens are checked by asking who issued them.
func introspects(ans wizard.Answers) bool {
	return first(ans.Provider) == "jwt" && ans.IntrospectionURL != ""
}

// answered returns the value that an answer gives to a variable, for
// .env.example.
func answered(name string, ans wizard.Answers) string {
	return map[string]string{
		"MCP_RESOURCE_URL": ans.ResourceURL, "OIDC_ISSUER": ans.Issuer, "MCP_AUDIENCE": ans.Audience,
	}[name]
}

// authlibPackages returns the packages that a wiring imports directly, as
// suffixes of authlib's import path.
func authlibPackages(ans wizard.Answers, adapter string) []string {
	out := append([]string{"", "/" + adapter}, signIns[first(ans.Provider)].packages...)
	if store := storeOf(ans); store != "" {
		out = append(out, "/broker", "/provider", "/session/"+storePackages[store])
	}
	if storeOf(ans) == "file" {
		out = append(out, "/session")
	}
	return out
}

// storePackages maps the answer --store to the package that keeps sessions so.
var storePackages = map[string]string{"memory": "memstore", "file": "filestore"}
