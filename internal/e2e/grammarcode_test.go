package e2e

import "strings"

// decls are the declarations in front of main.
func (p *program) decls() string {
	var b strings.Builder
	switch p.clash {
	case "constructor":
		b.WriteString("func newMCPAuth() string { return \"taken\" }\n\nvar _ = newMCPAuth\n\n")
	case "authlib":
		b.WriteString("type authlib struct{}\n\nvar _ authlib\n\n")
	case "broker":
		b.WriteString("var broker, provider, memstore, dev = 1, 2, 3, 4\n\nvar _ = broker + provider + memstore + dev\n\n")
	}
	switch p.made {
	case "global":
		b.WriteString("// notes is the server.\nvar notes = " + p.constructor() + "\n\n")
	case "field":
		b.WriteString("type app struct {\n\tname string\n\tsrv  *" + p.sdkName() + "." + p.serverType() + " // the server\n}\n\n")
	case "factory":
		b.WriteString("func newServer() *" + p.sdkName() + "." + p.serverType() + " {\n" + p.optionLines() + "\treturn " + p.constructor() + "\n}\n\n")
	}
	switch p.handler {
	case "factory":
		b.WriteString("func serve(s *" + p.sdkName() + "." + p.serverType() + ") http.Handler {\n\treturn " + p.transport("s") + "\n}\n\n")
	case "wrapped":
		b.WriteString("func logged(next http.Handler) http.Handler {\n\treturn http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {\n\t\tlog.Print(r.Method)\n\t\tnext.ServeHTTP(w, r)\n\t})\n}\n\n")
	case "field":
		b.WriteString("type web struct{ handler http.Handler }\n\n")
	}
	switch p.mount {
	case "muxfield":
		b.WriteString("type site struct{ mux *http.ServeMux }\n\n")
	case "muxfactory":
		b.WriteString("func newMux() *http.ServeMux {\n\tmux := http.NewServeMux()\n\tmux.HandleFunc(\"GET /healthz\", func(w http.ResponseWriter, r *http.Request) {})\n\treturn mux\n}\n\n")
	}
	switch p.tools {
	case "helper":
		b.WriteString("func timeTool() " + p.toolType() + " {\n\treturn " + p.tool("get_time", true) + "\n}\n\n")
	case "method":
		b.WriteString("type clock struct{ zone string }\n\nfunc (c *clock) register(s *" + p.sdkName() + "." + p.serverType() + ") {\n" + p.registration("s", "get_time", true) + "}\n\n")
	}
	if p.tools != "otherfile" {
		b.WriteString(p.handle())
	}
	return b.String()
}

func (p *program) toolsFile() string {
	return "func register(s *" + p.sdkName() + "." + p.serverType() + ") {\n" + p.registration("s", "get_time", true) + p.registration("s", "drop_all", false) + "}\n\n" + p.handle()
}

func (p *program) serverType() string {
	if p.sdk == "mcpgo" {
		return "MCPServer"
	}
	return "Server"
}

func (p *program) mcp() string {
	if p.sdk == "gosdk" {
		return p.sdkName()
	}
	return "mcp"
}

func (p *program) toolType() string {
	if p.sdk == "gosdk" {
		return "*" + p.mcp() + ".Tool"
	}
	return "mcp.Tool"
}

// handle is what every tool runs.
func (p *program) handle() string {
	m := p.mcp()
	if p.sdk == "gosdk" {
		return "func handle(context.Context, *" + m + ".CallToolRequest, struct{}) (*" + m + ".CallToolResult, any, error) {\n" +
			"\treturn &" + m + ".CallToolResult{Content: []" + m + ".Content{&" + m + ".TextContent{Text: \"served\"}}}, nil, nil\n}\n\n"
	}
	return "func handle(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {\n\treturn mcp.NewToolResultText(\"served\"), nil\n}\n\n"
}

func (p *program) tool(name string, readOnly bool) string {
	m := p.mcp()
	if p.sdk == "gosdk" {
		if readOnly {
			return "&" + m + ".Tool{Name: \"" + name + "\", Annotations: &" + m + ".ToolAnnotations{ReadOnlyHint: true}}"
		}
		return "&" + m + ".Tool{Name: \"" + name + "\"}"
	}
	if readOnly {
		return "mcp.NewTool(\"" + name + "\", mcp.WithReadOnlyHintAnnotation(true))"
	}
	return "mcp.NewTool(\"" + name + "\")"
}

func (p *program) add(s, tool string) string {
	if p.sdk == "gosdk" {
		return p.mcp() + ".AddTool(" + s + ", " + tool + ", handle)\n"
	}
	return s + ".AddTool(" + tool + ", handle)\n"
}

func (p *program) registration(s, name string, readOnly bool) string {
	return "\t" + p.add(s, p.tool(name, readOnly))
}

func (p *program) constructor() string {
	switch {
	case p.sdk == "gosdk":
		return p.sdkName() + ".NewServer(&" + p.sdkName() + ".Implementation{Name: \"notes\", Version: \"1.0.0\"}, nil)"
	case p.made == "global" || p.options == "none":
		return p.sdkName() + ".NewMCPServer(\"notes\", \"1.0.0\")"
	case p.options == "literal":
		return p.sdkName() + ".NewMCPServer(\"notes\", \"1.0.0\", " + p.sdkName() + ".WithToolCapabilities(true))"
	}
	return p.sdkName() + ".NewMCPServer(\"notes\", \"1.0.0\", opts...)"
}

// optionLines come before the constructor where options are appended.
func (p *program) optionLines() string {
	if p.options != "append" || p.made == "global" {
		return ""
	}
	return "\tvar opts []" + p.sdkName() + ".ServerOption\n\topts = append(opts, " + p.sdkName() + ".WithToolCapabilities(true))\n"
}

// transport is the expression of the handler that serves s.
func (p *program) transport(s string) string {
	if p.sdk == "mcpgo" {
		return p.sdkName() + ".NewStreamableHTTPServer(" + s + ")"
	}
	return p.sdkName() + ".NewStreamableHTTPHandler(func(*http.Request) *" + p.sdkName() + ".Server { return " + s + " }, nil)"
}

// body is what main, or run, does.
func (p *program) body() string {
	var b strings.Builder
	b.WriteString("\taddr := \"localhost:\" + os.Getenv(\"PORT\")\n")
	switch p.clash {
	case "err":
		b.WriteString("\t_, err := os.Hostname()\n" + p.fail("\t"))
	case "guard":
		b.WriteString("\tguard, auth := 1, 2\n\t_, _ = guard, auth\n")
	case "mcpAuth":
		b.WriteString("\tmcpAuth := os.Getenv(\"MCP_AUTH\")\n\t_ = mcpAuth\n")
	case "os":
		b.WriteString("\tcontext, errors, slog := 1, 2, 3\n\t_, _, _ = context, errors, slog\n")
	}
	s := "s"
	switch p.made {
	case "local":
		b.WriteString(p.optionLines() + "\ts := " + p.constructor() + "\n")
	case "factory":
		b.WriteString("\ts := newServer()\n")
	case "field":
		b.WriteString(p.optionLines() + "\ta := &app{name: \"notes\", srv: " + p.constructor() + "}\n")
		s = "a.srv"
	case "global":
		s = "notes"
	case "pointer":
		b.WriteString(p.optionLines() + "\tvar s *" + p.sdkName() + "." + p.serverType() + "\n\ts = " + p.constructor() + "\n")
	}
	b.WriteString(p.registrations(s))
	b.WriteString(p.serving(s))
	return b.String()
}

func (p *program) registrations(s string) string {
	switch p.tools {
	case "helper":
		return "\t" + p.add(s, "timeTool()") + p.registration(s, "drop_all", false)
	case "table":
		return "\tfor _, t := range []" + p.toolType() + "{" + p.tool("get_time", true) + ", " + p.tool("drop_all", false) + "} {\n\t\t" + p.add(s, "t") + "\t}\n"
	case "method":
		return "\t(&clock{zone: \"UTC\"}).register(" + s + ")\n" + p.registration(s, "drop_all", false)
	case "otherfile":
		return "\tregister(" + s + ")\n"
	}
	return p.registration(s, "get_time", true) + p.registration(s, "drop_all", false)
}

// serving mounts the handler and listens.
func (p *program) serving(s string) string {
	if p.mount == "start" {
		return "\th := " + p.transport(s) + "\n\tif err := h.Start(addr); err != nil {\n\t\t" + p.failWith("err") + "\n\t}\n" + p.end()
	}
	lines, h := p.handlerLines(s)
	mount, root := p.mounting(h)
	return lines + mount + p.listening(root)
}

func (p *program) handlerLines(s string) (lines, expr string) {
	switch p.handler {
	case "local":
		return "\th := " + p.transport(s) + "\n", "h"
	case "factory":
		return "", "serve(" + s + ")"
	case "wrapped":
		return "", "logged(" + p.transport(s) + ")"
	case "field":
		return "\tw := &web{handler: " + p.transport(s) + "}\n", "w.handler"
	case "lazily":
		return "\tvar h http.Handler\n\th = " + p.transport(s) + "\n", "h"
	}
	return "", p.transport(s)
}

func (p *program) mounting(h string) (lines, root string) {
	switch p.mount {
	case "default":
		return "\thttp.Handle(\"" + p.path + "\", " + h + ")\n", "nil"
	case "bare":
		return "", h
	case "muxfield":
		return "\tweb := &site{mux: http.NewServeMux()}\n\tweb.mux.Handle(\"" + p.path + "\", " + h + ")\n", "web.mux"
	case "twice":
		return "\tmux := http.NewServeMux()\n\tboth := http.Handler(" + h + ")\n\tmux.Handle(\"" + p.path + "\", both)\n\tmux.Handle(\"" + p.path + "/\", both)\n", "mux"
	case "strip":
		return "\tmux := http.NewServeMux()\n\tmux.Handle(\"/mcp\", http.StripPrefix(\"/mcp\", " + h + "))\n", "mux"
	case "muxfactory":
		return "\tmux := newMux()\n\tmux.Handle(\"" + p.path + "\", " + h + ")\n", "mux"
	}
	return "\tmux := http.NewServeMux()\n\tmux.Handle(\"" + p.path + "\", " + h + ")\n", "mux"
}

func (p *program) listening(root string) string {
	checked := func(call string) string {
		return "\tif err := " + call + "; err != nil {\n\t\t" + p.failWith("err") + "\n\t}\n" + p.end()
	}
	switch p.listen {
	case "server":
		return "\tsrv := &http.Server{Addr: addr, Handler: " + root + "}\n" + checked("srv.ListenAndServe()")
	case "timeouts":
		return "\tsrv := http.Server{\n\t\tAddr:              addr,\n\t\tHandler:           " + root + ",\n\t\tReadHeaderTimeout: 5 * time.Second, // slow clients\n\t}\n" + checked("srv.ListenAndServe()")
	case "listener":
		return "\tl, lerr := net.Listen(\"tcp\", addr)\n\tif lerr != nil {\n\t\t" + p.failWith("lerr") + "\n\t}\n" + checked("http.Serve(l, "+root+")")
	case "goroutine":
		return "\tfailed := make(chan error)\n\tgo func() { failed <- http.ListenAndServe(addr, " + root + ") }()\n" + checked("<-failed")
	}
	return checked("http.ListenAndServe(addr, " + root + ")")
}

func (p *program) fail(indent string) string {
	return indent + "if err != nil {\n" + indent + "\t" + p.failWith("err") + "\n" + indent + "}\n"
}

// failWith is how the program ends with an error.
func (p *program) failWith(err string) string {
	switch p.fails {
	case "return":
		return "return " + err
	case "slog":
		if p.clash == "os" {
			return "log.Fatal(" + err + ")" // slog is taken
		}
		return "slog.Error(\"stopped\", \"error\", " + err + ")\n\t\tos.Exit(1)"
	case "panic":
		return "panic(" + err + ")"
	case "fmt":
		return "fmt.Fprintln(os.Stderr, " + err + ")\n\t\tos.Exit(1)"
	}
	return "log.Fatal(" + err + ")"
}

func (p *program) end() string {
	if p.fails == "return" {
		return "\treturn nil\n"
	}
	return ""
}
