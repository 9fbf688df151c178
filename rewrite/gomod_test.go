package rewrite

import "testing"

// What a dependency asks for must not be above the user's go line, as the go
// command compares them.
func TestVersionFor(t *testing.T) {
	for line, want := range map[string]string{
		"1.22": "", "1.23": "", "1.23.0": "v0.30.0", "1.23.4": "v0.30.0", "1.24": "v0.30.0", "1.24rc1": "v0.30.0",
		"1.24.0": "v0.35.0", "1.25": "v0.35.0", "1.26.1": "v0.35.0",
	} {
		if got := dependencies[0].versionFor(line); got != want {
			t.Errorf("go %s: %q, want %q", line, got, want)
		}
	}
}
