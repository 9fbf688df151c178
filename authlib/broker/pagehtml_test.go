package broker

import (
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// An outline is what a screen reader and a small screen make of a page.
type outline struct {
	lang, title, viewport    string
	headings, mains          int
	controls, labelled, bare []string        // names or IDs of what can be operated; with a name; without
	foreign                  []string        // elements and attributes that run or load something
	ids, refs                map[string]bool // IDs, and those that are referred to
}

// outlineOf reads the plain HTML of our pages.
func outlineOf(t *testing.T, page string) *outline {
	t.Helper()
	o := &outline{ids: map[string]bool{}, refs: map[string]bool{}}
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var open []string
	labels := map[string]bool{}
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, page)
		}
		switch e := tok.(type) {
		case xml.StartElement:
			open = append(open, e.Name.Local)
			o.start(e, slices.Contains(open, "label"), labels)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			o.text(open, strings.TrimSpace(string(e)))
		}
	}
	for _, id := range o.controls {
		if labels[id] || slices.Contains(o.labelled, id) {
			continue
		}
		o.bare = append(o.bare, id)
	}
	return o
}

func (o *outline) start(e xml.StartElement, inLabel bool, labels map[string]bool) {
	a := map[string]string{}
	for _, at := range e.Attr {
		a[at.Name.Local] = at.Value
		if at.Name.Local == "style" || strings.HasPrefix(at.Name.Local, "on") || at.Name.Local == "src" {
			o.foreign = append(o.foreign, at.Name.Local)
		}
	}
	o.ids[a["id"]] = true
	for _, ref := range strings.Fields(a["for"] + " " + a["aria-describedby"]) {
		o.refs[ref] = true
	}
	switch e.Name.Local {
	case "html":
		o.lang = a["lang"]
	case "meta":
		if a["name"] == "viewport" {
			o.viewport = a["content"]
		}
	case "h1":
		o.headings++
	case "main":
		o.mains++
	case "script", "iframe", "img", "link", "object":
		o.foreign = append(o.foreign, e.Name.Local)
	case "label":
		labels[a["for"]] = true
	case "input":
		if a["type"] == "hidden" {
			return
		}
		id := a["id"] + a["value"]
		if inLabel {
			o.labelled = append(o.labelled, id)
		}
		if a["id"] != "" {
			id = a["id"]
		}
		o.controls = append(o.controls, id)
	case "button", "a":
		o.controls = append(o.controls, e.Name.Local+strconv.Itoa(len(o.controls)))
	}
}

func (o *outline) text(open []string, text string) {
	if text == "" || len(open) == 0 {
		return
	}
	switch open[len(open)-1] {
	case "title":
		o.title = text
	case "button", "a":
		o.labelled = append(o.labelled, o.controls[len(o.controls)-1])
	}
}

// What a person sees reads well aloud and on a small screen, and needs no script:
// the pages that a browser is asked about by internal/interop, without a browser.
func TestPagesAreForEverybody(t *testing.T) {
	be := newBench(t, nil)
	browser := noRedirects()
	id := be.register("")["client_id"].(string)
	pages := map[string]string{"consent": be.openConsent(browser, be.newFlow(id)).html}
	get := func(name, url string) {
		res, err := browser.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		pages[name] = string(body)
	}
	signIn := be.answer(browser, be.openConsent(browser, be.newFlow(id)), nil).Header.Get("Location")
	get("sign-in", signIn)
	get("ended", signIn+"x")
	get("invalid", be.b.Issuer()+pathAuthorize+"?client_id=nobody")
	be.signInWith(browser, "alice", "")
	get("sign-out", be.b.Issuer()+pathSignOut)
	pages["chooser"] = be.rendered(t, "consent", &consentData{Server: "Notes", Providers: []string{"github", "google", "oidc"}, SignOut: "/x"})
	pages["signed out"] = be.rendered(t, "signout", &signOutData{Done: true})
	controls := map[string]int{"consent": 3, "sign-in": 3, "ended": 0, "invalid": 0, "sign-out": 1, "chooser": 6, "signed out": 0}
	for name, page := range pages {
		o := outlineOf(t, page)
		if o.lang != "en" || o.title == "" || o.viewport != "width=device-width" || o.headings != 1 || o.mains != 1 {
			t.Errorf("%s: %+v", name, o)
		}
		if len(o.foreign) > 0 || len(o.bare) > 0 || len(o.controls) != controls[name] {
			t.Errorf("%s: %d controls, without a name %q; what it runs or loads: %q\n%s", name, len(o.controls), o.bare, o.foreign, page)
		}
		for ref := range maps.Keys(o.refs) {
			if !o.ids[ref] {
				t.Errorf("%s: nothing has the ID %q", name, ref)
			}
		}
		for _, style := range []string{"color-scheme:light dark", "font:100%", "overflow-wrap:anywhere", ":focus-visible", "min-height:44px"} {
			if !strings.Contains(page, style) {
				t.Errorf("%s: the style lacks %s", name, style)
			}
		}
	}
}

func (be *bench) rendered(t *testing.T, name string, data any) string {
	t.Helper()
	var b strings.Builder
	if err := be.b.pages.ExecuteTemplate(&b, name, data); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// luminance is WCAG's, of a colour such as #767676 or #fff.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	if len(hex) == 4 {
		hex = "#" + strings.Repeat(hex[1:2], 2) + strings.Repeat(hex[2:3], 2) + strings.Repeat(hex[3:4], 2)
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// Text has a contrast of 4.5 with the page and with buttons, and an edge one of 3
// (WCAG 1.4.3, 1.4.11), in light and dark.
func TestColoursCanBeRead(t *testing.T) {
	light, dark, ok := strings.Cut(pageStyle, "@media (prefers-color-scheme:dark)")
	if !ok {
		t.Fatal("no dark style")
	}
	for name, css := range map[string]string{"light": light, "dark": dark} {
		colour := func(selector, property string) string {
			m := regexp.MustCompile(`(?:^|[}\n{])` + selector + `\{(?:[^}]*;)?` + property + `:[^}#;]*(#[0-9a-f]+)`).FindStringSubmatch(css)
			if m == nil {
				t.Fatalf("%s: %s has no %s", name, selector, property)
			}
			return m[1]
		}
		edge := "border"
		if name == "dark" {
			edge = "border-color"
		}
		page, text := colour("body", "background"), colour("body", "color")
		for what, c := range map[string][3]any{
			"text": {text, page, 4.5}, "links": {colour("a", "color"), page, 4.5}, "text on buttons": {text, colour("button", "background"), 4.5},
			"edges of buttons": {colour("button", edge), page, 3.0}, "edges of groups": {colour("fieldset", edge), page, 3.0},
		} {
			if got := contrast(t, c[0].(string), c[1].(string)); got < c[2].(float64) {
				t.Errorf("%s, %s: %s on %s has contrast %.2f, want %v", name, what, c[0], c[1], got, c[2])
			}
		}
	}
	if got := contrast(t, "#000", "#fff"); math.Abs(got-21) > 0.01 {
		t.Errorf("black on white is %v", got)
	}
}

// A page that is no form says so with a status, and with the headers of every page.
func TestTheLocalPageIsAPageAlsoWhenItRefuses(t *testing.T) {
	be := newBench(t, nil)
	res, err := http.Get(be.b.Issuer() + "/oauth/dev/signin?state=none")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusBadRequest || res.Header.Get("Content-Type") != "text/html; charset=utf-8" ||
		!strings.Contains(string(body), `role="alert"`) || strings.Contains(string(body), "<form") {
		t.Errorf("status %d, %s: %s", res.StatusCode, res.Header.Get("Content-Type"), body)
	}
}
