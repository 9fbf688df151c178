package analyze

import (
	"fmt"
	"slices"
)

// Tools that tell how to sign in, made by hand: who has to ask them can't call them yet.

// MetadataReason says what is wrong with a tool that [Registration.TellsMetadata], and what
// to do about it.
const MetadataReason = "it looks like the server's own auth metadata; a guard wants a token for it, and clients look for that without one at " +
	"/.well-known/oauth-protected-resource (RFC 9728 section 3), where authlib's guard serves it: take the tool out when the guard is in place"

// TellsMetadata reports whether a tool's name says that it gives metadata of how the
// server's callers are authenticated, such as get_auth_metadata. What it answers is not
// looked at.
func (r *Registration) TellsMetadata() bool {
	words := wordsOf(r.Name)
	of := func(w string) bool { return slices.Contains(words, w) }
	return of("metadata") && (slices.ContainsFunc([]string{"auth", "oauth", "oauth2", "authentication", "authorization", "oidc"}, of) || of("protected") && of("resource"))
}

// metadataNotes points at such tools.
func (r *Result) metadataNotes() []string {
	var list []string
	for _, s := range r.Servers {
		for _, t := range s.Tools {
			if t.TellsMetadata() {
				at := r.place(t.Defined)
				list = append(list, fmt.Sprintf("the tool %s at %s:%d: %s", quoteName(t.Name), at.File, at.Line, MetadataReason))
			}
		}
	}
	return list
}
