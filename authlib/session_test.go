package authlib

import "testing"

// Who does not have the key can't tell the key of a caller, nor can another resource.
func TestCallerKey(t *testing.T) {
	alice, bob := &Principal{Issuer: "i", Subject: "alice"}, &Principal{Issuer: "i", Subject: "bob"}
	key := make([]byte, 32)
	withKey := func(c *Config) { c.SessionKey = key }
	one, same := newGuard(t, withKey), newGuard(t, withKey)
	other := newGuard(t, func(c *Config) { c.SessionKey, c.Resource = key, "https://mcp.example.com/other" })
	random := newGuard(t, nil)
	if one.CallerKey(alice) != same.CallerKey(alice) {
		t.Error("replicas with one key disagree")
	}
	for name, k := range map[string]string{
		"another caller": one.CallerKey(bob), "another resource": other.CallerKey(alice), "another process": random.CallerKey(alice),
	} {
		if k == one.CallerKey(alice) {
			t.Errorf("%s has the same", name)
		}
	}
}
