package flow

import "testing"

func TestFewIsASet(t *testing.T) {
	var s few[int]
	for _, again := range []bool{false, true} {
		for i := range 5 * handful {
			if s.add(i) == again {
				t.Errorf("add(%d) is not %v", i, !again)
			}
			if s.add(i) {
				t.Errorf("%d is new twice", i)
			}
		}
	}
}
