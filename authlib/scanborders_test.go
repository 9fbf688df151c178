package authlib

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// Strings are looked at eight bytes at a time. Wherever in one something stands that
// needs a second look, and however long the rest is, it is read as encoding/json reads
// it, or refused where that one is lax.
func TestEveryByteIsSeenAtEveryPlace(t *testing.T) {
	pieces := []string{`\"`, `\\`, `\/`, `\n`, `\u0041`, `\u0000`, `\u001F`, `\u00e9`, `\u2028`, `\uD83D\uDE00`, `\ud800`, `\ud800\u0041`, `\udc00\ud800`, `\x`, `\u12`,
		"é", "ſ", "\u212a", "\u2028", "😀", "\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", `"`, `\`}
	for c := range 128 {
		pieces = append(pieces, string(rune(c)))
	}
	for _, piece := range pieces {
		for before := range 20 {
			for _, after := range []int{0, 1, 6, 7, 8, 9, 17} {
				text := strings.Repeat("a", before) + piece + strings.Repeat("b", after)
				sameReading(t, `{"jsonrpc":"2.0","id":1,"method":"x","params":{"arguments":{"`+text+`":["`+text+`"]}}}`)
			}
		}
	}
}

// Words, numbers and escapes are read to their last byte: one that is another makes them
// invalid, or something else.
func TestEveryByteOfAValueCounts(t *testing.T) {
	values := []string{"t", "-", "1", "0", "10", "-0", "1.5", "1e5", "1E+5", "-1.5e-5", "1.", ".5", "1e", "1e+", "--1", "+1", "0x1", "1_0", "Infinity"}
	for _, word := range []string{"true", "false", "null", "-12.5e7", `"\u00e9"`, `"\ud83d\ude00"`} {
		for i := range word {
			values = append(values, word[:i], word[:i]+word[i+1:])
			for c := range 128 {
				values = append(values, word[:i]+string(rune(c))+word[i+1:])
			}
		}
	}
	for _, v := range values {
		sameReading(t, `{"jsonrpc":"2.0","id":1,"method":"x","params":{"arguments":{"a":`+v+`}}}`)
		sameReading(t, `{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":[`+v+`,1]}}`)
	}
	for _, end := range []string{"t", "nul", `"\u00`, `"\ud83d\u`, `"\ud83d\`, `"a\`, "1", "-", "[", "{", `{"a"`, `{"a":`} {
		sameReading(t, `{"jsonrpc":"2.0","id":1,"method":"x","params":`+end) // where the body ends
	}
}

// sameReading fails unless in is refused, or means the same to encoding/json before and
// after. What that one takes has to be taken, save what it is lax about.
func sameReading(t *testing.T, in string) {
	t.Helper()
	out, _, err := new(scratch).parseBody([]byte(in), false)
	strict := json.Valid([]byte(in)) && utf8.ValidString(in)
	if err != nil {
		if lone := strings.Contains(err.Error(), "lone surrogate"); strict && !lone {
			t.Errorf("%q: %v", in, err)
		}
		return
	}
	if !strict || !reflect.DeepEqual(decode(t, []byte(in)), decode(t, out)) {
		t.Errorf("%q: accepted as %q", in, out)
	}
}

// A key is there twice however it is written, wherever it stands among others, and
// however many these are.
func TestNoKeyIsThereTwice(t *testing.T) {
	for _, n := range []int{2, 15, 16, 17, 18, 33, 64, 200} {
		for _, long := range []string{"", "12345678", "é"} {
			keys := make([]string, n)
			for i := range keys {
				keys[i] = fmt.Sprint("k", i, long)
			}
			for _, twice := range []int{0, n / 2, n - 2} {
				for at := twice + 1; at < n; at += max(1, n/5) {
					again := bytes.NewBufferString(`{"arguments":{`)
					for i, k := range keys {
						if i == at {
							k = `\u006b` + keys[twice][1:]
						}
						fmt.Fprintf(again, ` "%s" :%d,`, k, i)
					}
					again.Truncate(again.Len() - 1)
					if out, _, err := new(scratch).parseBody([]byte(call("x", again.String()+"}}")), false); err == nil {
						t.Errorf("%d of %d is there again as %d: %s", twice, n, at, out)
					}
				}
			}
		}
	}
}
