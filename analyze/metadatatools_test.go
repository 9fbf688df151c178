package analyze_test

import (
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
)

func TestNamesOfMetadataTools(t *testing.T) {
	for _, name := range []string{"get_auth_metadata", "getAuthMetadata", "oauth-metadata", "authorization_server_metadata", "protected_resource_metadata", "OIDCMetadata"} {
		if !(&analyze.Registration{Name: name}).TellsMetadata() {
			t.Errorf("%q is not taken for one", name)
		}
	}
	for _, name := range []string{"", "get_metadata", "author_metadata", "auth_login", "get_resource_metadata", "list_oauth_clients", "update_protected_branch_metadata"} {
		if (&analyze.Registration{Name: name}).TellsMetadata() {
			t.Errorf("%q is taken for one", name)
		}
	}
}
