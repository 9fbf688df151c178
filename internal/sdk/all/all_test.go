package all

import "testing"

func TestTooOld(t *testing.T) {
	for _, tt := range []struct {
		sdk, version string
		start        bool
		want         string
	}{
		{"mcp-go", "v0.18.0", false, "v0.20.0"},
		{"mcp-go", "v0.18.0", true, "v0.31.0"},
		{"mcp-go", "v0.30.0", true, "v0.31.0"},
		{"mcp-go", "v0.30.0", false, ""},
		{"mcp-go", "v0.31.0", true, ""},
		{"mcp-go", "v1.2.1", true, ""},
		{"mcp-go", "", true, ""},
		{"go-sdk", "v0.3.0", false, "v0.4.0"},
		{"go-sdk", "v0.4.0", false, ""},
		{"go-sdk", "v1.8.0", false, ""},
		{"go-sdk", "", false, ""},
	} {
		why, want := Wirers()[tt.sdk].TooOld(tt.version, tt.start)
		if want != tt.want || (why == "") != (want == "") {
			t.Errorf("%s %s, start %t: %q, %q; want %q", tt.sdk, tt.version, tt.start, why, want, tt.want)
		}
	}
}

// Over stdio nothing but the SDK's own hooks sees a request.
func TestStdioTooOld(t *testing.T) {
	for _, tt := range []struct{ sdk, version, want string }{
		{"mcp-go", "v0.44.0", "v0.45.0"}, {"mcp-go", "v0.45.0", ""}, {"mcp-go", "v1.2.1", ""}, {"mcp-go", "", ""},
		{"go-sdk", "v0.3.0", "v0.4.0"}, {"go-sdk", "v0.4.0", ""}, {"go-sdk", "", ""},
	} {
		why, want := Wirers()[tt.sdk].StdioTooOld(tt.version)
		if want != tt.want || (why == "") != (tt.want == "") {
			t.Errorf("%s %s: %q, want %q; got %q", tt.sdk, tt.version, why, tt.want, want)
		}
	}
}
