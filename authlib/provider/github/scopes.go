package github

import "slices"

// included lists what each of GitHub's scopes includes directly.
func included(scope string) []string {
	switch scope {
	case "repo":
		return []string{"repo:status", "repo_deployment", "public_repo", "repo:invite", "security_events"}
	case "user":
		return []string{"read:user", "user:email", "user:follow"}
	case "admin:org":
		return []string{"write:org", "manage_runners:org"}
	case "write:org":
		return []string{"read:org"}
	case "admin:repo_hook":
		return []string{"write:repo_hook"}
	case "write:repo_hook":
		return []string{"read:repo_hook"}
	case "admin:public_key":
		return []string{"write:public_key"}
	case "write:public_key":
		return []string{"read:public_key"}
	case "admin:gpg_key":
		return []string{"write:gpg_key"}
	case "write:gpg_key":
		return []string{"read:gpg_key"}
	case "admin:ssh_signing_key":
		return []string{"write:ssh_signing_key"}
	case "write:ssh_signing_key":
		return []string{"read:ssh_signing_key"}
	case "write:packages":
		return []string{"read:packages"}
	case "write:discussion":
		return []string{"read:discussion"}
	case "admin:enterprise":
		return []string{"manage_runners:enterprise", "manage_billing:enterprise", "read:enterprise", "scim:enterprise"}
	case "project":
		return []string{"read:project"}
	case "codespace":
		return []string{"codespace:secrets"}
	}
	return nil
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
	for queue := slices.Clone(scopes); len(queue) > 0; queue = queue[1:] {
		if !slices.Contains(out, queue[0]) {
			out = append(out, queue[0])
			queue = append(queue, included(queue[0])...)
		}
	}
	return out
}

// ExpandScopes is the function of that name.
func (p *Provider) ExpandScopes(scopes []string) []string { return ExpandScopes(scopes) }

// KnowsScope reports whether s is a scope of GitHub's OAuth apps.
func (p *Provider) KnowsScope(s string) bool { return slices.Contains(ExpandScopes(roots()), s) }
