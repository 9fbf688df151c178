package broker_test

import (
	"errors"
	"fmt"
	"io"

	"github.com/mcp-migrate/mcp-migrate/authlib/broker"
	"github.com/mcp-migrate/mcp-migrate/authlib/jwtauth"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/dev"
)

// A nightly program signs with its own key, and the users of a company come in by
// their company's identity provider.
func ExampleMachine() {
	// The public half; the program keeps the private one.
	const jwks = `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`
	nightly, err1 := jwtauth.ParseKeys([]byte(jwks), "EdDSA")
	company, err2 := jwtauth.NewIssuerKeys(jwtauth.IssuerKeysConfig{Issuer: "https://login.acme.test"})
	allow, err3 := broker.AllowRules("work:domain:acme.test", "dev:anyone")
	p, err4 := dev.New(dev.Config{Resource: "http://localhost:8080/mcp", Out: io.Discard})
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		fmt.Println(err)
		return
	}
	b, err := broker.New(broker.Config{
		Resource: "http://localhost:8080/mcp", Providers: []provider.Provider{p}, Allow: allow, Scopes: []string{"reports"},
		Machines:   []broker.Machine{{ID: "nightly", Keys: nightly, Scopes: []string{"reports"}}},
		Enterprise: []broker.EnterpriseIssuer{{Name: "work", Issuer: "https://login.acme.test", Keys: company}},
	})
	fmt.Println(b, err)
	// Output: broker.Broker(http://localhost:8080) <nil>
}
