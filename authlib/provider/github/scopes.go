package github

import "slices"

// Implies returns what each of GitHub's scopes includes directly, as the policy of a
// guard understands it (authlib.Policy.Implies). It is the caller's to change.
func Implies() map[string][]string {
	return map[string][]string{
		"repo":                  {"repo:status", "repo_deployment", "public_repo", "repo:invite", "security_events"},
		"user":                  {"read:user", "user:email", "user:follow"},
		"admin:org":             {"write:org", "manage_runners:org"},
		"write:org":             {"read:org"},
		"admin:repo_hook":       {"write:repo_hook"},
		"write:repo_hook":       {"read:repo_hook"},
		"admin:public_key":      {"write:public_key"},
		"write:public_key":      {"read:public_key"},
		"admin:gpg_key":         {"write:gpg_key"},
		"write:gpg_key":         {"read:gpg_key"},
		"admin:ssh_signing_key": {"write:ssh_signing_key"},
		"write:ssh_signing_key": {"read:ssh_signing_key"},
		"write:packages":        {"read:packages"},
		"write:discussion":      {"read:discussion"},
		"admin:enterprise":      {"manage_runners:enterprise", "manage_billing:enterprise", "read:enterprise", "scim:enterprise"},
		"project":               {"read:project"},
		"codespace":             {"codespace:secrets"},
	}
}

// roots are the scopes that no other includes, and those that include nothing.
func roots() []string {
	return []string{
		"repo", "user", "admin:org", "admin:repo_hook", "admin:org_hook", "admin:public_key", "admin:gpg_key",
		"admin:ssh_signing_key", "write:packages", "delete:packages", "write:discussion", "admin:enterprise",
		"project", "codespace", "gist", "notifications", "delete_repo", "workflow", "read:audit_log", "copilot",
		"manage_billing:copilot", "write:network_configurations", "read:network_configurations",
	}
}

// ExpandScopes returns scopes and all that they include, each once: a token with
// "repo" also has "public_repo". The order is that of first appearance.
func ExpandScopes(scopes []string) []string {
	var out []string
	included := Implies()
	for queue := slices.Clone(scopes); len(queue) > 0; queue = queue[1:] {
		if !slices.Contains(out, queue[0]) {
			out = append(out, queue[0])
			queue = append(queue, included[queue[0]]...)
		}
	}
	return out
}

// ExpandScopes is the function of that name.
func (p *Provider) ExpandScopes(scopes []string) []string { return ExpandScopes(scopes) }

// KnowsScope reports whether s is a scope of GitHub's OAuth apps.
func (p *Provider) KnowsScope(s string) bool { return slices.Contains(ExpandScopes(roots()), s) }
