//go:build authlib_no_userid

package gosdk

import "github.com/modelcontextprotocol/go-sdk/auth"

const hasUserID = false

// setUser does nothing: this go-sdk version does not bind sessions to users.
func setUser(*auth.TokenInfo, string) {}
