package discover

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/mcp-migrate/mcp-migrate/internal/doctor"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// noToken is a token that nobody issues.
const noToken = "not-a-token"

// refusal looks at how a stranger is turned away, which is how a client learns where
// its user can sign in.
func (w *walk) refusal(ctx context.Context, a *probe.Answer) {
	if a.Status/100 == 2 {
		a = w.letIn(ctx)
	} else {
		w.status(a)
	}
	if a == nil || a.Status != http.StatusUnauthorized {
		w.Skip("there is no 401 with a challenge", stepParse, stepPointer)
		return
	}
	w.challenge(a.Header)
}

// letIn is for a server that lets strangers initialize. It may mean to: then a bad
// token is refused all the same.
func (w *walk) letIn(ctx context.Context) *probe.Answer {
	a, err := w.call(ctx, noToken)
	if err != nil {
		w.Bad(stepRefusal, "a stranger may initialize, and a token that is none gets no answer: "+plainly(err).Error(), "look at the program's log")
		return nil
	}
	if a.Status == http.StatusUnauthorized {
		w.Warn(stepRefusal, "a stranger may initialize; a token that is none is refused with 401",
			"as it must be with --requirement optional; otherwise something answers before the guard. mcp-migrate verify shows what strangers can do")
		return a
	}
	w.Bad(stepRefusal, fmt.Sprintf("anybody may initialize, even with a token that is none (status %d): the server asks nobody who they are", a.Status),
		"run mcp-migrate in its module; if that was done, this URL leads past the guard")
	return nil
}

// cures are what mends an answer that is no 401.
var cures = map[int]string{
	http.StatusForbidden:          "something in front of the program refuses, such as a firewall or its origin check: the program itself answers strangers with 401",
	http.StatusNotFound:           "the MCP endpoint is at another path: mcp-migrate inspect shows it, and a proxy may take a part of the path away",
	http.StatusMethodNotAllowed:   "the MCP endpoint is at another path, or serves another transport: a client posts there",
	http.StatusMisdirectedRequest: "the program answers for the host in MCP_RESOURCE_URL only: set that to this URL, and have the proxy pass on the Host header as it is",
	http.StatusServiceUnavailable: "the program cannot reach its session store or its issuer: mcp-migrate doctor sessions, and its log, say more",
	http.StatusBadGateway:         "the proxy does not reach the program: see that it runs, and the address in the proxy",
	http.StatusGatewayTimeout:     "the proxy does not reach the program: see that it runs, and the address in the proxy",
	http.StatusNotAcceptable:      "something checks the request before the guard does: put the guard in front",
	http.StatusBadRequest:         "something checks the request before the guard does: put the guard in front",
}

func (w *walk) status(a *probe.Answer) {
	found := fmt.Sprintf("status %d, where 401 must be", a.Status)
	switch cure := cures[a.Status]; {
	case a.Status == http.StatusUnauthorized:
		w.Good(stepRefusal, "a stranger is refused with 401")
	case a.Status/100 == 3:
		w.Bad(stepRefusal, found+", and leads to "+doctor.Quote(a.Header.Get("Location")), "clients do not follow with a POST: give them that URL, and set MCP_RESOURCE_URL to it")
	case cure != "":
		w.Bad(stepRefusal, found, cure)
	default:
		w.Bad(stepRefusal, found, "look at the logs of the program and of the proxy in front of it")
	}
}

// challenge looks at what the 401 says (RFC 9110 §11.6.1, RFC 9728 §5.1).
func (w *walk) challenge(h http.Header) {
	all := probe.Bearer(h)
	switch {
	case len(h.Values("WWW-Authenticate")) == 0:
		w.Bad(stepParse, "the 401 has no WWW-Authenticate", "the program sends one: see that the proxy passes it on")
	case len(all) != 1:
		w.Bad(stepParse, fmt.Sprintf("%d Bearer challenges can be read, where one must be", len(all)), "send one challenge: Bearer resource_metadata=\"…\", scope=\"…\"; something else in front may add its own")
	default:
		w.Good(stepParse, "one Bearer challenge, scope %s", doctor.Quote(all[0].Params["scope"]))
		w.pointer(all[0].Params["resource_metadata"])
		return
	}
	w.Skip("there is no challenge that can be read", stepPointer)
}

// pointer looks at where the challenge leads.
func (w *walk) pointer(to string) {
	at, root := probe.ResourceMetadataURLs(w.target)
	u, err := url.Parse(to)
	switch {
	case to == "":
		w.Warn(stepPointer, "the challenge does not name the metadata, so clients try the well-known places", "add resource_metadata to the challenge (RFC 9728 §5.1)")
	case to == at || to == root:
		w.Good(stepPointer, "%s", doctor.Quote(to))
	case err != nil || u.Host == "":
		w.Bad(stepPointer, doctor.Quote(to)+" is no URL", "name the whole URL of the metadata: "+at)
	case u.Scheme != w.target.Scheme || u.Host != w.target.Host:
		w.Bad(stepPointer, fmt.Sprintf("leads to %s, not to this server", doctor.Quote(u.Scheme+"://"+u.Host)), proxyCure(w.target))
	default:
		w.Warn(stepPointer, doctor.Quote(to)+" is not where clients look without it, "+at, "serve the metadata there as well; the document at the place named was not read")
	}
}

// proxyCure is what mends a program that takes itself for another URL.
func proxyCure(target *url.URL) string {
	return fmt.Sprintf("the program takes itself for another URL, as happens behind a proxy: set MCP_RESOURCE_URL=%s and start it again", target)
}
