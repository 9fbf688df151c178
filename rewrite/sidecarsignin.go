package rewrite

// signInSource holds one template for each way to know callers, and each place
// where sessions live. A way makes the variable .Var and leaves an error in err.
const signInSource = `
{{define "github"}}
	{{.Var}}, err := github.New(github.Config{
		ClientID:     os.Getenv("GITHUB_CLIENT_ID"),
		ClientSecret: os.Getenv("GITHUB_CLIENT_SECRET"),
		BaseURL:      os.Getenv("GITHUB_BASE_URL"), // empty for github.com
		Resource:     resource,
{{- if .AsksOrgs}}
		Orgs:         true, // needed to decide by organization
{{- else if .Roles}}
		Orgs:         strings.Contains(os.Getenv("MCP_ROLES"), "org:"), // needed to decide by organization
{{- end}}
{{- if .AsksEmails}}
		Emails:       true, // needed to decide by the domain of a verified address
{{- end}}
	})
{{- end}}

{{define "google"}}
	{{.Var}}, err := google.New(google.Config{
		ClientID:     os.Getenv("GOOGLE_CLIENT_ID"),
		ClientSecret: os.Getenv("GOOGLE_CLIENT_SECRET"),
		Resource:     resource,
	})
{{- end}}

{{define "oidc"}}
	{{.Var}}, err := oidc.New(oidc.Config{
		Issuer:       os.Getenv("OIDC_ISSUER"),
		ClientID:     os.Getenv("OIDC_CLIENT_ID"),
		ClientSecret: os.Getenv("OIDC_CLIENT_SECRET"),
		Resource:     resource,
{{- template "rolesClaim" .}}
	})
{{- end}}

{{define "dev"}}
	{{.Var}}, err := dev.New(dev.Config{
		Resource: resource,
{{- if .PathIssuer}}
		PathIssuer: {{.PathIssuer}},
{{- end}}
		Code:     os.Getenv("MCP_DEV_CODE"), // empty: a random one is printed at start
	})
{{- end}}

{{define "jwt"}}
	issuer := os.Getenv("OIDC_ISSUER")    // who issues the tokens
	audience := os.Getenv("MCP_AUDIENCE") // what they must be issued for
	if audience == "" {
		audience = resource
	}
{{- if .Introspection}}
	{{.Var}}, err := jwtauth.NewIntrospection(jwtauth.IntrospectionConfig{
		Issuer:       issuer,
		Endpoint:     {{quote .Introspection}},
		ClientID:     os.Getenv("OIDC_CLIENT_ID"),
		ClientSecret: os.Getenv("OIDC_CLIENT_SECRET"),
		Audience:     audience,
{{- template "rolesClaim" .}}
	})
{{- else}}
	// Tokens must be marked as access tokens by the header "typ":"at+jwt" (RFC
	// 9068). For an issuer that does not mark them, add AnyType: true.
	{{.Var}}, err := jwtauth.New(jwtauth.Config{
		Issuer:   issuer,
		Audience: audience,
{{- template "rolesClaim" .}}
	})
{{- end}}
{{- end}}

{{define "apikey"}}
	{{.Var}}, err := apikey.LoadFile(os.Getenv("MCP_API_KEYS_FILE"))
{{- end}}

{{define "rolesClaim"}}
{{- if .Roles}}
		RolesClaim:   os.Getenv("OIDC_ROLES_CLAIM"), // empty: "roles"
{{- end}}
{{- end}}

{{define "store.memory"}}{{end}}

{{define "store.redis"}}
	store, err := redisstore.Open(redisstore.Config{URL: os.Getenv("REDIS_URL"), Resource: resource})
	if err != nil {
		return nil, err
	}
{{- end}}

{{define "store.file"}}
	dir := os.Getenv("MCP_SESSION_DIR")
	if dir == "" {
		dir = ".mcp-sessions"
	}
	store, err := filestore.Open(dir)
	if err != nil {
		return nil, err
	}
{{- end}}

{{define "roles"}}
{{- if .DevRoles}}
	rules := os.Getenv("MCP_ROLES") // who has the roles that the policy demands
	if rules == "" {
		rules = {{quote .DevRoles}} // on the local page: the user of that name
	}
	roles, err := broker.RoleRules(rules, {{.Policy}}.Roles(), {{.Users}})
{{- else}}
	// MCP_ROLES says who has the roles that the policy demands.
	roles, err := broker.RoleRules(os.Getenv("MCP_ROLES"), {{.Policy}}.Roles(), {{.Users}})
{{- end}}
	if err != nil {
		return nil, err
	}
{{- end}}

{{define "broker"}}
{{- if .Sealed}}
	keys, err := session.ParseKeys(os.Getenv("MCP_SESSION_KEY"))
	if err != nil {
		return nil, err
	}
{{- end}}
{{- template "store" .}}
	mayCall, err := broker.AllowRules({{list .Allow}})
	if err != nil {
		return nil, err
	}
{{- if .Roles}}
{{- template "roles" .}}
{{- end}}
	auth, err := broker.New(broker.Config{
		Resource:  resource,
{{- if .PathIssuer}}
		PathIssuer: {{.PathIssuer}}, // several servers may share one origin
{{- end}}
		Providers: []provider.Provider{ {{.Users}} },
{{- if .Sealed}}
		Store:     store,
		Keys:      keys,
{{- end}}
{{- if eq .Store "redis"}}
		CacheFor:  5 * time.Second, // how long a revoked token passes at a replica that was not told
{{- else if eq .Store "file"}}
		CacheFor:  5 * time.Second, // how long a token passes that another process revoked
{{- else if eq .Store "memory"}}
		Store:     memstore.New(), // signed-in users are forgotten when the program stops
{{- end}}
		Allow:     mayCall,
{{- if .Roles}}
		Roles:     roles,
{{- end}}
{{- if .Scopes}}
		Scopes:    []string{ {{list .Scopes}} }, // what a token can carry
{{- end}}
	})
	if err != nil {
		return nil, err
	}
{{- end}}`
