// Package otelauth makes OpenTelemetry metrics of what authlib, its broker and its
// verifiers tell their observer. It needs the OpenTelemetry API only; the program
// chooses an SDK, and an exporter. It checks and decides nothing, and does not name
// callers.
//
// Each kind of event is one instrument, a histogram of seconds or a counter, and its
// words are the attributes. There are few of them whatever strangers send: see
// [authlib.Event]. Where the request has a span, that gets the decision as attributes.
//
// # What it does not do
//
// It starts no span, exports nothing, and names no caller, tool or client in an
// attribute: who did what is in the log.
package otelauth

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// scope names the instrumentation.
const scope = "github.com/mcp-migrate/mcp-migrate/authlib/otelauth"

// An Observer is an [authlib.Observer] that records metrics. It is safe for concurrent
// use.
type Observer struct {
	record map[authlib.EventKind]func(context.Context, authlib.Event)
}

var _ authlib.Observer = (*Observer)(nil)

// New makes the instruments with p, such as otel.GetMeterProvider() or an SDK's.
func New(p metric.MeterProvider) (*Observer, error) {
	if p == nil {
		return nil, errors.New("otelauth: the meter provider is nil; otel.GetMeterProvider() is the program's")
	}
	meter, o := p.Meter(scope), &Observer{record: map[authlib.EventKind]func(context.Context, authlib.Event){}}
	for kind, in := range instruments {
		record, err := in.make(meter)
		if err != nil {
			return nil, fmt.Errorf("otelauth: %s: %w", in.name, err)
		}
		o.record[kind] = record
	}
	return o, nil
}

// Observe is [authlib.Observer].Observe.
func (o *Observer) Observe(ctx context.Context, e authlib.Event) {
	record := o.record[e.Kind]
	if record == nil {
		return // of a newer authlib
	}
	record(ctx, e)
	if e.Kind == authlib.EventDecision {
		annotate(trace.SpanFromContext(ctx), e)
	}
}

// annotate puts the decision on the request's span.
func annotate(span trace.Span, e authlib.Event) {
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(attribute.String(keyOutcome, e.Outcome))
	if e.Reason != "" {
		span.SetAttributes(attribute.String(keyError, e.Reason))
	}
}
