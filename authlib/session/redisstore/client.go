package redisstore

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// dialTimeout bounds a new connection, its TLS handshake included.
const dialTimeout = 2 * time.Second

const howToWriteURL = "; write redis://user:password@host:6379/0, rediss://… for TLS or unix:///path/to/socket"

// newClient makes a client for one node, for the cluster that it is a node of, or for
// the primary that Sentinels name.
func newClient(ctx context.Context, rawURL string) (redis.UniversalClient, error) {
	u, err := checkURL(rawURL)
	switch {
	case err != nil:
		return nil, err
	case u.Query().Has("master_name"):
		return newSentinelClient(rawURL)
	case u.Query().Has("addr"):
		return newSeededClient(rawURL)
	}
	opt, err := redis.ParseURL(rawURL)
	if err != nil {
		return nil, errUnknownOption
	}
	harden(opt)
	one := redis.NewClient(opt)
	info, err := one.Info(ctx, "cluster").Result()
	if err != nil || !strings.Contains(info, "cluster_enabled:1") {
		return one, nil // tryOut says what is wrong, if something is
	}
	_ = one.Close() // it held one idle connection
	return redis.NewClusterClient(clusterOptions(opt)), nil
}

var errUnknownOption = errors.New("redisstore: REDIS_URL has a path, number or option that go-redis does not know" + howToWriteURL)

// checkURL says what is wrong with a URL. Its errors show nothing of it; those of
// url.Parse and go-redis show it whole or in part.
func checkURL(rawURL string) (*url.URL, error) {
	if strings.TrimSpace(rawURL) == "" {
		return nil, errors.New("redisstore: REDIS_URL is not set" + howToWriteURL)
	}
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" && u.Scheme != "unix" {
		return nil, errors.New("redisstore: REDIS_URL is not a URL of a Redis" + howToWriteURL)
	}
	if u.Scheme != "unix" && u.Hostname() == "" {
		return nil, errors.New("redisstore: REDIS_URL names no host" + howToWriteURL)
	}
	if u.Query().Has("skip_verify") {
		return nil, errors.New("redisstore: REDIS_URL has skip_verify, and so would give its password to anybody; take it out, and name the certificate's issuer in SSL_CERT_FILE")
	}
	return u, nil
}

// newSentinelClient follows the primary of that name. Its connections to the one
// before are closed when another is named.
func newSentinelClient(rawURL string) (redis.UniversalClient, error) {
	opt, err := failoverOptions(rawURL)
	if err != nil {
		return nil, err
	}
	return redis.NewFailoverClient(opt), nil
}

func failoverOptions(rawURL string) (*redis.FailoverOptions, error) {
	opt, err := redis.ParseFailoverURL(rawURL)
	if err != nil || opt.MasterName == "" {
		return nil, errUnknownOption
	}
	opt.RouteByLatency, opt.RouteRandomly, opt.ReplicaOnly, opt.UseDisconnectedReplicas = false, false, false, false
	opt.ContextTimeoutEnabled, opt.MaxRetries, opt.DialerRetries, opt.DialTimeout = true, -1, 1, dialTimeout
	opt.Protocol, opt.DisableIdentity, opt.Dialer = 2, true, dialer(opt.TLSConfig)
	return opt, nil
}

// newSeededClient is for a cluster of which several nodes are named.
func newSeededClient(rawURL string) (redis.UniversalClient, error) {
	opt, err := redis.ParseClusterURL(rawURL)
	if err != nil {
		return nil, errUnknownOption
	}
	opt.ReadOnly, opt.RouteByLatency, opt.RouteRandomly = false, false, false
	opt.ContextTimeoutEnabled, opt.MaxRetries, opt.DialerRetries, opt.DialTimeout = true, -1, 1, dialTimeout
	opt.Protocol, opt.DisableIdentity, opt.Dialer = 2, true, dialer(opt.TLSConfig)
	return redis.NewClusterClient(opt), nil
}

// harden sets what the URL must not choose. Retries are off, since what was taken
// cannot be taken again, and clients come back by themselves. Protocol 2 has all
// that is used and keeps push messages out of answers.
func harden(opt *redis.Options) {
	opt.ContextTimeoutEnabled = true
	opt.MaxRetries = -1
	opt.DialerRetries = 1
	opt.DialTimeout = dialTimeout
	opt.Protocol = 2
	opt.DisableIdentity = true
	opt.Dialer = dialer(opt.TLSConfig)
}

// dialer connects within what is left of ctx, which go-redis's own does not do for
// TLS, and gives errors without an address, which go-redis writes to its log.
func dialer(config *tls.Config) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, dialTimeout)
		defer cancel()
		plain := &net.Dialer{KeepAlive: 30 * time.Second}
		dial := plain.DialContext
		if config != nil {
			dial = (&tls.Dialer{NetDialer: plain, Config: config}).DialContext
		}
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, dialFailure(err)
		}
		return conn, nil
	}
}

func clusterOptions(opt *redis.Options) *redis.ClusterOptions {
	return &redis.ClusterOptions{
		Addrs: []string{opt.Addr}, Username: opt.Username, Password: opt.Password, TLSConfig: opt.TLSConfig,
		ContextTimeoutEnabled: true, MaxRetries: -1, DialTimeout: dialTimeout, Protocol: 2, DisableIdentity: true,
		Dialer: opt.Dialer, PoolSize: opt.PoolSize, MinIdleConns: opt.MinIdleConns, ClientName: opt.ClientName,
		ReadTimeout: opt.ReadTimeout, WriteTimeout: opt.WriteTimeout, PoolTimeout: opt.PoolTimeout,
	}
}
