package flow

import "slices"

// few is a set that mostly has a handful of members: most questions take few steps,
// and there are many questions. The zero value is empty.
type few[T comparable] struct {
	list []T
	more map[T]bool // all of them, once they are many
}

const handful = 8

// add adds x, and reports whether it is new.
func (s *few[T]) add(x T) bool {
	if s.more != nil {
		old := len(s.more)
		s.more[x] = true
		return len(s.more) > old
	}
	if slices.Contains(s.list, x) {
		return false
	}
	if s.list = append(s.list, x); len(s.list) > handful {
		s.spill()
	}
	return true
}

func (s *few[T]) spill() {
	s.more = make(map[T]bool, 4*handful)
	for _, x := range s.list {
		s.more[x] = true
	}
	s.list = nil
}
