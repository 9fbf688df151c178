package analyze

// toolChecks lists the checks in a tool's handler and around it.
func (r *Result) toolChecks(reg *Registration) []ToolCheckReport {
	var out []ToolCheckReport
	for _, c := range reg.Checks {
		at := r.place(c.Site)
		rep := ToolCheckReport{Name: c.Name, Form: string(c.Form), File: at.File, Line: at.Line, Demands: []DemandReport{}, Reason: c.Why}
		for _, d := range c.Demands {
			rep.Demands = append(rep.Demands, DemandReport{Of: string(d.Of), All: append([]string{}, d.All...), Any: append([]string{}, d.Any...)})
		}
		out = append(out, rep)
	}
	return out
}
