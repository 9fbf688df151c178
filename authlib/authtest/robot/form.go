package robot

import (
	"html"
	"net/url"
	"regexp"
	"strings"
)

// form is the first form of a page.
type form struct {
	action  string
	fields  []field
	buttons []field
}

type field struct{ name, value string }

// parseForm reads the plain HTML that sign-in pages are made of; nil if there is
// no form to post.
func parseForm(page string) *form {
	open := tag("form").FindStringSubmatchIndex(page)
	if open == nil {
		return nil
	}
	attrs := attributes(page[open[2]:open[3]])
	inside, _, _ := strings.Cut(page[open[1]:], "</form>")
	if !strings.EqualFold(attrs["method"], "post") {
		return nil
	}
	f := &form{action: attrs["action"]}
	for _, m := range tag("input").FindAllStringSubmatch(inside, -1) {
		f.input(attributes(m[1]))
	}
	for _, m := range tag("button").FindAllStringSubmatch(inside, -1) {
		a := attributes(m[1])
		if a["name"] != "" {
			f.buttons = append(f.buttons, field{a["name"], a["value"]})
		}
	}
	return f
}

func (f *form) input(a map[string]string) {
	_, checked := a["checked"]
	switch a["type"] {
	case "radio", "checkbox":
		if !checked {
			return
		}
	case "submit":
		f.buttons = append(f.buttons, field{a["name"], a["value"]})
		return
	}
	if a["name"] != "" {
		f.fields = append(f.fields, field{a["name"], a["value"]})
	}
}

// fill returns what a browser would send.
func (f *form) fill(answers map[string]string) url.Values {
	v := url.Values{}
	for _, fd := range f.fields {
		v.Set(fd.name, fd.value)
		if a, ok := answers[fd.name]; ok {
			v.Set(fd.name, a)
		}
	}
	for i, b := range f.buttons {
		if answers[b.name] == b.value || (i == 0 && answers[b.name] == "") {
			v.Set(b.name, b.value)
		}
	}
	return v
}

func tag(name string) *regexp.Regexp { return regexp.MustCompile(`(?is)<` + name + `\b([^>]*)>`) }

// attributes reads name="value" pairs; one without a value has "".
func attributes(s string) map[string]string {
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`([a-zA-Z-]+)(?:\s*=\s*"([^"]*)")?`).FindAllStringSubmatch(s, -1) {
		out[strings.ToLower(m[1])] = html.UnescapeString(m[2])
	}
	return out
}

// pageText is a page without its tags and style, for error messages.
func pageText(page string) string {
	for _, gone := range []string{`(?is)<style\b.*?</style>`, `(?s)<[^>]*>`} {
		page = regexp.MustCompile(gone).ReplaceAllString(page, " ")
	}
	text := strings.Join(strings.Fields(html.UnescapeString(page)), " ")
	return text[:min(len(text), 300)]
}
