package authlib

// Validate reports everything about p itself that [New] would refuse: words that no
// standard allows, rules that contradict themselves, scopes that imply themselves,
// permissions that no role gives. What depends on the rest of a [Config] it can't
// know, such as public operations without Config.AllowAnonymous. Readers of policies
// use it to refuse early and to say where. Safe for concurrent use.
func (p Policy) Validate() error { return p.validate() }
