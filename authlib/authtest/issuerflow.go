package authtest

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The handlers are called with the lock held.

func (i *Issuer) metadata(w http.ResponseWriter, _ *http.Request) {
	i.reply(w, IssuerMetadata, http.StatusOK, map[string]any{
		"issuer": i.URL, "authorization_endpoint": i.URL + IssuerAuthorize, "token_endpoint": i.URL + IssuerToken,
		"userinfo_endpoint": i.URL + IssuerUserInfo, "jwks_uri": i.URL + IssuerKeys, "introspection_endpoint": i.URL + IssuerIntrospection,
		"revocation_endpoint":      i.URL + IssuerRevocation,
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{i.alg}, "code_challenge_methods_supported": []string{"S256"},
		"scopes_supported": []string{"openid", "email", "profile", "offline_access"}, "authorization_response_iss_parameter_supported": true,
	})
}

func (i *Issuer) keys(w http.ResponseWriter, _ *http.Request) {
	keys := []any{i.jwk()}
	for _, k := range i.retired {
		keys = append(keys, k)
	}
	i.reply(w, IssuerKeys, http.StatusOK, map[string]any{"keys": keys})
}

func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	switch {
	case q.Get("client_id") != i.ClientID || q.Get("redirect_uri") == "" || q.Get("state") == "" || q.Get("response_type") != "code",
		q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43,
		!slices.Contains(strings.Fields(q.Get("scope")), "openid"), q.Get("nonce") == "":
		http.Error(w, "bad authorization request: "+r.URL.RawQuery, http.StatusBadRequest)
		return
	}
	answer := url.Values{"state": {q.Get("state")}}
	if i.iss != "" {
		answer.Set("iss", i.iss)
	}
	if i.declines {
		answer.Set("error", "access_denied")
	} else {
		code := random()
		c := issuerCode{challenge: q.Get("code_challenge"), redirect: q.Get("redirect_uri"), nonce: q.Get("nonce"), user: i.user}
		c.scope, c.offline = i.offline(q)
		i.codes[code] = c
		answer.Set("code", code)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+answer.Encode(), http.StatusFound)
}

// offline returns what is granted, and whether a refresh token comes with it. Where
// offline access is not granted its scope is left out.
func (i *Issuer) offline(q url.Values) (scope string, ok bool) {
	scopes := strings.Fields(q.Get("scope"))
	asked := slices.Contains(scopes, "offline_access") || q.Get("access_type") == "offline"
	if asked && (i.lax || slices.Contains(strings.Fields(q.Get("prompt")), "consent")) {
		return q.Get("scope"), true
	}
	return strings.Join(slices.DeleteFunc(scopes, func(s string) bool { return s == "offline_access" }), " "), false
}

// client checks the credentials, however they are sent (RFC 6749 §2.3.1).
func (i *Issuer) client(w http.ResponseWriter, r *http.Request) bool {
	id, secret, ok := r.BasicAuth()
	if !ok {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	if id == i.ClientID && secret == i.ClientSecret {
		return true
	}
	reply(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
	return false
}

func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	if !i.client(w, r) {
		return
	}
	var c issuerCode
	var ok bool
	switch r.PostFormValue("grant_type") {
	case "authorization_code":
		c, ok = i.codes[r.PostFormValue("code")]
		delete(i.codes, r.PostFormValue("code"))
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		ok = ok && c.redirect == r.PostFormValue("redirect_uri") && base64.RawURLEncoding.EncodeToString(sum[:]) == c.challenge
	case "refresh_token":
		c, ok = i.refresh[r.PostFormValue("refresh_token")]
		if c.nonce = ""; !i.constant {
			delete(i.refresh, r.PostFormValue("refresh_token"))
		} else if ok {
			c.offline = false // the old one stays
		}
	}
	if !ok {
		reply(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	i.issue(w, c)
}

func (i *Issuer) issue(w http.ResponseWriter, c issuerCode) {
	access := "at-" + random()
	i.access[access] = c.user
	answer := map[string]any{
		"access_token": access, "token_type": "Bearer", "expires_in": int(i.ttl / time.Second),
		"scope": c.scope, "id_token": i.idToken(c, access),
	}
	if c.offline {
		refresh := "rt-" + random()
		i.refresh[refresh] = c
		answer["refresh_token"] = refresh
	}
	i.reply(w, IssuerToken, http.StatusOK, answer)
}

func (i *Issuer) idToken(c issuerCode, access string) string {
	claims := map[string]any{
		"iss": i.URL, "aud": i.ClientID, "exp": i.Now().Add(5 * time.Minute).Unix(), "iat": i.Now().Unix(),
		"at_hash": accessHash(i.alg, access),
	}
	if c.nonce != "" {
		claims["nonce"] = c.nonce
	}
	maps.Copy(claims, c.user)
	if change := i.tamper[IssuerIDToken]; change != nil {
		change(claims)
	}
	return i.mint("JWT", claims)
}

// accessHash is at_hash: the left half of the hash that goes with the algorithm
// (OpenID Connect Core §3.1.3.6); for Ed25519 that is SHA-512.
func accessHash(alg string, access string) string {
	if alg == "EdDSA" {
		sum := sha512.Sum512([]byte(access))
		return base64.RawURLEncoding.EncodeToString(sum[:32])
	}
	sum := sha256.Sum256([]byte(access))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

func (i *Issuer) userInfo(w http.ResponseWriter, r *http.Request) {
	user := i.access[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	if user == nil {
		reply(w, http.StatusUnauthorized, map[string]any{"error": "invalid_token"})
		return
	}
	i.reply(w, IssuerUserInfo, http.StatusOK, maps.Clone(user))
}

// introspect knows the tokens of [Issuer.OpaqueToken] and those that its own token
// endpoint issued. Of the latter it says that they are for nobody, unless
// [Issuer.Tamper] says for whom.
func (i *Issuer) introspect(w http.ResponseWriter, r *http.Request) {
	if !i.client(w, r) {
		return
	}
	token := r.PostFormValue("token")
	if answer := i.opaque[token]; answer != nil && answer["exp"].(int64) > i.Now().Unix() {
		i.reply(w, IssuerIntrospection, http.StatusOK, maps.Clone(answer))
		return
	}
	user := i.access[token]
	if user == nil {
		reply(w, http.StatusOK, map[string]any{"active": false})
		return
	}
	i.reply(w, IssuerIntrospection, http.StatusOK, map[string]any{
		"active": true, "sub": user["sub"], "iss": i.URL, "client_id": i.ClientID, "token_type": "Bearer",
		"exp": i.Now().Add(i.ttl).Unix(), "scope": "mcp:use",
	})
}

// revoke ends a token, and does not say whether there was one (RFC 7009 §2.2).
func (i *Issuer) revoke(w http.ResponseWriter, r *http.Request) {
	if !i.client(w, r) {
		return
	}
	token := r.PostFormValue("token")
	delete(i.access, token)
	delete(i.refresh, token)
	delete(i.opaque, token)
	w.WriteHeader(http.StatusOK)
}

// Opaque issues an access token of no particular form to the present user, as its
// token endpoint does: it opens UserInfo. [Issuer.OpaqueToken] is for MCP servers.
func (i *Issuer) Opaque() string {
	token := "at-" + random()
	i.set(func() { i.access[token] = i.user })
	return token
}
