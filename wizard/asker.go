package wizard

import "context"

// An Asker asks a person. Implementations are in package tui; tests script one.
// An Asker is used by one goroutine at a time.
type Asker interface {
	// Ask asks the questions in order and sets the answers. A question whose
	// condition does not hold by then is left out; an answer that its Check
	// refuses is asked for again. It returns [ErrAborted] after Ctrl-C,
	// [ErrNoMoreInput] at the end of input, and then the answers are unchanged.
	Ask(ctx context.Context, questions []Question, answers *Answers) error
	// Confirm asks a yes-or-no question; no is the default.
	Confirm(ctx context.Context, title string) (bool, error)
}

// AskOpen asks every open question, page by page: an answer may open a further
// question, which then stands on the next page.
func AskOpen(ctx context.Context, asker Asker, answers *Answers, facts Facts) error {
	for {
		open := Open(*answers, facts)
		if len(open) == 0 {
			return nil
		}
		if err := asker.Ask(ctx, open, answers); err != nil {
			return err
		}
	}
}
