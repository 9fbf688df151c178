package analyze

import "slices"

// judge gives every route and transport its verdict.
func (a *analysis) judge() {
	for _, m := range a.transports {
		for _, t := range m.by {
			slices.SortFunc(t.Routes, func(x, y *Route) int { return a.compareSites(x.Site, y.Site) })
			for _, r := range t.Routes {
				a.judgeRoute(t, r)
			}
			worst(t)
		}
	}
}

// judgeRoute judges each path that a request may take, and what they have in common.
func (a *analysis) judgeRoute(t *Transport, r *Route) {
	var list []opinion
	collectChecks(r, a.cases[r])
	for _, c := range a.cases[r] {
		list = append(list, judgeChain(c))
	}
	first := together(list)
	r.Verdict, r.Guard, r.GuardKind, r.OwnGuard = first.verdict, first.guard, first.kind, first.own
	if first.reason != "" || r.Reason == "" {
		r.Reason = first.reason
	}
	if r.Verdict == Protected {
		r.rest(list)
	}
	if r.Verdict == Unprotected && r.Reason == "" {
		r.Reason = a.openReason(t)
	}
	if r.Verdict == Unprotected && r.GuardKind == GuardNone {
		a.openKind(t, r)
	}
	a.trustComment(r)
}

// rest notes which trusts a verdict of protected rests on, and says so.
func (r *Route) rest(list []opinion) {
	for _, o := range list {
		if o.trust != nil {
			o.trust.Used = true
			r.Trust, r.Reason = o.trust, o.trust.because()
		}
	}
}

type opinion struct {
	verdict Verdict
	guard   string
	kind    GuardKind
	own     bool
	reason  string
	trust   *Trust // what a verdict of protected rests on besides proofs
}

// together is what several paths to one place come to: the worst of them. A guard that
// stands on others only is named.
func together(list []opinion) opinion {
	bad := list[0]
	for _, o := range list[1:] {
		if d := badness(o.verdict) - badness(bad.verdict); d > 0 || d == 0 && weight(o.kind) > weight(bad.kind) {
			bad = o
		}
	}
	guarded, some := guardOf(list, bad)
	if !some {
		return bad
	}
	reason := "the guard " + quoteName(guarded.guard) + " stands on some of the paths to it only"
	if bad.reason != "" {
		reason += "; on another, " + bad.reason
	}
	kind := bad.kind
	if weight(guarded.kind) > weight(kind) {
		kind = guarded.kind
	}
	return opinion{bad.verdict, guarded.guard, kind, guarded.own, reason, bad.trust}
}

// guardOf returns what may be a guard on other paths than the worst one, and does most.
func guardOf(list []opinion, bad opinion) (best opinion, some bool) {
	for _, o := range list {
		if badness(o.verdict) >= badness(bad.verdict) || o.guard == "" || !o.own && o.kind == GuardNone {
			continue
		}
		if !some || weight(o.kind) > weight(best.kind) {
			best, some = o, true
		}
	}
	return best, some
}

// judgeChain judges one path: one layer that is sure to refuse strangers protects
// it, and one that is not known makes it unknown. A layer that changes requests takes
// its worth from a check.
func judgeChain(c chain) opinion {
	best := opinion{verdict: Unprotected, kind: GuardNone}
	for l := c; l != nil; l = l.trail {
		if l.silent {
			continue
		}
		o := opinion{l.verdict, l.name, l.kind, l.own, l.reason, l.trust}
		if l.verdict == Protected {
			if o.reason = undone(c, l); o.reason == "" {
				return o
			}
			o.verdict = Unknown
		}
		switch {
		case badness(o.verdict) < badness(best.verdict), best.reason == "",
			o.verdict == best.verdict && weight(o.kind) > weight(best.kind):
			best = o
		case o.verdict == Unknown && best.verdict == Unknown && o.own && weight(o.kind) == weight(best.kind) && o.reason != best.reason:
			best.reason += "; in front of that, " + o.reason
		}
	}
	return best
}

// undone says which layer may make check l worth nothing; "" when none does: one in
// front of it that gives requests a credential, or one behind it that makes another
// request of an OPTIONS request.
func undone(c, l chain) string {
	for out := l.trail; out != nil; out = out.trail {
		if out.changes {
			return "what stands in front of " + quoteName(l.name) + ", " + quoteName(out.name) + ", changes requests, and may give them a credential of the program's own"
		}
	}
	for in := c; l.preflight && in != l; in = in.trail {
		if in.changes {
			return quoteName(l.name) + " lets OPTIONS requests through, and what is behind it, " + quoteName(in.name) + ", changes requests"
		}
	}
	return ""
}

// weight puts the kinds of guard in order of what they do.
func weight(k GuardKind) int {
	return slices.Index([]GuardKind{GuardNone, GuardMetadataOnly, GuardPassthrough, GuardAppSession, GuardTrusted, GuardVerified}, k)
}

// openReason says what is there that might be taken for a check and is none.
func (a *analysis) openReason(t *Transport) string {
	if len(t.ContextFuncs) > 0 {
		return "nothing in front of it asks who is calling: a context function can't refuse a request"
	}
	if len(a.owner[t].Hooks) > 0 {
		return "nothing in front of it asks who is calling: middleware and hooks of the server don't see every request"
	}
	return "nothing in front of it asks who is calling"
}

// worst gives a transport the verdict of its worst route.
func worst(t *Transport) {
	if len(t.Routes) == 0 {
		t.Verdict, t.GuardKind, t.Reason = Unknown, GuardNone, "no place was found where it is served"
		return
	}
	bad := slices.MaxFunc(t.Routes, func(x, y *Route) int { return badness(x.Verdict) - badness(y.Verdict) })
	t.Verdict, t.Guard, t.GuardKind, t.OwnGuard, t.Reason = bad.Verdict, bad.Guard, bad.GuardKind, bad.OwnGuard, bad.Reason
	if other := guardElsewhere(t, bad); other != "" {
		t.Reason += "; " + quoteName(other) + " guards another place where it is served, and not this one"
	}
}

// guardElsewhere names the guard of another route than the worst one, which has none.
func guardElsewhere(t *Transport, bad *Route) string {
	if bad.Verdict != Unprotected || bad.Guard != "" {
		return ""
	}
	for _, r := range t.Routes {
		if r.Guard != "" && (r.Verdict == Protected || r.GuardKind == GuardVerified) {
			return r.Guard
		}
	}
	return ""
}

func badness(v Verdict) int {
	switch v {
	case Protected:
		return 0
	case Unknown:
		return 1
	}
	return 2
}
