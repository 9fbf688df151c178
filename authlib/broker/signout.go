package broker

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// Whoever signed in with a browser can sign out with it: everywhere, since a program
// on a lost computer is what one wants to be rid of. Who that is says a sealed cookie
// that the browser got when it came back from the provider. The cookie opens nothing;
// it shows what is signed in, and ends it.

// kindSignedIn names those cookies' seals; they are never stored.
const kindSignedIn session.Kind = "signedin"

// maxSignedIn bounds such a cookie, in bytes. A longer one is not set.
const maxSignedIn = 3000

// signedIn is who last signed in with a browser.
type signedIn struct {
	Issuer, Subject, Provider, Name string
	Ends                            time.Time
}

func (b *Broker) signedInCookie() string { return b.cookieName("signedin") }

// rememberSignIn sets the cookie for as long as a sign-in can last.
func (b *Broker) rememberSignIn(w http.ResponseWriter, si *signIn) {
	id := si.Identity
	plain, err := json.Marshal(signedIn{id.Issuer, id.Subject, si.Provider, id.Username, b.now().Add(b.cfg.FamilyTTL)})
	if err != nil {
		return // it holds only text
	}
	value := base64.RawURLEncoding.EncodeToString(b.ring.Seal(kindSignedIn, "browser", plain))
	if len(value) > maxSignedIn {
		b.setCookie(w, b.signedInCookie(), "", 0)
		return
	}
	b.setCookie(w, b.signedInCookie(), value, b.cfg.FamilyTTL)
}

// signedInBy returns the cookie and what it says; nil where there is none of ours.
func (b *Broker) signedInBy(r *http.Request) (string, *signedIn) {
	c, err := r.Cookie(b.signedInCookie())
	if err != nil || len(c.Value) > maxSignedIn {
		return "", nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return "", nil
	}
	s := &signedIn{}
	plain, err := b.ring.Open(kindSignedIn, "browser", sealed)
	if err != nil || json.Unmarshal(plain, s) != nil || !b.now().Before(s.Ends) {
		return "", nil
	}
	return c.Value, s
}

// serveSignOut shows what GET would end, and ends it on POST.
func (b *Broker) serveSignOut(w http.ResponseWriter, r *http.Request) {
	show := b.showSignOut
	if r.Method == http.MethodPost {
		show = b.signOut
	}
	if err := show(w, r); err != nil {
		b.showError(w, r, err)
	}
}

func (b *Broker) showSignOut(w http.ResponseWriter, r *http.Request) error {
	if !b.isOwnHost(r.Host) {
		http.Redirect(w, r, b.Issuer()+pathSignOut, http.StatusFound) // where the cookie is
		return nil
	}
	if err := b.limits.pass(doorAuthorize, r); err != nil {
		return err
	}
	cookie, who := b.signedInBy(r)
	if who == nil {
		b.render(w, http.StatusOK, "error", &pageError{Title: "Nobody is signed in with this browser", Message: "Sign out with the browser that you signed in with, or remove this server from the program that uses it."})
		return nil
	}
	page, err := b.signOutPage(r.Context(), who)
	if err != nil {
		return err
	}
	page.CSRF = base64.RawURLEncoding.EncodeToString(b.ring.MAC("sign-out", []byte(cookie)))
	b.render(w, http.StatusOK, "signout", page)
	return nil
}

// signOut takes the answer to the form that showSignOut made for this browser.
func (b *Broker) signOut(w http.ResponseWriter, r *http.Request) error {
	if !b.isOwnHost(r.Host) || !provider.SameOrigin(r, b.base) {
		return &pageError{http.StatusForbidden, "This form was sent by another site", "Nobody was signed out."}
	}
	form, err := readForm(w, r)
	if err != nil {
		return badForm("The form cannot be read.")
	}
	cookie, who := b.signedInBy(r)
	sent, err := base64.RawURLEncoding.DecodeString(form.Get("csrf"))
	if who == nil || err != nil || !b.ring.CheckMAC("sign-out", []byte(cookie), sent) {
		return &pageError{http.StatusForbidden, "This form was made for another browser", "Somebody else may have signed in meanwhile, or cookies are switched off. Nobody was signed out."}
	}
	if err := b.limits.pass(doorConsent, r); err != nil {
		return err
	}
	page, err := b.signOutPage(r.Context(), who)
	if err != nil {
		return err
	}
	// What is begun is finished though the browser has left.
	if err := b.revokeUser(context.WithoutCancel(r.Context()), who.Issuer, who.Subject, "the user signed out"); err != nil {
		return err
	}
	b.forget(w, r)
	page.Done = true
	b.render(w, http.StatusOK, "signout", page)
	return nil
}

func badForm(message string) *pageError {
	return &pageError{http.StatusBadRequest, "This form is not valid", message}
}

// forget removes the cookies that say who signed in, and what they allowed whom.
func (b *Broker) forget(w http.ResponseWriter, r *http.Request) {
	b.setCookie(w, b.signedInCookie(), "", 0)
	for _, c := range r.Cookies() {
		if strings.HasPrefix(c.Name, b.cookieName("allowed")+"-") {
			b.setCookie(w, c.Name, "", 0)
		}
	}
}

// signOutData is what the sign-out page shows.
type signOutData struct {
	Server, Provider, Name, Action, CSRF string
	Programs                             []program
	Done                                 bool
}

// A program is a client that somebody is signed in with.
type program struct{ Name, Since string }

func (b *Broker) signOutPage(ctx context.Context, who *signedIn) (*signOutData, error) {
	d := &signOutData{
		Server: printable(b.cfg.Name, 80), Provider: who.Provider, Name: printable(who.Name, 80), Action: b.prefix + pathSignOut,
	}
	if d.Name == "" {
		d.Name = printable(who.Subject, 80)
	}
	ids, _, err := load[[]string](ctx, b.store, kindUser, userKey(who.Issuer, who.Subject))
	if errors.Is(err, session.ErrNotFound) {
		return d, nil
	}
	if err != nil {
		return nil, err
	}
	grants, err := b.living(ctx, *ids)
	if err != nil {
		return nil, err
	}
	for _, g := range slices.Backward(grants) { // the newest first
		name, err := b.programName(ctx, g.ClientID)
		if err != nil {
			return nil, err
		}
		d.Programs = append(d.Programs, program{name, g.Created.UTC().Format("2 January 2006, 15:04 MST")})
	}
	return d, nil
}

// living returns the families that have not ended. A damaged one is none that anybody
// can use.
func (b *Broker) living(ctx context.Context, ids []string) ([]*grant, error) {
	var out []*grant
	for _, id := range ids {
		g, _, err := load[grant](ctx, b.store, kindGrant, id)
		if errors.Is(err, session.ErrNotFound) || errors.Is(err, session.ErrCorrupt) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	return out, nil
}

// programName is what a client calls itself, or the address of its document, which
// is not fetched for this.
func (b *Broker) programName(ctx context.Context, id string) (string, error) {
	if isDocumentID(id) {
		return printable(id, 200), nil
	}
	c, _, err := load[client](ctx, b.store, kindClient, id)
	switch {
	case errors.Is(err, session.ErrNotFound) || errors.Is(err, session.ErrCorrupt):
		return "(no longer registered)", nil
	case err != nil:
		return "", err
	case c.Name == "":
		return "(no name)", nil
	}
	return c.Name, nil
}
