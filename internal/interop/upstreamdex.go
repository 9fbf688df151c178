package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// dexConfig is an issuer without registration that makes a new key every 30
// seconds, the least that dex can, and forgets an old one when the ID tokens that
// it signed have ended. Its users are ada, bob and mallory, @example.com, whose
// password is "any".
const dexConfig = `issuer: %[1]s
storage: {type: memory}
web: {http: %[2]q}
oauth2: {skipApprovalScreen: true}
expiry: {signingKeys: 20s, idTokens: 15s, refreshTokens: {reuseInterval: 3s}}
logger: {level: debug}
enablePasswordDB: true
staticClients:
- {id: interop, name: interop, secret: %[3]s, redirectURIs: [%[4]q]}
staticPasswords:
- {email: ada@example.com, username: ada, userID: "1", hash: "$2a$10$yOUpyT02BfpgKijSBB1oUennZ/Zim6NMN4/kLor.y8WVKZxBzvYry"}
- {email: bob@example.com, username: bob, userID: "3", hash: "$2a$10$yOUpyT02BfpgKijSBB1oUennZ/Zim6NMN4/kLor.y8WVKZxBzvYry"}
- {email: mallory@example.com, username: mallory, userID: "2", hash: "$2a$10$yOUpyT02BfpgKijSBB1oUennZ/Zim6NMN4/kLor.y8WVKZxBzvYry"}
`

// dexKeys is how many of dex's keys must have signed something before we believe
// that a change of keys disturbs nobody.
const dexKeys = 5

// behindDex lets a user sign in, call and refresh at a migrated server whose users
// are dex's, again and again, until dex has changed its keys often enough.
func behindDex(ctx context.Context, bin string) error {
	bin, err := filepath.Abs(bin)
	if err != nil {
		return err
	}
	d := &dex{seen: map[string]bool{}}
	defer d.stop()
	r, err := migrated(ctx, "mcpgo-start", "oidc", func(url string) ([]string, []string) { return d.prepare(ctx, bin, url) })
	if err = errors.Join(d.err, err); err != nil {
		return err
	}
	defer r.stop()
	if err := d.watch(ctx, r); err != nil {
		r.proc.Stop() // so that all of its output is there
		return fmt.Errorf("%w\noutput of the server:\n%s\noutput of dex:\n%s", err, r.proc.Output(), d.proc.Output())
	}
	return nil
}

type dex struct {
	issuer string
	proc   *probe.Process
	tmp    string
	err    error
	seen   map[string]bool // IDs of the keys it published
}

func (d *dex) stop() {
	if d.proc != nil {
		d.proc.Stop()
	}
	os.RemoveAll(d.tmp)
}

// prepare starts dex for the server at resource, and returns what the migration
// and the server are to be told.
func (d *dex) prepare(ctx context.Context, bin, resource string) (flags, env []string) {
	secret := rand.Text()
	if d.err = d.start(ctx, bin, resource, secret); d.err != nil {
		return nil, nil
	}
	return []string{"--issuer", d.issuer, "--allow", "user:ada@example.com,user:bob@example.com"},
		[]string{"OIDC_ISSUER=" + d.issuer, "OIDC_CLIENT_ID=interop", "OIDC_CLIENT_SECRET=" + secret}
}

func (d *dex) start(ctx context.Context, bin, resource, secret string) (err error) {
	origin, err := originOf(resource)
	if err != nil {
		return err
	}
	port, err := probe.FreePort()
	if err != nil {
		return err
	}
	addr := "localhost:" + strconv.Itoa(port)
	d.issuer = "http://" + addr + "/dex"
	if d.tmp, err = os.MkdirTemp("", "mcp-migrate-dex-"); err != nil {
		return err
	}
	file := filepath.Join(d.tmp, "dex.yaml")
	config := fmt.Sprintf(dexConfig, d.issuer, addr, secret, origin+"/oauth/callback/oidc")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return err
	}
	d.proc, err = probe.Start(ctx, probe.Options{Dir: d.tmp, Bin: bin, Args: []string{"serve", file}, Addr: addr})
	return err
}

// keys reads which keys dex publishes.
func (d *dex) keys(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.issuer+"/keys", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var set struct {
		Keys []struct {
			ID string `json:"kid"`
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&set); err != nil {
		return err
	}
	for _, k := range set.Keys {
		d.seen[k.ID] = true
	}
	return nil
}

// watch goes on until dexKeys keys were seen.
func (d *dex) watch(ctx context.Context, r *running) error {
	v, err := newVisitor(ctx, r, nil)
	if err != nil {
		return err
	}
	// Ada signs in again and again. It is Bob who refreshes: dex keeps one refresh
	// token for each user, so that a sign-in ends those of the same user before it.
	ada, err := v.signIn(ctx, answersOf("ada@example.com"))
	if err != nil {
		return err
	}
	bob, err := v.signIn(ctx, answersOf("bob@example.com"))
	if err != nil {
		return err
	}
	began, rounds := time.Now(), 0
	for ; len(d.seen) < dexKeys; rounds++ {
		if err := d.round(ctx, v, bob); err != nil {
			return fmt.Errorf("round %d, after %s, %d keys: %w", rounds+1, time.Since(began).Round(time.Second), len(d.seen), err)
		}
		select {
		case <-time.After(4 * time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	fmt.Printf("dex published %d keys in %s; %d sign-ins, %d refreshes and %d calls, and every one of them passed\n",
		len(d.seen), time.Since(began).Round(time.Second), rounds+2, rounds, 2*rounds)
	return d.refuses(ctx, v, ada)
}

// round is one sign-in of Ada's and one refresh of Bob's, with a call each.
func (d *dex) round(ctx context.Context, v *visitor, bob *grantedTokens) error {
	if err := d.keys(ctx); err != nil {
		return err
	}
	next, err := v.signIn(ctx, answersOf("ada@example.com"))
	if err != nil {
		return err
	}
	again, err := v.refresh(ctx, bob.Refresh)
	if err != nil {
		return err
	}
	*bob = *again
	return errors.Join(v.call(ctx, next.Access, false), v.call(ctx, bob.Access, false))
}

// refuses makes sure that a user whom no rule names does not get in, and that a
// client whose sign-in dex has ended is told so, and not to try again later.
func (d *dex) refuses(ctx context.Context, v *visitor, ended *grantedTokens) error {
	if _, err := v.signIn(ctx, answersOf("mallory@example.com")); err == nil || !strings.Contains(err.Error(), "access_denied") {
		return fmt.Errorf("a user of dex whom no rule names: %v, want access_denied", err)
	}
	if _, err := v.refresh(ctx, ended.Refresh); err == nil || !strings.Contains(err.Error(), "invalid_grant") {
		return fmt.Errorf("a sign-in whose refresh token dex has ended: %v, want invalid_grant", err)
	}
	if err := v.call(ctx, ended.Access, true); err != nil {
		return err
	}
	fmt.Println("a user of dex whom no rule names is refused, and a sign-in that dex has ended is over")
	return nil
}
