package gosdk

import "context"

// Stdio verifies the credential that the environment of the process holds, once,
// and returns a Guard for servers that are served over stdio: what reaches them
// over anything but HTTP is served to whom the credential belongs to, as the policy
// has it. An empty credential, and one that the verifier does not accept, is an
// error, which never holds it.
//
// The caller is the same until the process ends or the credential does: one that is
// revoked meanwhile is refused at the next start. A server may be served over HTTP
// as well, by g.
func (g *Guard) Stdio(ctx context.Context, credential string) (*Guard, error) {
	caller, err := g.core.AuthenticateStdio(ctx, credential)
	if err != nil {
		return nil, err
	}
	stdio := New(g.core)
	stdio.caller = caller
	return stdio, nil
}

// local returns the context by which a caller that did not come over HTTP is
// judged: the one of the Guard's own caller, if it has one.
func (g *Guard) local(ctx context.Context) context.Context {
	if g.caller != nil {
		return g.caller
	}
	return ctx
}
