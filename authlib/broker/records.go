package broker

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"golang.org/x/oauth2"
)

// Kinds of records. All but clients are found by something unguessable.
const (
	kindClient   session.Kind = "client"   // by client ID
	kindState    session.Kind = "state"    // logins at a provider, by upstream state
	kindCode     session.Kind = "code"     // by authorization code
	kindGrant    session.Kind = "grant"    // token families, by ID; deleting one revokes it
	kindAccess   session.Kind = "access"   // by access token
	kindUpstream session.Kind = "upstream" // upstream tokens, by grant ID
	kindUser     session.Kind = "user"     // grants of a user, by issuer and subject
)

// A client is a registered MCP client (RFC 7591).
type client struct {
	ID           string
	Name         string `json:",omitempty"`
	RedirectURIs []string
	Method       string // token_endpoint_auth_method
	SecretHash   []byte `json:",omitempty"`
	Refresh      bool   // may use refresh tokens
	Created      time.Time
	Used         bool // somebody signed in with it
	Document     bool `json:",omitempty"` // fetched from its ID, not registered

	machine *Machine // configured, not registered; never stored
}

// An authRequest is a checked authorization request.
type authRequest struct {
	ClientID  string
	Redirect  string // exactly as requested
	Challenge string
	State     string
	Scopes    []string // what tokens may carry
	Refresh   bool     // the client may use refresh tokens
	Ends      time.Time
	SignIn    string `json:",omitempty"` // names this sign-in in audit records, from consent to login
}

// A login is a browser that was sent to a provider.
type login struct {
	Request  authRequest
	Provider string
	Verifier string
	Nonce    string
	Cookie   []byte // hash of the state cookie
}

// A code is an authorization code. Used ones stay as a tombstone that names the
// grant they gave, so that a replay revokes it.
type code struct {
	Request  authRequest
	SignIn   signIn
	UsedBy   string // grant ID
	Upstream upstreamToken
}

// A signIn is who signed in, as last confirmed by the provider.
type signIn struct {
	Provider string
	Identity provider.Identity
	Scopes   []string
	Roles    []string
	At       time.Time // when that was asked
}

// A grant is a token family: what one sign-in of one client gave.
type grant struct {
	ID        string
	ClientID  string
	SignIn    signIn
	Wanted    []string // scopes asked for; those granted may change with the provider's
	Created   time.Time
	Ends      time.Time // absolute
	Refresh   bool
	Gen       uint64 // of the current refresh token, from 0
	Current   []byte // SHA-256 of its secret
	Previous  []byte // SHA-256 of the secret before; nil for gen 0
	Salt      []byte // with the previous secret gives the current one
	Rotated   time.Time
	Minted    time.Time // when the last access token was made
	Replays   int       // of the previous token
	Rotations []time.Time
	Late      uint64    // a bit for each generation whose token came late, the lowest for the current one
	Access    []string  // keys of the access tokens that may be alive, the newest last
	Machine   bool      `json:",omitempty"` // it is a machine's, as configured
	Short     bool      `json:",omitempty"` // it is one access token, and no provider can be asked
	Recheck   bool      `json:",omitempty"` // nothing of SignIn is believed until it is asked for again
	Failed    time.Time // when asking last failed
}

// An access is an access token.
type access struct {
	Grant    string
	Resource string
	Scopes   []string
	Ends     time.Time
}

// An upstream is the provider's token for a grant.
type upstream struct {
	Token upstreamToken
	// RefreshAt is when it is to be refreshed; zero in records that are older than
	// this field: at once.
	RefreshAt time.Time
	// Lease is until when somebody, here or in another process, refreshes it.
	Lease time.Time
}

type upstreamToken struct {
	Access, Type, Refresh string
	Expiry                time.Time
	Kept                  string `json:",omitempty"` // what the provider wants back with it
}

func fromOAuth(t *oauth2.Token) upstreamToken {
	return upstreamToken{t.AccessToken, t.TokenType, t.RefreshToken, t.Expiry, provider.Kept(t)}
}

func (t upstreamToken) oauth() *oauth2.Token {
	tok := &oauth2.Token{AccessToken: t.Access, TokenType: t.Type, RefreshToken: t.Refresh, Expiry: t.Expiry}
	if t.Kept == "" {
		return tok
	}
	return provider.Keep(tok, t.Kept)
}

// load reads a record into a T.
func load[T any](ctx context.Context, s session.Store, kind session.Kind, key string) (*T, uint64, error) {
	r, err := s.Get(ctx, kind, key)
	if err != nil {
		return nil, 0, err
	}
	v, err := decode[T](r)
	return v, r.Version, err
}

func decode[T any](r session.Record) (*T, error) {
	v := new(T)
	if err := json.Unmarshal(r.Value, v); err != nil {
		return nil, fmt.Errorf("%w: %T", session.ErrCorrupt, v)
	}
	return v, nil
}

func save(ctx context.Context, s session.Store, kind session.Kind, key string, v any, ends time.Time, ifVersion uint64) error {
	value, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("broker: encode %s: %w", kind, err)
	}
	return s.Put(ctx, kind, key, session.Record{Value: value, Expires: ends, MayReturn: mayReturn(kind)}, ifVersion)
}

// mayReturn reports whether an older record of the kind opens nothing when the store
// goes back in time. A client is only marked as used; a user's older index names the
// grants of its time, each of which stands for itself; an older upstream token is the
// provider's to refuse. An older grant makes used refresh tokens current, and an older
// code is an unused one.
func mayReturn(kind session.Kind) bool {
	return kind == kindClient || kind == kindUser || kind == kindUpstream
}

// randomString has 256 bits, URL-safe.
func randomString() (string, error) {
	b, err := randomBytes(32)
	return base64.RawURLEncoding.EncodeToString(b), err
}

func randomBytes(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		return nil, fmt.Errorf("broker: no randomness: %w", err)
	}
	return b, nil
}

func hash(s string) []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:]
}

// hashKey is the key of a record that is found by a secret: the store layer
// hashes keys again, so that the secret itself is nowhere.
func hashKey(s string) string { return base64.RawURLEncoding.EncodeToString(hash(s)) }
