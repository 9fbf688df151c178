package rewrite

import (
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// A signIn is one way in which the migrated program can know its callers: what
// the answer --provider means for the wiring.
type signIn struct {
	phrase   string   // "Callers …", for the comment
	variable string   // what holds it where there are several
	packages []string // of authlib, besides those of every broker
	env      []EnvVar // what it reads, besides MCP_RESOURCE_URL
}

// signIns are the ways by the value of --provider. The text of each is a template
// of that name in sidecarsignin.go.
var signIns = map[string]signIn{
	"github": {"sign in with GitHub", "withGitHub", []string{"/provider/github"}, []EnvVar{
		{"GITHUB_CLIENT_ID", true, "Client ID of your GitHub OAuth app (github.com/settings/developers); its callback URL is <origin>/oauth/callback/github."},
		{"GITHUB_CLIENT_SECRET", true, "Client secret of that app."},
		{"GITHUB_BASE_URL", false, "Only for GitHub Enterprise Server: its URL."}}},
	"google": {"sign in with Google", "withGoogle", []string{"/provider/google"}, []EnvVar{
		{"GOOGLE_CLIENT_ID", true, "Client ID of your OAuth web client (console.cloud.google.com/auth/clients); its redirect URI is <origin>/oauth/callback/google."},
		{"GOOGLE_CLIENT_SECRET", true, "Client secret of that client."}}},
	"oidc": {"sign in with an OpenID Connect issuer", "withIssuer", []string{"/provider/oidc"}, []EnvVar{
		{"OIDC_ISSUER", true, "Issuer URL, exactly as the issuer spells it."},
		{"OIDC_CLIENT_ID", true, "Client ID of a confidential web client at the issuer; its redirect URI is <origin>/oauth/callback/oidc."},
		{"OIDC_CLIENT_SECRET", true, "Client secret of that client."}}},
	"dev": {"sign in on a local page (development only)", "signIn", []string{"/provider/dev"}, []EnvVar{
		{"MCP_DEV_CODE", false, "Code that the local sign-in page asks for. Default: a random one, printed at start."}}},
	"jwt": {"bring a token of an external authorization server", "auth", []string{"/jwtauth"}, []EnvVar{
		{"OIDC_ISSUER", true, "Issuer URL of the authorization server, exactly as it spells it."},
		{"MCP_AUDIENCE", false, "What tokens must name as their audience. Default: MCP_RESOURCE_URL"}}},
	"apikey": {"bring an API key", "apiKeys", []string{"/apikey"}, []EnvVar{
		{"MCP_API_KEYS_FILE", true, `JSON file of the keys: [{"sha256": "…", "subject": "ci", "scopes": []}]. Make a key with: KEY=mcpk_$(openssl rand -hex 32); its hash with: printf %s "$KEY" | sha256sum`}}},
}

// introspectionEnv is what asking an authorization server about tokens takes.
var introspectionEnv = []EnvVar{
	{"OIDC_CLIENT_ID", true, "Client ID under which this server asks the authorization server about tokens."},
	{"OIDC_CLIENT_SECRET", true, "Client secret of that client."},
}

// storeOf returns where sessions live, or "" where there are none: a program that
// only checks tokens keeps nothing.
func storeOf(ans wizard.Answers) string {
	if !wizard.Brokered(ans) {
		return ""
	}
	return ans.Store
}

// SignInVariables returns the variables that a program reads besides those of its
// resources, for answers with every default.
func SignInVariables(ans wizard.Answers) []EnvVar { return signInEnv(ans) }

// signInEnv returns the variables of the answers' ways to sign in.
func signInEnv(ans wizard.Answers) []EnvVar {
	var vars []EnvVar
	for _, p := range ans.Provider {
		vars = append(vars, signIns[p].env...)
	}
	if introspects(ans) {
		vars = append(vars, introspectionEnv...)
	}
	vars = append(vars, rolesEnv(ans)...)
	for i, v := range vars {
		if v.Name == "MCP_API_KEYS_FILE" {
			vars[i].Help = keysHelp(v.Help, ans)
		}
	}
	return append(vars, storeWays[storeOf(ans)].env...)
}

// phrase says what callers do, for a comment.
func phrase(ans wizard.Answers) string {
	var all []string
	for _, p := range ans.Provider {
		all = append(all, signIns[p].phrase)
	}
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	return strings.Join(all[:len(all)-1], ", ") + " or " + all[len(all)-1]
}

// waysOf returns the ways to sign in with the variables that hold them. A single
// one, and a single one where users sign in, keeps the plain name.
func waysOf(ans wizard.Answers) []way {
	var ways []way
	for _, p := range ans.Provider {
		w := way{p, signIns[p].variable}
		switch users := wizard.Users(ans); {
		case len(ans.Provider) == 1 && len(users) == 0:
			w.Var = "auth"
		case len(users) == 1 && users[0] == p:
			w.Var = "signIn"
		}
		ways = append(ways, w)
	}
	return ways
}

// A way is one way to sign in, and the variable that holds it.
type way struct{ Name, Var string }

func uses(ans wizard.Answers, provider string) bool { return slices.Contains(ans.Provider, provider) }

// introspects reports whether tokens are checked by asking who issued them.
func introspects(ans wizard.Answers) bool { return uses(ans, "jwt") && ans.IntrospectionURL != "" }

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
	out := []string{"", "/" + adapter}
	for _, p := range ans.Provider {
		out = append(out, signIns[p].packages...)
	}
	if store := storeOf(ans); store != "" {
		out = append(out, "/broker", "/provider", "/session/"+storeWays[store].pkg)
		if storeWays[store].sealed {
			out = append(out, "/session")
		}
	}
	return out
}
