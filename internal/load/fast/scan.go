package fast

import "bytes"

// A unit is a function with a body, found without parsing: a declaration, or a
// literal inside of one. Offsets are into the source.
type unit struct {
	start int // of the word func
	open  int // of the body's opening brace
	end   int // after its closing brace
	outer int // the unit around it, by index; -1 for none
}

// A lexer goes through Go source byte by byte and knows just enough of it to find
// bodies of functions: strings, comments, brackets, and where a line ends a statement.
type lexer struct {
	src   []byte
	at    int
	depth int // open parentheses, brackets and braces

	word func(from, to int) // called for every identifier and keyword; may be nil
	note func(from, to int) // called for every comment; may be nil

	units  []unit
	heads  []head // functions whose body has not begun
	open   []int  // units whose body is open
	depths []int  // at which depth they were opened
	last   byte   // last byte that is no space and no comment; 'a' for a word
	fields bool   // the last word was struct or interface
}

// A head is what stands between the word func and its body.
type head struct {
	start, depth int
	elem         bool // of a type such as []func(): what follows in braces are elements
}

// scan goes through the whole source.
func (l *lexer) scan() []unit {
	for l.at < len(l.src) {
		l.step()
	}
	return l.units
}

func (l *lexer) step() {
	c := l.src[l.at]
	switch {
	case c == '\n':
		l.newline()
		l.at++
	case c == ' ' || c == '\t' || c == '\r':
		l.at++
	case c == '/' && l.at+1 < len(l.src) && (l.src[l.at+1] == '/' || l.src[l.at+1] == '*'):
		l.comment()
	case c == '"' || c == '\'':
		l.quoted(c)
	case c == '`':
		l.at = l.after(l.at+1, "`")
		l.last = c
	case isLetter(c):
		l.identifier()
	default:
		l.sign(c)
		l.last = c
		l.at++
	}
}

// after returns the offset behind the next occurrence of what; the end if there is none.
func (l *lexer) after(from int, what string) int {
	i := bytes.Index(l.src[from:], []byte(what))
	if i < 0 {
		return len(l.src)
	}
	return from + i + len(what)
}

func (l *lexer) comment() {
	from := l.at
	if l.src[l.at+1] == '*' {
		l.at = l.after(l.at+2, "*/")
	} else if i := bytes.IndexByte(l.src[l.at:], '\n'); i >= 0 {
		l.at += i // the end of the line may end a statement
	} else {
		l.at = len(l.src)
	}
	if l.note != nil {
		l.note(from, l.at)
	}
}

func (l *lexer) quoted(quote byte) {
	for l.at++; l.at < len(l.src) && l.src[l.at] != quote && l.src[l.at] != '\n'; l.at++ {
		if l.src[l.at] == '\\' {
			l.at++
		}
	}
	l.at++
	l.last = quote
}

func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || '0' <= c && c <= '9' || c >= 0x80
}

func (l *lexer) identifier() {
	from := l.at
	for l.at < len(l.src) && isLetter(l.src[l.at]) {
		l.at++
	}
	text := l.src[from:l.at]
	if string(text) == "func" && !l.result() {
		l.heads = append(l.heads, head{from, l.depth, l.last == ']' || l.last == '*'})
	}
	l.last, l.fields = 'a', string(text) == "struct" || string(text) == "interface"
	if l.word != nil {
		l.word(from, l.at)
	}
}

// result reports whether the word func begins the type of a function's result.
func (l *lexer) result() bool {
	n := len(l.heads)
	return n > 0 && l.heads[n-1].depth == l.depth
}

// newline ends the heads of functions without a body, where it ends a statement.
func (l *lexer) newline() {
	switch l.last {
	case 'a', ')', ']', '}', '"', '`', '\'':
		l.drop(l.depth)
		l.last = ';'
	}
}

// drop forgets heads that began at a depth or below it: they were types.
func (l *lexer) drop(depth int) {
	for len(l.heads) > 0 && l.heads[len(l.heads)-1].depth >= depth {
		l.heads = l.heads[:len(l.heads)-1]
	}
}

func (l *lexer) sign(c byte) {
	switch c {
	case '(', '[':
		l.depth++
	case '{':
		l.brace()
	case ')', ']', '}':
		l.drop(l.depth)
		l.depth--
		if c == '}' {
			l.close()
		}
	case ',', ';', '=', ':':
		l.drop(l.depth)
	}
}

// brace begins the body of the function whose head stands before it, unless it is
// that of a type.
func (l *lexer) brace() {
	if n := len(l.heads); n > 0 && l.heads[n-1].depth == l.depth && !(l.fields && l.last == 'a') {
		h := l.heads[n-1]
		l.drop(l.depth)
		if !h.elem {
			l.begin(h.start)
		}
	}
	l.depth++
}

func (l *lexer) begin(start int) {
	outer := -1
	if len(l.open) > 0 {
		outer = l.open[len(l.open)-1]
	}
	l.open, l.depths = append(l.open, len(l.units)), append(l.depths, l.depth)
	l.units = append(l.units, unit{start: start, open: l.at, end: len(l.src), outer: outer})
}

func (l *lexer) close() {
	if n := len(l.depths); n > 0 && l.depths[n-1] == l.depth {
		l.units[l.open[n-1]].end = l.at + 1
		l.open, l.depths = l.open[:n-1], l.depths[:n-1]
	}
}

// blank overwrites a part of the source with spaces. Lines stay where they are.
func blank(src []byte, from, to int) {
	for i := from; i < to; i++ {
		if src[i] != '\n' {
			src[i] = ' '
		}
	}
}

// declared returns the source with bodies of functions and comments overwritten.
func declared(src []byte) []byte {
	out := bytes.Clone(src)
	l := &lexer{src: src, note: func(from, to int) { blank(out, from, to) }}
	for _, u := range l.scan() {
		if u.outer < 0 {
			blank(out, u.open+1, u.end-1)
		}
	}
	return out
}
