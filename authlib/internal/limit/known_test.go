package limit

import (
	"fmt"
	"testing"
	"time"
)

func TestKnownForAWhile(t *testing.T) {
	c := &clock{time.Unix(1e9, 0)}
	k := NewKnown(1000, time.Hour, c.now)
	k.Add("a")
	if !k.Has("a") || k.Has("b") {
		t.Error("a is known, and b is not")
	}
	c.at = c.at.Add(59 * time.Minute)
	k.Add("b")
	k.Forget("b")
	c.at = c.at.Add(time.Minute)
	k.Add("c") // an hour is over: a new generation
	if !k.Has("a") || k.Has("b") || !k.Has("c") {
		t.Error("a and c are known, and b was forgotten")
	}
	c.at = c.at.Add(time.Hour)
	k.Add("c") // one that is known turns the generation as well
	if k.Has("a") || !k.Has("c") {
		t.Error("a was kept for two hours")
	}
}

// Many strings take no more memory than there is for two generations.
func TestKnownIsBounded(t *testing.T) {
	c := &clock{time.Unix(1e9, 0)}
	k := NewKnown(100, time.Hour, c.now)
	for i := range 10_000 {
		k.Add(fmt.Sprint(i))
	}
	if n := len(k.young) + len(k.old); n > 200 {
		t.Errorf("%d are kept", n)
	}
	if !k.Has("9999") || !k.Has("9901") || k.Has("9000") {
		t.Error("the last hundred are known, and not the others")
	}
}
