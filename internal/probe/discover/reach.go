package discover

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/internal/doctor"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

func (w *walk) scheme() {
	if w.target.Scheme == "http" && !provider.IsLoopbackHost(w.target.Hostname()) {
		w.Bad(stepURL, "plain http: anybody on the way reads the tokens", "serve it over https, and set MCP_RESOURCE_URL to that URL")
		return
	}
	w.Good(stepURL, "%s", doctor.Quote(w.target.String()))
}

// unreachable explains why nobody answered.
func (w *walk) unreachable(err error) {
	cure := "see that the program runs and listens there: mcp-migrate inspect shows where"
	var dns *net.DNSError
	step := stepReach
	switch {
	case tlsCure(err) != "":
		step, cure = stepTLS, tlsCure(err)
	case errors.As(err, &dns):
		cure = "the name has no address: see its DNS record, and that the URL is spelt right"
	case errors.Is(err, syscall.ECONNREFUSED):
		cure = "nothing listens at that port: " + cure
	case errors.Is(err, context.DeadlineExceeded) || isTimeout(err):
		cure = "nobody answers in time: a firewall, or a proxy that waits for the program"
	}
	rest := afterReach
	if step == stepTLS {
		w.Good(stepReach, "something listens there")
		rest = afterReach[1:]
	}
	w.Stop(step, plainly(err).Error(), cure)
	w.Skip("the server could not be reached", rest...)
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// tlsCure is what mends a connection that could not be secured; "" if it is not that.
func tlsCure(err error) string {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "what listens there speaks no TLS: use http:// for a server on this machine, or put TLS in front of it"
	case errors.As(err, &unknown):
		return "nobody vouches for its certificate: get one from a known authority, and send the intermediate certificates along"
	case errors.As(err, &host):
		return "the certificate is for another name: get one for the name in the URL"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate has expired, or is not valid yet: renew it, and see the clocks"
	case errors.As(err, &invalid):
		return "the certificate does not hold: get another"
	}
	return ""
}

// plainly takes the URL out of an error: it stands above already.
func plainly(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// reached tells what the first answer says of the connection and the clock.
func (w *walk) reached(a *probe.Answer) {
	w.Good(stepReach, "it answers, with status %d", a.Status)
	w.secured()
	w.clock(a.Header)
}

// soon is how long before its end a certificate is spoken of.
const soon = 14 * 24 * time.Hour

func (w *walk) secured() {
	state := w.http.tls
	if state == nil || len(state.PeerCertificates) == 0 {
		w.Skip("the URL is plain http", stepTLS)
		return
	}
	ends := state.PeerCertificates[0].NotAfter
	found := fmt.Sprintf("%s, certificate valid until %s", tls.VersionName(state.Version), ends.UTC().Format(time.DateOnly))
	if ends.Sub(w.now()) < soon {
		w.Warn(stepTLS, found, "renew the certificate: when it ends nobody can connect")
		return
	}
	w.Good(stepTLS, "%s", found)
}

// leeway is how much clocks may differ before tokens are taken for ended or not begun.
const leeway = 30 * time.Second

// clock compares the server's clock with ours (RFC 9110 §6.6.1).
func (w *walk) clock(h http.Header) {
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		w.Skip("the answer has no Date", stepClock)
		return
	}
	apart := w.now().Sub(at).Round(time.Second)
	if apart.Abs() > leeway {
		w.Bad(stepClock, fmt.Sprintf("the server's clock and this one are %s apart", apart.Abs()),
			"set the clocks by NTP: tokens are taken for ended, or for not begun")
		return
	}
	w.Good(stepClock, "the server's clock is at most %s from this one", leeway)
}
