package wizard

import (
	"slices"
	"strings"
)

// CommandLine returns the one command that repeats a run with these answers and
// without questions, quoted for a POSIX shell. Values that are the default of a
// field nobody is asked about, or not here, are left out; extra arguments, such as the folder,
// stand before the answers.
func CommandLine(a Answers, extra ...string) string {
	asked := map[string]bool{}
	for _, q := range Questions(Facts{}) {
		asked[q.Flag] = q.Applies(a)
	}
	words := append([]string{"mcp-migrate", "migrate"}, extra...)
	for _, f := range Fields() {
		v := f.Get(a)
		if len(v) == 0 || !asked[f.Flag] && slices.Equal(v, f.Default) {
			continue
		}
		words = append(words, flagWords(f, v)...)
	}
	words = append(words, "--yes")
	return Shell(words)
}

func flagWords(f Field, values []string) []string {
	if f.Kind != KindRules {
		return []string{"--" + f.Flag, strings.Join(values, ",")}
	}
	var words []string
	for _, v := range values {
		words = append(words, "--"+f.Flag, v)
	}
	return words
}

// Shell returns words as one line that a POSIX shell reads as exactly these words.
func Shell(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = shellQuote(w)
	}
	return strings.Join(quoted, " ")
}

func shellQuote(w string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:,=@%+", r)
	}
	if w != "" && !strings.ContainsFunc(w, func(r rune) bool { return !plain(r) }) {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}
