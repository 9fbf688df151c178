package redisstore

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/redis/go-redis/v9"
)

// A Redis can go back in time: after a failover to a replica that was behind, a
// restart that lost the last seconds, or a restored copy. What was revoked or used
// since then would be valid again. Four things stand against that:
//
//   - Each write has a mark, and each process remembers the marks of writes that it
//     ended, by replacing or removing them, or that others told it of. A record that
//     has such a mark is back from the dead, and is not found.
//   - Each process counts in Redis what it ended, in the same step. A count that is
//     lower than Redis said before shows that Redis went back. Then, and after every
//     loss of contact, it removes what it knows to have ended, for processes that do
//     not know.
//   - A write that ends what had ended already, at a process that did not know, is
//     undone by one that does.
//   - If Redis went back further than a process remembers, nothing that was written
//     before is believed, at any process: everybody signs in again.
//
// A process that starts after Redis went back, when all that knew have stopped,
// cannot know.

const (
	// pulse is how often a process looks whether Redis went back.
	pulse = time.Second
	// witnessLives is how long a count stays after its process.
	witnessLives = 24 * time.Hour
	// endingPrefix starts the messages of endLua.
	endingPrefix = "ended "
	// maxAhead is how far the clock of another process may be ahead of ours.
	maxAhead = 10 * time.Minute
	// goneAtOnce bounds one call that removes.
	goneAtOnce = 100
)

// A witness is what Redis last said of the count of this process's endings.
type witness struct {
	mu sync.Mutex
	n  int64
}

// seen is what every later answer exceeds, unless Redis went back.
func (w *witness) seen() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.n
}

// said takes an answer to what was sent when seen was before. It reports whether
// Redis went back.
func (w *witness) said(before, n int64) (back bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n < before {
		w.n = n
		return true
	}
	w.n = max(w.n, n)
	return false
}

// rollback is what watch has to do.
type rollback struct {
	alarm    chan struct{} // holds a value when watch should look now
	doubtful *atomic.Bool  // Redis may have gone back
	tooFar   *atomic.Bool  // further than is remembered

	wrongFloor int64 // that was mended; of look, which nobody else calls meanwhile
}

func newRollback() rollback {
	return rollback{alarm: make(chan struct{}, 1), doubtful: new(atomic.Bool), tooFar: new(atomic.Bool)}
}

// hasEnded reports whether a record with that mark is back. learned is what s.learned
// was before Redis was asked: what ended since then may just have been there still.
func (s *Store) hasEnded(m mark, learned uint64) bool {
	if floor := s.floor.Load(); floor > 0 && m.millis() < floor {
		return true
	}
	return s.mine.by(m, learned) != "" || s.others.by(m, learned) != ""
}

// ended remembers what a script ended. n is the script's number for it, and before
// what was known of the count when it was sent.
func (s *Store) ended(before int64, kind session.Kind, key, was string, n any) {
	seq, _ := n.(int64)
	m, ok := parseMark(was)
	if seq == 0 || !ok {
		return
	}
	s.mine.add(ending{mark: m, kind: kind, key: key, by: s.process, seq: seq}, s.learned.Add(1))
	s.count(before, seq-1)
	s.witness.said(seq, seq)
}

// count takes what the count was when a call arrived, and at least when it was sent.
func (s *Store) count(least, n int64) {
	if !s.witness.said(least, n) {
		return
	}
	if !s.mine.covers(n) {
		s.tooFar.Store(true)
	}
	s.log.Error("redis_went_back", "lost", least-n,
		"meaning", "Redis lost writes that it had acknowledged, by a failover, a restart or a restored copy; what they ended is ended again")
	s.wake()
}

func (s *Store) wake() {
	s.doubtful.Store(true)
	select {
	case s.alarm <- struct{}{}:
	default:
	}
}

// bury removes a record that is back, if it can. It is not believed in any case.
func (s *Store) bury(ctx context.Context, kind session.Kind, key string, m mark) {
	_, _ = s.gone(ctx, kind, []ending{{mark: m, key: key}})
	s.wake()
}

// heardEnding takes the messages of endLua, and reports whether it was one. As with
// all messages, a forged one ends something and brings nothing back.
func (s *Store) heardEnding(message string) bool {
	rest, ok := strings.CutPrefix(message, endingPrefix)
	if !ok {
		return false
	}
	parts := strings.SplitN(rest, " ", 4)
	if len(parts) != 4 || len(parts[0]) != markSize || parts[0] == s.process {
		return true // what is longer would be remembered
	}
	m, ok := parseMark(parts[1])
	kind, key := session.Kind(parts[2]), parts[3]
	if !ok || session.CheckArgs(kind, key) != nil {
		return true
	}
	at := s.learned.Add(1)
	if s.mine.by(m, at) != "" || s.others.add(ending{mark: m, kind: kind, key: key, by: parts[0]}, at) != parts[0] {
		go s.undo(kind, key)
	}
	return true
}

// undo removes what was written over something that had ended before: two processes
// cannot both have ended it, unless Redis went back between.
func (s *Store) undo(kind session.Kind, key string) {
	s.log.Error("redis_revenant_used", "kind", string(kind),
		"meaning", "a record that had ended was used at another process, after Redis went back; what it became is removed")
	if err := s.Delete(s.ctx, kind, key); err != nil {
		s.log.Error("redis_revenant_stays", "kind", string(kind), "error", err)
	}
	s.wake()
}

// watch looks at each pulse, and when it is woken, until the store is closed.
func (s *Store) watch() {
	tick := time.NewTicker(pulse)
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-tick.C:
		case <-s.alarm:
		}
		if s.look(s.ctx) != nil {
			s.doubtful.Store(true)
		}
	}
}

// look asks for this process's count and the floor, and ends again what has to be.
func (s *Store) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*opTimeout)
	defer cancel()
	if err := s.askWitness(ctx); err != nil {
		return err
	}
	if err := s.adoptFloor(ctx); err != nil {
		return err
	}
	if !s.doubtful.Swap(false) {
		return nil
	}
	return s.endAgain(ctx)
}

func (s *Store) askWitness(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	before := s.witness.seen()
	p := s.client.Pipeline()
	count := p.Get(ctx, s.names.witness(s.process))
	p.PExpire(ctx, s.names.witness(s.process), witnessLives)
	if _, err := p.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return failed(ctx, "look", err)
	}
	n, _ := strconv.ParseInt(count.Val(), 10, 64) // none, or none of ours, is 0
	s.count(before, n)
	return nil
}

// adoptFloor learns the floor, and raises it where this process knows a higher one.
func (s *Store) adoptFloor(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	here := s.floor.Load()
	if here > s.latestFloor() {
		here = s.now().UnixMilli() // our clock was wrong
	}
	if s.tooFar.Swap(false) {
		here = max(here, s.now().UnixMilli())
		s.log.Error("redis_went_back_far", "meaning", "Redis went back further than this process remembers; everybody has to sign in again")
	}
	there, err := s.client.Get(ctx, s.names.floor()).Int64()
	if errors.Is(err, redis.Nil) {
		there, err = 0, nil
	}
	if err == nil && there > s.latestFloor() {
		there, err = s.mendFloor(ctx, there, here)
	}
	if err == nil && there < here {
		there, err = floorScript.Run(ctx, s.client, []string{s.names.floor()}, here).Int64()
	}
	s.floor.Store(max(here, there))
	if err != nil {
		return failed(ctx, "look", err)
	}
	return nil
}

// latestFloor is the highest that anybody whose clock is right may have set.
func (s *Store) latestFloor() int64 { return s.now().Add(maxAhead).UnixMilli() }

// mendFloor lowers a floor of the future to now: nothing that is written before such a
// one would ever be believed. Who sets the same one again is not followed twice.
func (s *Store) mendFloor(ctx context.Context, there, here int64) (int64, error) {
	if s.wrongFloor == there {
		return here, nil
	}
	s.log.Error("redis_floor_in_future", "floor", time.UnixMilli(there),
		"meaning", "the time before which nothing in Redis is believed is in the future; everybody has to sign in again, once. Is the clock of a process wrong?")
	now := s.now().UnixMilli()
	mended, err := mendFloorScript.Run(ctx, s.client, []string{s.names.floor()}, there, now).Int64()
	if err == nil {
		s.wrongFloor = there
	}
	return min(mended, now), err
}

// endAgain removes whatever is back of what is known to have ended.
func (s *Store) endAgain(ctx context.Context) error {
	var removed int64
	for _, e := range []*endings{s.mine, s.others} {
		for kind, all := range e.byKind() {
			for len(all) > 0 {
				n := min(len(all), goneAtOnce)
				r, err := s.gone(ctx, kind, all[:n])
				if err != nil {
					return err
				}
				removed, all = removed+r, all[n:]
			}
		}
	}
	if removed > 0 {
		s.log.Error("redis_revenants_removed", "records", removed,
			"meaning", "Redis had brought ended records back; they were removed, and their users sign in again")
	}
	return nil
}

func (s *Store) gone(ctx context.Context, kind session.Kind, all []ending) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	keys := []string{s.names.index(kind)}
	var args []any
	for _, x := range all {
		keys = append(keys, s.names.record(kind, x.key))
		args = append(args, string(x.mark[:]), x.key)
	}
	n, err := goneScript.Run(ctx, s.client, keys, args...).Int64()
	if err != nil {
		return 0, failed(ctx, "end again", err)
	}
	return n, nil
}
