package policyfile_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/policyfile"
)

// Files that are made to be slow to read: none keeps a program from starting. The
// slowest takes about a second; the bound only tells that from what grows with the
// square of the file.
func TestNoFileIsSlowToRead(t *testing.T) {
	many := func(n int, f func(i string) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(f(strconv.Itoa(i)))
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"brackets":       strings.Repeat("[", policyfile.MaxSize),
		"braces":         strings.Repeat("{", policyfile.MaxSize),
		"keys":           strings.Repeat("? ", policyfile.MaxSize/2),
		"dashes":         strings.Repeat("- ", policyfile.MaxSize/2),
		"quotes":         strings.Repeat(`"`, policyfile.MaxSize),
		"comments":       strings.Repeat("#\n", policyfile.MaxSize/2),
		"commas":         "tools: {a: {any_role: [" + strings.Repeat("a,", 100000) + "]}}",
		"words":          "tools: {a: {any_role: [" + many(30000, func(i string) string { return "r" + i + "," }) + "]}}",
		"permissions":    "roles: {r: [" + many(14000, func(i string) string { return "p:" + i + "," }) + "]}\ntools: {a: {any_permission: [" + many(14000, func(i string) string { return "q:" + i + "," }) + "]}}",
		"rules":          "tools:\n" + many(10000, func(i string) string { return " t" + i + ": {any_role: [r]}\n" }),
		"scopes in line": "tools: {a: {}}\nimplies:\n" + many(1000, func(i string) string { return " s" + i + ": [s" + i + "0]\n" }),
		"long chain": "tools: {a: {}}\nimplies:\n" + many(999, func(i string) string {
			n, _ := strconv.Atoi(i)
			return " s" + i + ": [s" + strconv.Itoa(n+1) + "]\n"
		}) + " s999: [s0]\n",
		"documents": strings.Repeat("---\n", policyfile.MaxSize/4),
		"blocks":    "tools:\n" + strings.Repeat(" a: |\n  b\n", 20000),
		"JSON":      `{"tools": {` + many(9000, func(i string) string { return `"t` + i + `": {"any_role": []},` }) + `"x": {}}}`,
	} {
		if len(text) > policyfile.MaxSize {
			t.Fatalf("%s: %d bytes are refused at once", name, len(text))
		}
		for _, file := range []string{"p.yaml", "p.json"} {
			start := time.Now()
			_, err := policyfile.Parse(file, []byte(text))
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("%s as %s takes %v", name, file, took)
			} else {
				t.Logf("%s as %s: %v, %.60v", name, file, took.Round(time.Millisecond), err)
			}
		}
	}
}
