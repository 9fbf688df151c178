package rewrite

// A storeWay is one place where sessions can live: what the answer --store means
// for the wiring. Its text is the template "store." and its name in
// sidecarsignin.go, which makes the variable store; memory needs none.
type storeWay struct {
	pkg    string   // below authlib/session
	sealed bool     // it outlives the program, so that records are sealed with MCP_SESSION_KEY
	env    []EnvVar // what it reads
}

// storeWays are the places by the value of --store. A further one is a line here
// and a template.
var storeWays = map[string]storeWay{
	"memory": {pkg: "memstore"},
	"file": {"filestore", true, []EnvVar{
		sessionKey,
		{"MCP_SESSION_DIR", false, "Where signed-in users are kept, encrypted. Default: .mcp-sessions"},
	}},
	"redis": {"redisstore", true, []EnvVar{
		{sessionKey.Name, true, "32 bytes, base64 (openssl rand -base64 32), the same for every replica. A comma list changes keys: the first one encrypts. Add a new one at the end everywhere, then move it to the front."},
		{"REDIS_URL", true, "Where signed-in users are kept, encrypted: redis://user:password@host:6379/0, or rediss:// for TLS; ?master_name=NAME&addr=HOST:PORT for Sentinels. Its maxmemory-policy must be noeviction."},
	}},
}

var sessionKey = EnvVar{"MCP_SESSION_KEY", true, "32 bytes, base64 (openssl rand -base64 32). A comma list changes keys: the first one encrypts. Add a new one at the end everywhere, then move it to the front."}
