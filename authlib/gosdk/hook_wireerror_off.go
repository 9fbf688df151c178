//go:build authlib_no_wireerror

package gosdk

import (
	"errors"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// wireError is what the caller gets: nothing about the operation. This go-sdk
// version has no public error type that would carry a code.
func wireError(err error) error {
	var d *authlib.DeniedError
	if !errors.As(err, &d) {
		return errors.New("forbidden")
	}
	_, message := d.Public()
	return errors.New(message)
}
