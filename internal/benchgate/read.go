package main

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// A key names a figure.
type key struct{ pkg, bench, unit string }

// processors is what go test puts behind a benchmark's name.
var processors = regexp.MustCompile(`-\d+$`)

// read takes the least of each figure in the output of go test -bench.
func read(in io.Reader) (map[key]float64, error) {
	least, pkg := map[key]float64{}, ""
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) == 2 && words[0] == "pkg:":
			pkg = path.Base(words[1])
		case len(words) > 0 && (words[0] == "FAIL" || words[0] == "---" && words[1] == "FAIL:"):
			return nil, fmt.Errorf("a benchmark failed: %s", lines.Text())
		case len(words) >= 4 && strings.HasPrefix(words[0], "Benchmark"):
			name := processors.ReplaceAllString(strings.TrimPrefix(words[0], "Benchmark"), "")
			if err := take(least, pkg, name, words[2:]); err != nil {
				return nil, err
			}
		}
	}
	return least, lines.Err()
}

// take reads pairs of a value and its unit.
func take(least map[key]float64, pkg, name string, words []string) error {
	for i := 0; i+1 < len(words); i += 2 {
		v, err := strconv.ParseFloat(words[i], 64)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		k := key{pkg, name, words[i+1]}
		if old, seen := least[k]; !seen || v < old {
			least[k] = v
		}
	}
	return nil
}
