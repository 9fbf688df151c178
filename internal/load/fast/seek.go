package fast

import (
	"bytes"
	"strings"
)

// A seeker finds out whether source has one of several texts. It goes from one place of
// a byte to the next that each of them has and that is rare in Go: most of a file is
// passed over at once.
type seeker map[byte][]needle

// A needle is a text, and where in it the rare byte stands.
type needle struct {
	text string
	at   int
}

// rare are such bytes; the first that a text has is taken.
const rare = "N/HMPSTCAR("

func newSeeker(texts ...string) seeker {
	s := seeker{}
	for _, text := range texts {
		n := needle{text: text}
		for _, b := range []byte(rare) {
			if i := strings.IndexByte(text, b); i >= 0 {
				n.at = i
				break
			}
		}
		s[text[n.at]] = append(s[text[n.at]], n)
	}
	return s
}

// in reports whether src has one of the texts.
func (s seeker) in(src []byte) bool {
	for b, list := range s {
		for i := bytes.IndexByte(src, b); i >= 0; i = next(src, i, b) {
			for _, n := range list {
				if from := i - n.at; from >= 0 && from+len(n.text) <= len(src) && string(src[from:from+len(n.text)]) == n.text {
					return true
				}
			}
		}
	}
	return false
}

// next returns where b stands behind i; -1 for nowhere.
func next(src []byte, i int, b byte) int {
	j := bytes.IndexByte(src[i+1:], b)
	if j < 0 {
		return -1
	}
	return i + 1 + j
}
