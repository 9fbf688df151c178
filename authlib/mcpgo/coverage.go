package mcpgo

// Coverage says in sentences, one for each kind of operation, whether it is
// checked inside the SDK as well or by the HTTP guard only. It depends on the
// mcp-go version that the adapter was copied for.
func (g *Guard) Coverage() []string {
	return []string{
		covered("tools/call", hasTools),
		covered("task tools", hasInit),
		covered("tools/list", hasFilter || hasInit),
		covered("prompts/get", hasPrompts || hasInit),
		covered("prompts/list", hasPrompts || hasInit),
		covered("resources/read", hasResources || hasInit),
		covered("resources/list, resources/templates/list", hasInit),
		covered("completion, subscriptions, logging, tasks and other requests", hasInit),
		"notifications and answers of clients: checked by the HTTP guard only; mcp-go has no hook for them",
	}
}

func covered(what string, inSDK bool) string {
	if inSDK {
		return what + ": checked by the HTTP guard and inside the SDK"
	}
	return what + ": checked by the HTTP guard only; this mcp-go version has no hook for it"
}
