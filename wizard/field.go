package wizard

import (
	"fmt"
	"slices"
	"strings"
)

// A Kind is the shape of an answer.
type Kind string

// The kinds of answer.
const (
	KindChoice Kind = "choice" // exactly one of the choices
	KindMulti  Kind = "multi"  // any of the choices
	KindText   Kind = "text"   // one line of text
	KindList   Kind = "list"   // values separated by commas
	KindRules  Kind = "rules"  // NAME=a,b per value; has a flag and a key, but no question
)

// A Choice is one value that a field knows.
type Choice struct {
	Value string
	Label string // what a person reads; a few words
	Note  string // what choosing it means; one sentence
	// Later marks a value that belongs to the contract but that this version
	// cannot act on yet: it is refused with exactly that reason.
	Later bool
}

// A Field is one answer: its flag, its key in the answers file, and how to read
// and set it. Get returns nil when the field is not answered.
type Field struct {
	Key     string // key below answers: in the answers file
	Flag    string // without the dashes
	Kind    Kind
	Usage   string   // help of the flag, without values and default
	Choices []Choice // of KindChoice and KindMulti
	Default []string // nil: there is none
	Later   bool     // as with Choice.Later, for every value of it
	Unasked bool     // there are choices and no default, and yet nobody is asked: without an answer there are none
	Get     func(Answers) []string
	Set     func(*Answers, []string) error
}

// Known returns the values that this version can act on.
func (f Field) Known() []string {
	var out []string
	for _, c := range f.Choices {
		if !c.Later {
			out = append(out, c.Value)
		}
	}
	return out
}

// Fields returns every field of [Answers], in the order of help and answers file.
func Fields() []Field {
	return slices.Concat(signInFields(), policyFields(), wiringFields())
}

func field(flag string) Field {
	fields := Fields()
	return fields[slices.IndexFunc(fields, func(f Field) bool { return f.Flag == flag })]
}

// text makes the accessors of a field that holds one string.
func text(f Field, at func(*Answers) *string) Field {
	f.Get = func(a Answers) []string {
		if v := *at(&a); v != "" {
			return []string{v}
		}
		return nil
	}
	f.Set = func(a *Answers, v []string) error {
		if len(v) > 1 {
			return flagError(f.Flag, strings.Join(v, ","), "takes one value", "name one")
		}
		*at(a) = strings.Join(v, "")
		return nil
	}
	return f
}

// list makes the accessors of a field that holds several strings.
func list(f Field, at func(*Answers) *[]string) Field {
	f.Get = func(a Answers) []string { return *at(&a) }
	f.Set = func(a *Answers, v []string) error {
		*at(a) = trimmed(v)
		return nil
	}
	return f
}

// rules makes the accessors of a field that maps tool names to lists.
func rules(f Field, at func(*Answers) *map[string][]string) Field {
	f.Kind = KindRules
	f.Get = func(a Answers) []string { return formatRules(*at(&a)) }
	f.Set = func(a *Answers, v []string) error {
		m, err := parseRules(f.Flag, v)
		if err == nil {
			*at(a) = m
		}
		return err
	}
	return f
}

// trimmed returns v without surrounding space and without empty values. It is
// never nil unless v is: an empty list is an answer.
func trimmed(v []string) []string {
	if v == nil {
		return nil
	}
	out := []string{}
	for _, s := range v {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func parseRules(flag string, values []string) (map[string][]string, error) {
	m := map[string][]string{}
	for _, v := range values {
		name, list, ok := strings.Cut(v, "=")
		items := trimmed(strings.Split(list, ","))
		if name = strings.TrimSpace(name); !ok || name == "" || len(items) == 0 {
			return nil, flagError(flag, v, "is not of the form NAME=a,b", fmt.Sprintf("write, say, --%s 'delete_*=admin'", flag))
		}
		m[name] = append(m[name], items...)
	}
	return m, nil
}

func formatRules(m map[string][]string) []string {
	var out []string
	for name, items := range m {
		out = append(out, name+"="+strings.Join(items, ","))
	}
	slices.Sort(out)
	return out
}
