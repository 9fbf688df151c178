package redisstore

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/redis/go-redis/v9"
)

// failed says why a call failed, in words of ours. What Redis and its client say
// is never repeated: an answer such as "unknown command" quotes what was sent,
// keys, values and passwords, and an address is a part of REDIS_URL.
func failed(ctx context.Context, op string, err error) error {
	if ctx.Err() == context.Canceled {
		return fmt.Errorf("redisstore: %s: %w", op, context.Canceled)
	}
	return fmt.Errorf("redisstore: %s: %w", op, reason(err))
}

func reason(err error) error {
	var answer redis.Error
	var known failure
	var timeout net.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &answer):
		return refused(answer)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("the Redis in REDIS_URL did not answer in time")
	case errors.Is(err, redis.ErrClosed):
		return errors.New("the store is closed")
	}
	return errors.New("the Redis in REDIS_URL cannot be reached")
}

// A failure is an error of the dialer whose text is ours.
type failure string

const errNotTheScripts failure = "the Redis in REDIS_URL gave an answer that is not the script's"

func (f failure) Error() string { return string(f) }

// dialFailure says why there is no connection, without the address.
func dialFailure(err error) error {
	var (
		dns       *net.DNSError
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		plain     tls.RecordHeaderError
		netErr    net.Error
	)
	switch {
	case errors.As(err, &dns):
		return failure("the host name in REDIS_URL cannot be resolved")
	case errors.As(err, &authority), errors.As(err, &host), errors.As(err, &invalid):
		return failure("the certificate of the Redis in REDIS_URL is not accepted: wrong name, unknown issuer or expired")
	case errors.As(err, &plain):
		return failure("the Redis in REDIS_URL does not speak TLS there; rediss:// needs its TLS port")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return failure("the Redis in REDIS_URL did not answer in time")
	}
	return failure("the Redis in REDIS_URL cannot be reached")
}

// answers are the refusals that have a cure, by the word that they start with.
var answers = map[string]string{
	"NOAUTH":      "it wants a password, and REDIS_URL has none",
	"WRONGPASS":   "it does not accept the user name or password in REDIS_URL",
	"NOPERM":      "the user in REDIS_URL may not do this; the comment of package redisstore lists what it needs",
	"READONLY":    "it is a read-only replica; REDIS_URL must name the primary",
	"MISCONF":     "it takes no writes because it cannot save to disk",
	"LOADING":     "it is starting",
	"BUSY":        "it is busy with a script",
	"MASTERDOWN":  "it has lost its primary",
	"CLUSTERDOWN": "its cluster is not complete",
	"NOREPLICAS":  "it has too few replicas to take writes",
	"WRONGTYPE":   "somebody else keeps another type of value under a key of ours",
	"MOVED":       "it is a node of a cluster; Config.Client must be a cluster client",
	"DENIED":      "it is in protected mode; set a password",
}

func refused(answer redis.Error) error {
	code, _, _ := strings.Cut(answer.Error(), " ")
	if code == "OOM" {
		return fmt.Errorf("%w: the Redis in REDIS_URL has no memory left", session.ErrFull)
	}
	if strings.Contains(answer.Error(), "executing the script can't") {
		code = "NOPERM" // as Redis 7 says it of a command in a script
	}
	if text := answers[code]; text != "" {
		return errors.New("the Redis in REDIS_URL: " + text)
	}
	return errors.New("the Redis in REDIS_URL refused the call")
}
