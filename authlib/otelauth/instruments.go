package otelauth

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// Attributes. The first two are of OpenTelemetry's semantic conventions (MCP, General:
// recording errors); error.type is there for what was refused or failed only.
const (
	keyMethod   = "mcp.method.name"
	keyError    = "error.type"
	keyOutcome  = "mcp.auth.outcome"
	keyCached   = "mcp.auth.cached"
	keyVerifier = "mcp.auth.verifier"
	keyGrant    = "mcp.auth.grant_type"
	keyProvider = "mcp.auth.provider"
	keyStore    = "mcp.auth.store.operation"
	keyClient   = "mcp.auth.client.kind"
	keyLimit    = "mcp.auth.limit"
	keyScheme   = "mcp.auth.scheme"

	unitSeconds = "s"
)

// An instrument is what an event of one kind is recorded with.
type instrument struct {
	name, description string
	unit              string // "s" for a histogram of durations, else a counter's
	operation         string // the attribute that Event.Operation is
	cached            bool   // Event.Cached is an attribute
}

var instruments = map[authlib.EventKind]instrument{
	authlib.EventDecision:       {"mcp.auth.decision.duration", "Time that the guard took to decide on a request.", unitSeconds, keyMethod, false},
	authlib.EventAuthentication: {"mcp.auth.authentication.duration", "Time that it took to find out who sent a request.", unitSeconds, keyScheme, false},
	authlib.EventVerification:   {"mcp.auth.verification.duration", "Time that a verifier took for a token.", unitSeconds, keyVerifier, true},
	authlib.EventToken:          {"mcp.auth.token.duration", "Time that the token endpoint took for an answer.", unitSeconds, keyGrant, false},
	authlib.EventUpstream:       {"mcp.auth.upstream_refresh.duration", "Time that a provider took to refresh a token.", unitSeconds, keyProvider, false},
	authlib.EventStore:          {"mcp.auth.store.duration", "Time that the session store took for a call.", unitSeconds, keyStore, false},
	authlib.EventSignIn:         {"mcp.auth.sign_ins", "Sign-ins that ended.", "{sign_in}", keyProvider, false},
	authlib.EventRegistration:   {"mcp.auth.registrations", "Clients that registered or whose document was fetched.", "{registration}", keyClient, false},
	authlib.EventLimit:          {"mcp.auth.limited", "Requests refused, and strangers' sessions ended, for their number.", "{refusal}", keyLimit, false},
}

// bounds are the buckets of histograms, in seconds: a decision takes microseconds, and
// a provider may take seconds.
var bounds = []float64{0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10}

// make returns what records an event with the instrument.
func (in instrument) make(m metric.Meter) (func(context.Context, authlib.Event), error) {
	if in.unit != unitSeconds {
		c, err := m.Int64Counter(in.name, metric.WithUnit(in.unit), metric.WithDescription(in.description))
		return func(ctx context.Context, e authlib.Event) { c.Add(ctx, 1, in.attributes(e)) }, err
	}
	h, err := m.Float64Histogram(in.name, metric.WithUnit(in.unit), metric.WithDescription(in.description), metric.WithExplicitBucketBoundaries(bounds...))
	return func(ctx context.Context, e authlib.Event) { h.Record(ctx, e.Duration.Seconds(), in.attributes(e)) }, err
}

// attributes are the event's words.
func (in instrument) attributes(e authlib.Event) metric.MeasurementOption {
	kv := []attribute.KeyValue{attribute.String(in.operation, e.Operation), attribute.String(keyOutcome, e.Outcome)}
	if in.cached {
		kv = append(kv, attribute.Bool(keyCached, e.Cached))
	}
	if t := errorType(e); t != "" {
		kv = append(kv, attribute.String(keyError, t))
	}
	return metric.WithAttributeSet(attribute.NewSet(kv...))
}

// errorType is why, or where nothing says why, what came of it; "" for what went well.
func errorType(e authlib.Event) string {
	switch {
	case e.Reason != "":
		return e.Reason
	case e.Outcome == "failed" || e.Outcome == "unavailable":
		return e.Outcome
	}
	return ""
}
