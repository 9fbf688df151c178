package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/mcp-migrate/mcp-migrate/internal/doctor"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

const doctorTokenLong = `Check a token as the migrated program would, and show which check it passes:
form, issuer, signature, type, audience, end and scopes. The token is read from
stdin, never from the command line, and nothing of it is shown but those.

How it is checked, the answers in .mcp-migrate.yaml and the environment say, as
for the program; run it in the module's folder, or with -C. A JWT is checked by
the issuer's published keys, or by asking the issuer (--introspection-url of
migrate); an API key is looked up in its file; a token that the program issued
after a sign-in, in its session store, for which MCP_SESSION_KEY is needed.

With --get it signs in to a server first of all, as a client would: it
registers, prints the address that you open in your browser, and waits 5 minutes
for you to come back to a port of this machine. The token goes into a new file
that only you may read; --show prints it. It is not checked then.`

// stdinLimit is more than any token has, in bytes.
const stdinLimit = 64 << 10

func (a *app) doctorToken() *cobra.Command {
	var format, issuer, audience string
	var anyType bool
	p, get := &patient{app: a}, &tokenGetter{app: a, wait: signInWait}
	cmd := &cobra.Command{
		Use:               "token",
		Short:             "Say which check a token on stdin passes, without showing it",
		Long:              doctorTokenLong,
		Example:           "  mcp-migrate doctor token < token.txt\n  mcp-migrate doctor token --issuer https://login.acme.com \\\n      --audience https://mcp.acme.com/mcp < token.txt\n  mcp-migrate doctor token --get https://mcp.acme.com/mcp --out token.txt",
		Args:              noToken,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := get.check(); err != nil {
				return err
			}
			if get.url != "" {
				return get.run(cmd.Context())
			}
			o, err := p.tokenOptions(issuer, audience)
			if err != nil {
				return err
			}
			o.AnyType = anyType
			token, err := a.stdinToken()
			if err != nil {
				return err
			}
			return a.printDoctor(doctor.Token(cmd.Context(), token, o), format)
		},
	}
	cmd.Flags().StringVar(&issuer, "issuer", "", "`URL` of the issuer whose JWTs are taken (default: OIDC_ISSUER)")
	cmd.Flags().StringVar(&audience, "audience", "", "what tokens must name as their `audience` (default: MCP_AUDIENCE, or MCP_RESOURCE_URL)")
	cmd.Flags().BoolVar(&anyType, "any-type", false, "take JWTs that are not marked as access tokens, as jwtauth.Config.AnyType does")
	cmd.Flags().StringVar(&get.url, "get", "", "sign in to the server at `URL` in your browser, and get a token")
	cmd.Flags().StringVar(&get.out, "out", "", "with --get: new `file` for the token, which only you may read")
	cmd.Flags().BoolVar(&get.show, "show", false, "with --get: print the token")
	p.addFlags(cmd)
	addFormat(cmd, &format)
	return cmd
}

// noToken refuses arguments without repeating them: they are in the shell's history
// already, and need not be in a log.
func noToken(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("doctor token: takes no arguments; the token comes from stdin: mcp-migrate doctor token < token.txt\na token on the command line is seen by everybody on this machine: if that was one, revoke it")
	}
	return nil
}

// stdinToken reads what is piped in.
func (a *app) stdinToken() (string, error) {
	if w, ok := a.stdin.(io.Writer); ok && a.watched(w) {
		return "", usagef("doctor token: stdin is a terminal, which would show the token; pipe it in: mcp-migrate doctor token < token.txt")
	}
	b, err := io.ReadAll(io.LimitReader(a.stdin, stdinLimit))
	if err != nil {
		return "", usagef("doctor token: stdin cannot be read: %w", err)
	}
	return string(b), nil
}

// tokenOptions say what the program checks; a flag goes before the environment.
func (p *patient) tokenOptions(issuer, audience string) (doctor.TokenOptions, error) {
	if err := p.read("."); err != nil {
		return doctor.TokenOptions{}, err
	}
	env, ans := p.app.getenv, p.answers
	o := doctor.TokenOptions{
		Place: p.place(), Ways: ans.Provider, Scopes: ans.Scopes, Now: p.app.now,
		Issuer: orElse(issuer, env("OIDC_ISSUER")), Aud: orElse(audience, env("MCP_AUDIENCE")),
		Introspection: ans.IntrospectionURL, ClientID: env("OIDC_CLIENT_ID"), ClientSecret: env("OIDC_CLIENT_SECRET"),
		KeysFile: env("MCP_API_KEYS_FILE"),
	}
	if p.recorded() {
		return o, nil
	}
	switch {
	case issuer != "":
		o.Ways = []string{"jwt"}
	case o.Store != "":
		o.Ways = []string{"oidc"}
	default:
		return o, usagef("%s: has no answers of a migration, so how tokens are checked is not known; name the --issuer, or where sign-ins are, by --store-dir or --redis-url-env", wizard.Printable(p.dir))
	}
	return o, nil
}
