package rewrite

// signInSource holds one template for each way to know callers. Those with a
// broker make signIn; the others make auth.
const signInSource = `
{{define "github"}}
	signIn, err := github.New(github.Config{
		ClientID:     os.Getenv("GITHUB_CLIENT_ID"),
		ClientSecret: os.Getenv("GITHUB_CLIENT_SECRET"),
		BaseURL:      os.Getenv("GITHUB_BASE_URL"), // empty for github.com
		Resource:     resource,
{{- if .AsksOrgs}}
		Orgs:         true, // needed to decide by organization
{{- end}}
{{- if .AsksEmails}}
		Emails:       true, // needed to decide by the domain of a verified address
{{- end}}
	})
{{- end}}

{{define "google"}}
	signIn, err := google.New(google.Config{
		ClientID:     os.Getenv("GOOGLE_CLIENT_ID"),
		ClientSecret: os.Getenv("GOOGLE_CLIENT_SECRET"),
		Resource:     resource,
	})
{{- end}}

{{define "oidc"}}
	signIn, err := oidc.New(oidc.Config{
		Issuer:       os.Getenv("OIDC_ISSUER"),
		ClientID:     os.Getenv("OIDC_CLIENT_ID"),
		ClientSecret: os.Getenv("OIDC_CLIENT_SECRET"),
		Resource:     resource,
	})
{{- end}}

{{define "dev"}}
	signIn, err := dev.New(dev.Config{
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
	auth, err := jwtauth.NewIntrospection(jwtauth.IntrospectionConfig{
		Issuer:       issuer,
		Endpoint:     {{quote .Introspection}},
		ClientID:     os.Getenv("OIDC_CLIENT_ID"),
		ClientSecret: os.Getenv("OIDC_CLIENT_SECRET"),
		Audience:     audience,
	})
{{- else}}
	// Tokens must be marked as access tokens by the header "typ":"at+jwt" (RFC
	// 9068). For an issuer that does not mark them, add AnyType: true.
	auth, err := jwtauth.New(jwtauth.Config{
		Issuer:   issuer,
		Audience: audience,
	})
{{- end}}
{{- end}}

{{define "apikey"}}
	auth, err := apikey.LoadFile(os.Getenv("MCP_API_KEYS_FILE"))
{{- end}}

{{define "broker"}}
{{- if ne .Store "memory"}}
	keys, err := session.ParseKeys(os.Getenv("MCP_SESSION_KEY"))
	if err != nil {
		return nil, err
	}
{{- end}}
{{- if eq .Store "redis"}}
	store, err := redisstore.Open(redisstore.Config{URL: os.Getenv("REDIS_URL"), Resource: resource})
	if err != nil {
		return nil, err
	}
{{- else if eq .Store "file"}}
	dir := os.Getenv("MCP_SESSION_DIR")
	if dir == "" {
		dir = ".mcp-sessions"
	}
	store, err := filestore.Open(dir)
	if err != nil {
		return nil, err
	}
{{- end}}
	mayCall, err := broker.AllowRules({{list .Allow}})
	if err != nil {
		return nil, err
	}
	auth, err := broker.New(broker.Config{
		Resource:  resource,
{{- if .PathIssuer}}
		PathIssuer: {{.PathIssuer}}, // several servers may share one origin
{{- end}}
		Providers: []provider.Provider{signIn},
{{- if ne .Store "memory"}}
		Store:     store,
		Keys:      keys,
{{- end}}
{{- if eq .Store "redis"}}
		CacheFor:  5 * time.Second, // how long a revoked token passes at a replica that was not told
{{- else if eq .Store "memory"}}
		Store:     memstore.New(), // signed-in users are forgotten when the program stops
{{- end}}
		Allow:     mayCall,
{{- if .Scopes}}
		Scopes:    []string{ {{list .Scopes}} }, // what a token can carry
{{- end}}
	})
	if err != nil {
		return nil, err
	}
{{- end}}`
