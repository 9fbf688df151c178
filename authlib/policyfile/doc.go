// Package policyfile reads an [authlib.Policy] from a YAML or JSON file, and writes one.
// It checks every word that a file says, and reports all faults with their places. It
// does not watch the file: the policy is read once, when the program starts, and a file
// that is changed later changes nothing until the program is restarted, or calls [Load]
// again and makes a new guard of what it gets.
//
//	base: {all_scopes: [notes:read]}       # what every operation demands that is not public
//	tools:                                 # by name; each adds to base
//	  list_notes: {}
//	  status: {public: true}               # needs no caller
//	  write_note: {all_scopes: [notes:write]}
//	  purge_notes: {any_permission: ["notes:purge"], any_role: [keeper, admin]}
//	  open_pull: {any_issuer: ["https://github.com"]}
//	prompts:
//	  summarize: {any_scope: [notes:read, notes:admin]}
//	resources:                             # by URI or URI template
//	  notes://by-id/{id}: {}
//	implies: {notes:write: [notes:read]}   # a scope includes others
//	roles: {keeper: ["notes:*"]}           # what a role permits
//	unlisted: deny                         # or base: what holds for what is not named
//
// Each key is the field of [authlib.Policy] or [authlib.Rule] that has its name, and
// roles is Policy.RolePermissions. There are no rules by method, as the Policy has
// none: Base holds for the protocol's methods that name nothing.
//
// # What it checks
//
// Whatever is not written is denied. So a file that names no tool, prompt or resource
// has to say "unlisted: base" in so many words, and one that is empty is an error.
// Unknown keys are errors (those in another case too), as are keys that are there
// twice, values of another type, null, lists and sections that are empty, a name twice
// in a list, a public rule that demands something, anchors, aliases, merge keys and
// tags of YAML, a second document, files over [MaxSize], text that is not UTF-8, and
// control characters that hide what it says.
// What [authlib.Policy.Validate] refuses is refused as well. An error names file, line
// and column of each fault, and the cure: see [Error].
//
// # What it does not do
//
// policy.schema.json beside this package is for editors, and says less than the reader.
//
// It does not know what the server has registered: "mcp-migrate lint" compares the
// two. It reads no environment variables, includes no other files and merges no
// policies. Names are compared letter for letter: "Delete" and "delete" are two tools.
package policyfile
