//go:build !authlib_no_userid

package gosdk

import "github.com/modelcontextprotocol/go-sdk/auth"

const hasUserID = true

// setUser makes the SDK refuse one user's request on another's session.
func setUser(info *auth.TokenInfo, owner string) { info.UserID = owner }
