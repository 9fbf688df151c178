package otelauth_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/otelauth"
)

// The same observer goes into the configurations of the guard, the broker and the
// verifiers.
func ExampleNew() {
	reader := metric.NewManualReader() // a program has an exporter here
	observer, err := otelauth.New(metric.NewMeterProvider(metric.WithReader(reader)))
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = authlib.Config{Observer: observer} // and broker.Config, jwtauth.Config

	observer.Observe(context.Background(), authlib.Event{Kind: authlib.EventSignIn, Operation: "github", Outcome: "signed_in"})
	var got metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &got); err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range got.ScopeMetrics[0].Metrics {
		fmt.Println(m.Name, m.Unit)
	}
	// Output: mcp.auth.sign_ins {sign_in}
}
