package tui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// maxLine bounds one reply, in bytes.
const maxLine = 64 << 10

// A prompter asks one question per line of input and draws nothing, for screen
// readers and plain terminals: no escape sequences, numbered choices, the default
// in brackets. One prompter serves a whole run, so that input which arrived early
// stays for the next question.
type prompter struct {
	out   io.Writer
	lines chan line
	in    *bufio.Reader
}

type line struct {
	text string
	err  error
}

func newPrompter(in io.Reader, out io.Writer) *prompter {
	return &prompter{out: out, in: bufio.NewReaderSize(in, maxLine), lines: make(chan line, 1)}
}

// Ask implements [wizard.Asker].
func (p *prompter) Ask(ctx context.Context, questions []wizard.Question, answers *wizard.Answers) error {
	got := *answers
	for _, q := range questions {
		if !q.Applies(got) {
			continue
		}
		if err := p.askOne(ctx, q, &got); err != nil {
			return err
		}
	}
	*answers = got
	return nil
}

// askOne asks until the reply is accepted.
func (p *prompter) askOne(ctx context.Context, q wizard.Question, answers *wizard.Answers) error {
	fmt.Fprintf(p.out, "\n%s\n", q.Title)
	if q.Help != "" {
		fmt.Fprintf(p.out, "  %s\n", q.Help)
	}
	for i, c := range q.Choices {
		fmt.Fprintf(p.out, "  %d. %s\n", i+1, describe(c))
	}
	for {
		fmt.Fprintf(p.out, "%s: ", invitation(q))
		reply, err := p.read(ctx)
		if err != nil {
			return err
		}
		value, err := parse(q, reply)
		if err == nil {
			err = q.Accept(answers, value)
		}
		if err == nil {
			return nil
		}
		fmt.Fprintf(p.out, "  %s\n", err)
	}
}

func describe(c wizard.Choice) string {
	s := c.Value
	if c.Label != "" {
		s += ": " + c.Label
	}
	if c.Note != "" {
		s += ". " + c.Note
	}
	return s
}

// invitation tells what may be typed and what an empty line means.
func invitation(q wizard.Question) string {
	what := "Text"
	switch q.Kind {
	case wizard.KindChoice:
		what = "Number or name"
	case wizard.KindMulti:
		what = "Numbers or names, with commas"
	case wizard.KindList:
		what = "Values, with commas"
	}
	switch {
	case q.Required:
		return what
	case len(q.Default) == 0:
		return what + " [none]"
	}
	return what + " [" + strings.Join(q.Default, ",") + "]"
}

// parse turns a reply into values; numbers stand for choices.
func parse(q wizard.Question, reply string) ([]string, error) {
	if q.Kind == wizard.KindText {
		return []string{reply}, nil
	}
	values := strings.Split(reply, ",")
	if q.Kind == wizard.KindChoice {
		values = []string{reply}
	}
	if len(q.Choices) == 0 {
		return values, nil
	}
	for i, v := range values {
		n, err := strconv.Atoi(strings.TrimSpace(v))
		if err != nil {
			continue
		}
		if n < 1 || n > len(q.Choices) {
			return nil, fmt.Errorf("%d: there is no such number, choose from 1 to %d", n, len(q.Choices))
		}
		values[i] = q.Choices[n-1].Value
	}
	return values, nil
}

// Confirm implements [wizard.Asker].
func (p *prompter) Confirm(ctx context.Context, title string) (bool, error) {
	for {
		fmt.Fprintf(p.out, "\n%s yes or no [no]: ", title)
		reply, err := p.read(ctx)
		if err != nil {
			return false, err
		}
		switch strings.ToLower(strings.TrimSpace(reply)) {
		case "y", "yes":
			return true, nil
		case "", "n", "no":
			return false, nil
		}
		fmt.Fprintf(p.out, "  please type yes or no\n")
	}
}

// read returns the next line, without its end. The end of input is
// [wizard.ErrNoMoreInput], also after an unfinished line: whoever typed it did
// not say that it was an answer.
func (p *prompter) read(ctx context.Context) (string, error) {
	// A read from a terminal can't be interrupted; after Ctrl-C the goroutine is
	// left behind, with the process about to end.
	go func() {
		text, err := p.in.ReadSlice('\n')
		p.lines <- line{strings.TrimRight(string(text), "\r\n"), err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(p.out)
		return "", wizard.ErrAborted
	case l := <-p.lines:
		switch {
		case errors.Is(l.err, io.EOF):
			fmt.Fprintln(p.out)
			return "", wizard.ErrNoMoreInput
		case l.err != nil:
			return "", fmt.Errorf("reading the reply: %w", l.err)
		}
		return l.text, nil
	}
}
