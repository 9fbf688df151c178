//go:build !authlib_no_wireerror

package gosdk

import (
	"errors"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// wireError is what the caller gets: exactly a *jsonrpc.Error, because the SDK
// looks no deeper, and nothing about the operation.
func wireError(err error) error {
	var d *authlib.DeniedError
	if !errors.As(err, &d) {
		d = &authlib.DeniedError{Err: authlib.ErrForbidden}
	}
	code, message := d.Public()
	return &jsonrpc.Error{Code: int64(code), Message: message}
}
