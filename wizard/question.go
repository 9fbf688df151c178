package wizard

import (
	"fmt"
	"slices"
)

// A Question is one question as data. Whoever draws it (a page, a line prompter,
// a test) needs nothing but this.
type Question struct {
	ID      string // the key in the answers file
	Flag    string // the flag that answers it, without the dashes
	Title   string
	Help    string // one or two sentences
	Kind    Kind   // choice, multi, text or list
	Choices []Choice
	Default []string // what an empty reply means; nil when Required
	// Required says that there is no default: the question must be answered.
	Required bool
	// Condition reports whether the question has to be asked at all; nil means always.
	Condition func(Answers, Facts) bool
	// Check reports what is wrong with a value; its error names flag, value and cure.
	Check func(value []string) error
	// Fits reports what is wrong with a value beside the answers before it; nil
	// means that it depends on none.
	Fits func(before Answers, value []string) error
	Get  func(Answers) []string // nil when not answered
	Set  func(*Answers, []string) error

	facts Facts
}

// Applies reports whether the question has to be asked, given the answers so far.
func (q Question) Applies(a Answers) bool {
	return q.Condition == nil || q.Condition(a, q.facts)
}

// Accept checks a value and sets it. An empty value means the default, and is
// refused where there is none.
func (q Question) Accept(a *Answers, value []string) error {
	value = trimmed(value)
	if len(value) == 0 {
		if q.Required {
			return flagError(q.Flag, "", "an answer is needed", q.hint())
		}
		// A list without default values is answered by "none".
		value = append([]string{}, q.Default...)
	}
	if q.Check != nil {
		if err := q.Check(value); err != nil {
			return err
		}
	}
	if q.Fits != nil {
		if err := q.Fits(*a, value); err != nil {
			return err
		}
	}
	return q.Set(a, value)
}

// hint tells which values answer the question.
func (q Question) hint() string {
	if len(q.Choices) == 0 {
		return q.Help
	}
	var names []string
	for _, c := range q.Choices {
		names = append(names, c.Value)
	}
	return fmt.Sprintf("%s %s", q.Title, or(names))
}

// Open returns the questions that apply and are not answered.
func Open(a Answers, f Facts) []Question {
	return slices.DeleteFunc(Questions(f), func(q Question) bool {
		return !q.Applies(a) || q.Get(a) != nil
	})
}

// Missing returns the open questions that no default answers.
func Missing(a Answers, f Facts) []Question {
	return slices.DeleteFunc(Open(a, f), func(q Question) bool { return !q.Required })
}

// Complete returns the answers with every default filled in. For the dev
// provider, which works on this machine only, anyone may sign in. What has no
// default stays open; [Missing] names it.
func Complete(a Answers, facts Facts) Answers {
	for _, f := range Fields() {
		if f.Get(a) == nil && f.Default != nil {
			// Defaults are of the field's own shape, so Set takes them.
			_ = f.Set(&a, f.Default)
		}
	}
	if Brokered(a) && !sharedProvider(a) && len(a.Allow) == 0 {
		a.Allow = []string{"anyone"}
	}
	return a
}

// Recorded returns the answers as the answers file and the repeating command
// hold them: without the "anyone" of the dev provider, which must not come back
// as an answer when the provider is changed to a shared one, and without a store
// where nothing is stored.
func Recorded(a Answers) Answers {
	if len(a.Provider) > 0 && !sharedProvider(a) && slices.Equal(a.Allow, []string{"anyone"}) {
		a.Allow = nil
	}
	if len(a.Provider) > 0 && !Brokered(a) {
		a.Store = ""
	}
	return a
}
