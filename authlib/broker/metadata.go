package broker

import (
	"encoding/json"
	"net/http"
	"slices"
)

// serverMetadata is RFC 8414 §2.
type serverMetadata struct {
	Issuer                string   `json:"issuer"`
	AuthorizationEndpoint string   `json:"authorization_endpoint"`
	TokenEndpoint         string   `json:"token_endpoint"`
	RegistrationEndpoint  string   `json:"registration_endpoint"`
	RevocationEndpoint    string   `json:"revocation_endpoint"`
	ScopesSupported       []string `json:"scopes_supported"`
	ResponseTypes         []string `json:"response_types_supported"`
	ResponseModes         []string `json:"response_modes_supported"`
	GrantTypes            []string `json:"grant_types_supported"`
	GrantProfiles         []string `json:"authorization_grant_profiles_supported,omitempty"` // MCP Enterprise-Managed Authorization §6
	TokenAuthMethods      []string `json:"token_endpoint_auth_methods_supported"`
	TokenAuthAlgs         []string `json:"token_endpoint_auth_signing_alg_values_supported,omitempty"`
	RevocationAuthMethods []string `json:"revocation_endpoint_auth_methods_supported"`
	RevocationAuthAlgs    []string `json:"revocation_endpoint_auth_signing_alg_values_supported,omitempty"`
	ChallengeMethods      []string `json:"code_challenge_methods_supported"`
	IssuerInResponse      bool     `json:"authorization_response_iss_parameter_supported"`
	MetadataDocuments     bool     `json:"client_id_metadata_document_supported,omitempty"`
	ProtectedResources    []string `json:"protected_resources"`
}

// authMethods are how clients that register may authenticate at the token endpoint.
func authMethods() []string { return []string{"none", "client_secret_basic", "client_secret_post"} }

// machineAuth adds how machines do, and the algorithms that they sign with.
func (b *Broker) machineAuth() (methods, algs []string) {
	methods = authMethods()
	for _, m := range b.cfg.Machines {
		if m.Keys == nil {
			continue
		}
		for _, alg := range m.Keys.Algorithms() {
			if !slices.Contains(algs, alg) {
				algs = append(algs, alg)
			}
		}
	}
	if len(algs) > 0 {
		methods = append(methods, "private_key_jwt")
	}
	return methods, algs
}

// grantTypes are those that somebody here may use.
func (b *Broker) grantTypes() []string {
	types := []string{"authorization_code", "refresh_token"}
	if len(b.cfg.Machines) > 0 {
		types = append(types, grantMachine)
	}
	if len(b.cfg.Enterprise) > 0 {
		types = append(types, grantAssertion)
	}
	return types
}

// grantProfiles are what the JWTs of that grant may be.
func (b *Broker) grantProfiles() []string {
	if len(b.cfg.Enterprise) == 0 {
		return nil
	}
	return []string{profileIDJAG}
}

func (b *Broker) metadata() serverMetadata {
	origin := b.Issuer()
	methods, algs := b.machineAuth()
	return serverMetadata{
		Issuer:                origin,
		AuthorizationEndpoint: origin + pathAuthorize,
		TokenEndpoint:         origin + pathToken,
		RegistrationEndpoint:  origin + pathRegister,
		RevocationEndpoint:    origin + pathRevoke,
		// Here and not in the resource's metadata, where the specification does
		// not want it (SEP-2207).
		ScopesSupported:       append(slices.Clone(b.cfg.Scopes), offlineAccess),
		ResponseTypes:         []string{"code"},
		ResponseModes:         []string{"query"},
		GrantTypes:            b.grantTypes(),
		GrantProfiles:         b.grantProfiles(),
		TokenAuthMethods:      methods,
		TokenAuthAlgs:         algs,
		RevocationAuthMethods: methods,
		RevocationAuthAlgs:    algs,
		ChallengeMethods:      []string{"S256"},
		IssuerInResponse:      true,
		MetadataDocuments:     !b.cfg.NoClientDocuments,
		ProtectedResources:    []string{b.resource.String()},
	}
}

func (b *Broker) serveMetadata(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "public, max-age=300")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if r.Method == http.MethodHead {
		return
	}
	_ = json.NewEncoder(w).Encode(b.metadata()) // the client went away
}
