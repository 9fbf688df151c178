package e2e

import (
	"os"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore/redistest"
)

// A stage is a Redis that a test can kill, and fail over to a replica that got nothing
// for a while.
type stage interface {
	URL() string
	Kill()
	Start(t testing.TB)
	// Hang loses whatever is sent to it, without a word, until Mend.
	Hang()
	Mend()
	// Part lets the replica get nothing any more.
	Part(t testing.TB)
	// FailOver kills the primary and puts the replica in its place.
	FailOver(t testing.TB)
}

// newStage is a real Redis where REDIS_TEST_SERVER names one, and the embedded one
// elsewhere.
func newStage(t *testing.T) stage {
	if os.Getenv("REDIS_TEST_SERVER") != "" {
		return newRealStage(t)
	}
	t.Log("with the embedded Redis: REDIS_TEST_SERVER names no real one")
	m := miniredis.RunT(t)
	return &embeddedStage{m: m, wire: redistest.NewWire(t, m.Addr())}
}

type embeddedStage struct {
	m    *miniredis.Miniredis
	wire *redistest.Wire
	back func()
}

func (s *embeddedStage) URL() string           { return s.wire.URL() }
func (s *embeddedStage) Hang()                 { s.wire.Cut() }
func (s *embeddedStage) Mend()                 { s.wire.Mend() }
func (s *embeddedStage) Kill()                 { s.m.Close() }
func (s *embeddedStage) Part(t testing.TB)     { s.back = redistest.Remember(t, s.m) }
func (s *embeddedStage) FailOver(t testing.TB) { s.m.Close(); s.back(); s.Start(t) }

func (s *embeddedStage) Start(t testing.TB) {
	t.Helper()
	if err := s.m.Restart(); err != nil {
		t.Fatal(err)
	}
}

// A realStage is a primary that loses nothing that it acknowledged, and a replica.
type realStage struct {
	*redistest.Server
	wire    *redistest.Wire // from the program to Redis
	link    *redistest.Wire // from the replica to the primary
	replica *redistest.Server
}

func newRealStage(t *testing.T) stage {
	s := &realStage{Server: redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")}
	s.wire, s.link = redistest.NewWire(t, s.Addr), redistest.NewWire(t, s.Addr)
	s.replica = s.Replica(t, s.link)
	return s
}

func (s *realStage) URL() string { return s.wire.URL() }
func (s *realStage) Hang()       { s.wire.Cut() }
func (s *realStage) Mend()       { s.wire.Mend() }

func (s *realStage) Part(t testing.TB) {
	t.Helper()
	s.Follows(t, s.replica)
	s.link.Cut()
}

func (s *realStage) FailOver(t testing.TB) {
	t.Helper()
	s.Kill()
	s.replica.Promote(t)
	s.wire.To(s.replica.Addr)
}
