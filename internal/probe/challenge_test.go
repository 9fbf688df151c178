package probe

import (
	"net/http"
	"reflect"
	"testing"
)

func TestChallenges(t *testing.T) {
	for _, tt := range []struct {
		name  string
		lines []string
		want  []Challenge
	}{
		{"none", nil, nil},
		{"bare", []string{"Bearer"}, []Challenge{{"bearer", map[string]string{}}}},
		{"quoted", []string{`Bearer resource_metadata="https://h/x, y", scope="a b"`},
			[]Challenge{{"bearer", map[string]string{"resource_metadata": "https://h/x, y", "scope": "a b"}}}},
		{"escaped", []string{`Bearer realm="a\"b\\c"`}, []Challenge{{"bearer", map[string]string{"realm": `a"b\c`}}}},
		{"two on a line", []string{`Basic realm=x, bEARER Error = invalid_token`},
			[]Challenge{{"basic", map[string]string{"realm": "x"}}, {"bearer", map[string]string{"error": "invalid_token"}}}},
		{"two lines", []string{"Negotiate", "Bearer error=x"},
			[]Challenge{{"negotiate", map[string]string{}}, {"bearer", map[string]string{"error": "x"}}}},
		{"twice the same parameter", []string{`Bearer error="", error=invalid_token`},
			[]Challenge{{"bearer", map[string]string{"error": ""}}}},
		{"no closing quote", []string{`Bearer error="invalid_token`}, []Challenge{{"bearer", map[string]string{"error": ""}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Challenges(http.Header{"Www-Authenticate": tt.lines})
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Challenges(%q) = %v, want %v", tt.lines, got, tt.want)
			}
		})
	}
}

func FuzzChallenges(f *testing.F) {
	f.Add(`Bearer a="b", Basic c=d`)
	f.Add(`Bearer a="`)
	f.Add(`==,,""`)
	f.Fuzz(func(t *testing.T, line string) {
		for _, c := range Challenges(http.Header{"Www-Authenticate": {line}}) {
			if c.Scheme == "" || c.Params == nil {
				t.Errorf("Challenges(%q) holds %v", line, c)
			}
		}
	})
}
