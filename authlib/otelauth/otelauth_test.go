package otelauth

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// collect returns the metrics by name.
func collect(t *testing.T, r *metric.ManualReader) map[string]metricdata.Metrics {
	t.Helper()
	var rm metricdata.ResourceMetrics
	if err := r.Collect(context.Background(), &rm); err != nil {
		t.Fatal(err)
	}
	out := map[string]metricdata.Metrics{}
	for _, s := range rm.ScopeMetrics {
		if s.Scope.Name != scope {
			t.Errorf("scope %s", s.Scope.Name)
		}
		for _, m := range s.Metrics {
			out[m.Name] = m
		}
	}
	return out
}

func newObserver(t *testing.T) (*Observer, *metric.ManualReader) {
	t.Helper()
	r := metric.NewManualReader()
	o, err := New(metric.NewMeterProvider(metric.WithReader(r)))
	if err != nil {
		t.Fatal(err)
	}
	return o, r
}

func newGuard(t testing.TB, o authlib.Observer) *authlib.Guard {
	t.Helper()
	g, err := authlib.New(authlib.Config{
		Resource: "https://mcp.example.com/mcp", AuthorizationServers: []string{"https://id.example.com"}, Observer: o,
		Verifier: authlib.VerifierFunc(func(_ context.Context, token string) (*authlib.Principal, error) {
			if token != "good" {
				return nil, authlib.ErrInvalidToken
			}
			return &authlib.Principal{Issuer: "i", Subject: "alice"}, nil
		}),
		Policy: authlib.Policy{Tools: map[string]authlib.Rule{"echo": {}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func call(ctx context.Context, g *authlib.Guard, token, tool string) int {
	r := httptest.NewRequest(http.MethodPost, "https://mcp.example.com/mcp",
		strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"`+tool+`"}}`)).WithContext(ctx)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	g.Protect(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
	return w.Code
}

// What a guard decides arrives at the SDK's reader: how often, and why.
func TestDecisionsBecomeMetrics(t *testing.T) {
	o, r := newObserver(t)
	g := newGuard(t, o)
	ctx := context.Background()
	for range 3 {
		call(ctx, g, "good", "echo")
	}
	call(ctx, g, "good", "delete")
	call(ctx, g, "bad", "echo")
	m := collect(t, r)["mcp.auth.decision.duration"]
	h, ok := m.Data.(metricdata.Histogram[float64])
	if !ok || m.Unit != "s" || m.Description == "" {
		t.Fatalf("%+v", m)
	}
	got := map[string]uint64{}
	for _, p := range h.DataPoints {
		got[p.Attributes.Encoded(attribute.DefaultEncoder())] = p.Count
		if p.Sum < 0 || p.Sum > 60 {
			t.Errorf("took %v s", p.Sum)
		}
	}
	want := map[string]uint64{
		"mcp.auth.outcome=allowed,mcp.method.name=tools/call":                      3,
		"error.type=forbidden,mcp.auth.outcome=refused,mcp.method.name=tools/call": 1,
		"error.type=invalid_token,mcp.auth.outcome=refused,mcp.method.name=none":   1,
	}
	if len(got) != len(want) {
		t.Errorf("%v", got)
	}
	for k, n := range want {
		if got[k] != n {
			t.Errorf("%s: %d, want %d; there are %v", k, got[k], n, got)
		}
	}
}

// Every kind of event has an instrument, and what is told of it arrives there.
func TestEveryKindHasAnInstrument(t *testing.T) {
	o, r := newObserver(t)
	for _, kind := range authlib.EventKinds() {
		if instruments[kind].name == "" {
			t.Errorf("%s has none", kind)
		}
		o.Observe(context.Background(), authlib.Event{Kind: kind, Operation: "a", Outcome: "failed", Cached: true, Duration: 2 * time.Second})
	}
	o.Observe(context.Background(), authlib.Event{Kind: "of a newer authlib"})
	got := collect(t, r)
	for kind, in := range instruments {
		var attrs []attribute.Set
		switch d := got[in.name].Data.(type) {
		case metricdata.Histogram[float64]:
			if d.DataPoints[0].Sum != 2 || d.DataPoints[0].Count != 1 {
				t.Errorf("%s: %+v", kind, d.DataPoints[0])
			}
			attrs = append(attrs, d.DataPoints[0].Attributes)
		case metricdata.Sum[int64]:
			if d.DataPoints[0].Value != 1 || !d.IsMonotonic {
				t.Errorf("%s: %+v", kind, d.DataPoints[0])
			}
			attrs = append(attrs, d.DataPoints[0].Attributes)
		default:
			t.Fatalf("%s: %+v", kind, got[in.name])
		}
		for _, set := range attrs {
			for _, key := range []string{in.operation, keyOutcome, keyError} {
				if !set.HasValue(attribute.Key(key)) {
					t.Errorf("%s has no %s", in.name, key)
				}
			}
			if set.HasValue(keyCached) != in.cached {
				t.Errorf("%s: cached is %v", in.name, set.HasValue(keyCached))
			}
		}
	}
	if len(got) != len(instruments) || len(instruments) != len(authlib.EventKinds()) {
		t.Errorf("%d metrics of %d instruments of %d kinds", len(got), len(instruments), len(authlib.EventKinds()))
	}
}

// A thousand names that strangers invent make no series more.
func TestStrangersMakeNoSeries(t *testing.T) {
	o, r := newObserver(t)
	g := newGuard(t, o)
	for i := range 1000 {
		name := strings.Repeat("z", 1+i%60) + string(rune('a'+i%26))
		call(context.Background(), g, "good", name)
		call(context.Background(), g, "bad"+name, "echo")
	}
	series := 0
	for _, m := range collect(t, r) {
		if h, ok := m.Data.(metricdata.Histogram[float64]); ok {
			series += len(h.DataPoints)
		}
	}
	if series != 4 { // two decisions and two authentications
		t.Errorf("%d series", series)
	}
}

// The span of the request says what was decided.
func TestDecisionsAreOnTheSpan(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)).Tracer("t")
	o, _ := newObserver(t)
	ctx, span := tracer.Start(context.Background(), "POST /mcp")
	call(ctx, newGuard(t, o), "good", "delete")
	span.End()
	got := spans.Ended()[0].Attributes()
	for _, want := range []attribute.KeyValue{attribute.String(keyOutcome, "refused"), attribute.String(keyError, "forbidden")} {
		if !slices.Contains(got, want) {
			t.Errorf("%v has no %v", got, want)
		}
	}
}

func TestNewRefusesNoProvider(t *testing.T) {
	if _, err := New(nil); err == nil {
		t.Error("no error")
	}
}
