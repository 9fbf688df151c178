package broker

// signOutHTML is the page before and after; it is read by a screen reader in this
// order, and works without script.
const signOutHTML = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{if .Done}}Signed out of {{.Server}}{{else}}Sign out of {{.Server}}?{{end}}</title><style>` + pageStyle + `</style></head><body><main>
{{if .Done}}<h1>You are signed out of {{.Server}}</h1>
<p role="status">{{if .Programs}}These programs can no longer use this server as {{.Name}} ({{.Provider}}):{{else}}No program used this server as {{.Name}} ({{.Provider}}).{{end}}</p>
{{else}}<h1>Sign out of {{.Server}}?</h1>
<p>With this browser you signed in as:</p>
<p class="host">{{.Name}} ({{.Provider}})</p>
<p>{{if .Programs}}These programs use this server as you. All of them will have to sign in again, also those on other computers:{{else}}No program uses this server as you now.{{end}}</p>
{{end}}{{if .Programs}}<dl>{{range .Programs}}<dt>{{.Name}}</dt><dd>signed in on {{.Since}}</dd>{{end}}</dl>
{{end}}{{if .Done}}<p>A call that was under way may still end. You are not signed out of {{.Provider}} itself. You can close this page.</p>
{{else}}<form method="post" action="{{.Action}}"><input type="hidden" name="csrf" value="{{.CSRF}}">
<button type="submit">Sign out everywhere</button></form>
<p>You stay signed in at {{.Provider}} itself.</p>
{{end}}</main></body></html>
`
