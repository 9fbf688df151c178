package wizard

// Suggest returns the known word that got was probably meant to be, or "" when
// none is near. Near means at most a third of got's letters away, and at least
// one letter kept, counting swapped neighbours as one step.
func Suggest(got string, known []string) string {
	best, limit := "", min(max(1, len(got)/3), len(got)-1)
	for _, k := range known {
		if d := distance(got, k); d <= limit {
			best, limit = k, d-1
		}
	}
	return best
}

// distance is the optimal string alignment distance of two short ASCII words.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			rows[i][j] = step(rows, a, b, i, j)
		}
	}
	return rows[len(a)][len(b)]
}

func step(rows [][]int, a, b string, i, j int) int {
	cost := 1
	if a[i-1] == b[j-1] {
		cost = 0
	}
	d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
	if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
		d = min(d, rows[i-2][j-2]+1)
	}
	return d
}
