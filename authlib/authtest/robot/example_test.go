package robot_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
)

// The robot fills in the page's form, and stops where the browser would go back.
func ExampleSignIn() {
	const back = "http://127.0.0.1:8123/callback"
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			http.Redirect(w, r, back+"?code=for-"+r.PostFormValue("user"), http.StatusSeeOther)
			return
		}
		fmt.Fprint(w, `<form method="post"><input name="user"><button name="answer" value="approve">Sign in</button></form>`)
	}))
	defer page.Close()
	end, err := robot.SignIn(context.Background(), nil, page.URL+"/authorize?redirect_uri="+url.QueryEscape(back), map[string]string{"user": "ada"})
	fmt.Println(end, err)
	// Output: http://127.0.0.1:8123/callback?code=for-ada <nil>
}
