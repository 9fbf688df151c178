package fast

import "testing"

func TestNearestVersion(t *testing.T) {
	for _, tt := range []struct {
		there  []string
		wanted string
		want   string
	}{
		{[]string{"v0.20.0", "v0.16.0"}, "v0.18.0", "v0.20.0"},
		{[]string{"v0.9.0", "v0.16.0"}, "v0.18.0", "v0.16.0"},
		{[]string{"v0.9.0", "v0.10.0"}, "v0.2.0", "v0.9.0"},
		{nil, "v0.18.0", ""},
	} {
		if got := nearest(tt.there, tt.wanted); got != tt.want {
			t.Errorf("nearest to %s of %v: %q, want %q", tt.wanted, tt.there, got, tt.want)
		}
	}
}
