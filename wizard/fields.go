package wizard

// signInFields are the fields that say who the callers are.
func signInFields() []Field {
	return []Field{
		list(Field{Key: "provider", Flag: "provider", Kind: KindMulti, Usage: "how callers are known; repeatable",
			Choices: providers()}, func(a *Answers) *[]string { return &a.Provider }),
		list(Field{Key: "allow", Flag: "allow", Kind: KindList,
			Usage: "who may sign in: a list such as `user:NAME,org:NAME`, domain:NAME, or anyone (required for github, google, oidc); with several providers each begins with its own, as in github:user:NAME"},
			func(a *Answers) *[]string { return &a.Allow }),
		text(Field{Key: "issuer", Flag: "issuer", Kind: KindText, Usage: "issuer `URL` (required for oidc and jwt)"},
			func(a *Answers) *string { return &a.Issuer }),
		text(Field{Key: "audience", Flag: "audience", Kind: KindText, Usage: "audience that tokens must name, for jwt (default: the resource URL)"},
			func(a *Answers) *string { return &a.Audience }),
		text(Field{Key: "introspection_url", Flag: "introspection-url", Kind: KindText, Usage: "endpoint `URL` to ask about each token, for jwt (default: tokens are checked by their signature)"},
			func(a *Answers) *string { return &a.IntrospectionURL }),
		text(Field{Key: "store", Flag: "store", Kind: KindChoice, Usage: "where sessions live", Default: []string{"file"},
			Choices: stores()}, func(a *Answers) *string { return &a.Store }),
	}
}

// policyFields are the fields that say what a caller may do.
func policyFields() []Field {
	return []Field{
		text(Field{Key: "requirement", Flag: "requirement", Kind: KindChoice, Usage: "whether every request needs a caller",
			Default: []string{"required"}, Choices: requirements()}, func(a *Answers) *string { return &a.Requirement }),
		list(Field{Key: "scopes", Flag: "scopes", Kind: KindList, Default: []string{},
			Usage: "scopes, as `a,b`, that every operation demands that is not public (default: none, any signed-in user will do)"},
			func(a *Answers) *[]string { return &a.Scopes }),
		list(Field{Key: "public", Flag: "public", Kind: KindList, Default: []string{},
			Usage: "tools, as `NAME,NAME`, that strangers may call; * and ? match (needs --requirement optional; default: none)"},
			func(a *Answers) *[]string { return &a.Public }),
		rules(Field{Key: "tool_scopes", Flag: "tool-scopes",
			Usage: "scopes that some tools demand beside --scopes, as `NAME=a,b`; * and ? match in NAME; repeatable (default: none)"},
			func(a *Answers) *map[string][]string { return &a.ToolScopes }),
		rules(Field{Key: "tool_any_scopes", Flag: "tool-any-scopes",
			Usage: "scopes, one of which some tools demand beside --scopes, as `NAME=a,b`; * and ? match in NAME; repeatable (default: none)"},
			func(a *Answers) *map[string][]string { return &a.ToolAnyScopes }),
		rules(Field{Key: "tool_roles", Flag: "tool-roles",
			Usage: "roles, one of which some tools demand, as `NAME=a,b`; * and ? match in NAME; repeatable; MCP_ROLES says who has them, or the token or key does (default: none)"},
			func(a *Answers) *map[string][]string { return &a.ToolRoles }),
		text(Field{Key: "unlisted", Flag: "unlisted", Kind: KindChoice, Usage: "what holds for a tool that the policy does not name",
			Default: []string{"deny"}, Choices: []Choice{
				{Value: "deny", Label: "refuse it"},
				{Value: "base", Label: "demand what every other operation does"}}},
			func(a *Answers) *string { return &a.Unlisted }),
	}
}

// wiringFields are the fields that say what is changed, and how.
func wiringFields() []Field {
	return []Field{
		text(Field{Key: "stdio", Flag: "stdio", Kind: KindChoice, Usage: "what becomes of a stdio transport", Default: []string{"keep"}, Choices: []Choice{
			{Value: "keep", Label: "leave it open, as the MCP specification has it"},
			{Value: "token", Label: "demand a credential", Note: "MCP_ACCESS_TOKEN holds an API key or token; without a valid one the program does not start."}}},
			func(a *Answers) *string { return &a.Stdio }),
		text(Field{Key: "existing", Flag: "existing", Kind: KindChoice, Usage: "what becomes of checks that are already there", Default: []string{"keep"}, Choices: []Choice{
			{Value: "keep", Label: "leave them as they are"},
			{Value: "replace", Label: "put ours in their place", Note: "Only where a check does nothing else; callers' old credentials stop working."},
			{Value: "add", Label: "put ours in front of them", Note: "Callers need both."}}},
			func(a *Answers) *string { return &a.Existing }),
		text(Field{Key: "secrets", Flag: "secrets", Kind: KindChoice, Usage: "what becomes of hard-coded credentials", Default: []string{"keep"}, Choices: []Choice{
			{Value: "keep", Label: "leave them where they are"},
			{Value: "env", Label: "move them to environment variables", Note: "The program does not start without them, and no diff shows them."}}},
			func(a *Answers) *string { return &a.Secrets }),
		list(Field{Key: "servers", Flag: "server", Kind: KindList, Usage: "`ID` of a server to migrate, as inspect prints it; repeatable (default: all served over HTTP)"},
			func(a *Answers) *[]string { return &a.Servers }),
		text(Field{Key: "resource_url", Flag: "resource-url", Kind: KindText, Usage: "public `URL` of the MCP endpoint, written to .env.example"},
			func(a *Answers) *string { return &a.ResourceURL }),
		text(Field{Key: "authlib", Flag: "authlib", Kind: KindChoice, Usage: "how the program gets authlib", Default: []string{"copy"}, Choices: []Choice{
			{Value: "copy", Label: "copied into the module"},
			{Value: "import", Label: "required as a module", Note: "Only where that raises neither the go line nor an SDK."}}},
			func(a *Answers) *string { return &a.Authlib }),
		text(Field{Key: "authlib_dir", Flag: "authlib-dir", Kind: KindText, Usage: "`folder` of the copy, relative to the module root", Default: []string{"internal/authlib"}},
			func(a *Answers) *string { return &a.AuthlibDir }),
		list(Field{Key: "authlib_packages", Flag: "authlib-packages", Kind: KindMulti, Unasked: true, Choices: authlibPackages(),
			Usage: "further packages of authlib to copy for your own code, as `NAME,NAME`; a later run adds what is new; none unless named"},
			func(a *Answers) *[]string { return &a.AuthlibPackages }),
	}
}

// authlibPackages are the packages of authlib that a program may want beside those
// that its wiring imports, by their folder. The adapters are not among them: which
// one there is follows from the program's SDK.
func authlibPackages() []Choice {
	return []Choice{
		{Value: "policyfile", Label: "the policy as a YAML or JSON file"},
		{Value: "otelauth", Label: "metrics and traces for OpenTelemetry"},
		{Value: "authtest", Label: "tests of your own server"},
		{Value: "userdata", Label: "what is kept for each user, and the upstream's tokens"},
		{Value: "apikey", Label: "API keys"},
		{Value: "jwtauth", Label: "tokens of an external authorization server"},
		{Value: "broker", Label: "sign-in at the program itself"},
		{Value: "provider", Label: "what providers have in common"},
		{Value: "provider/github", Label: "GitHub sign-in"},
		{Value: "provider/google", Label: "Google sign-in"},
		{Value: "provider/oidc", Label: "any OpenID Connect issuer"},
		{Value: "provider/dev", Label: "local sign-in page, for development"},
		{Value: "session", Label: "sealed sessions"},
		{Value: "session/memstore", Label: "sessions in memory"},
		{Value: "session/filestore", Label: "sessions in files"},
		{Value: "session/redisstore", Label: "sessions in Redis"},
		{Value: "session/storetest", Label: "the tests that every store of sessions passes"},
	}
}

func providers() []Choice {
	return []Choice{
		{Value: "github", Label: "GitHub sign-in", Note: "Users sign in with their GitHub account. Needs a GitHub OAuth app."},
		{Value: "dev", Label: "local sign-in page, for development", Note: "Works without any registration, on this machine only. Refuses to run on a public address."},
		{Value: "google", Label: "Google sign-in", Note: "Users sign in with their Google account. Needs an OAuth web client of Google Cloud."},
		{Value: "oidc", Label: "any OpenID Connect issuer", Note: "Users sign in at Keycloak, Entra, Okta and the like. Needs a confidential web client there."},
		{Value: "jwt", Label: "tokens of an external authorization server", Note: "Nobody signs in here: tokens are checked, not issued. Clients must be able to register there."},
		{Value: "apikey", Label: "API keys", Note: "For programs. Keys are in a file, as hashes. Clients cannot sign in by themselves."},
	}
}

func stores() []Choice {
	return []Choice{
		{Value: "file", Label: "files, encrypted", Note: "Sessions survive a restart. One machine."},
		{Value: "memory", Label: "memory", Note: "Everybody signs in again after a restart."},
		{Value: "redis", Label: "Redis, encrypted", Note: "Several replicas share the sessions. Needs a Redis or Valkey that evicts nothing."},
	}
}

func requirements() []Choice {
	return []Choice{
		{Value: "required", Label: "every request needs a caller", Note: "Strangers get nothing."},
		{Value: "optional", Label: "some tools are public", Note: "A stranger may initialize, list and call what is public, nothing else."},
	}
}
