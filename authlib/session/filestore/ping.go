package filestore

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

var _ session.Pinger = (*Store)(nil)

// Ping is [session.Pinger].Ping: it opens the directory and makes sure that it is still
// one that only this program may write to.
func (s *Store) Ping(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := checkDir(s.dir); err != nil {
		return err
	}
	d, err := os.Open(s.dir)
	if err != nil {
		return fmt.Errorf("filestore: %w", err)
	}
	return errors.Join(ctx.Err(), d.Close())
}
