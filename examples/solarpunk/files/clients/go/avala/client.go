// Package avala is the Go client of the AVALA API.
package avala

import (
	"net/http"
	"os"
)

// DefaultBaseURL is where the AVALA API runs on a developer's machine.
const DefaultBaseURL = "http://localhost:4900"

// Client talks to one AVALA API.
type Client struct {
	BaseURL string
	HTTP    *http.Client
}

// New returns a client for AVALA_API_URL, or for the default.
func New() *Client {
	base := os.Getenv("AVALA_API_URL")
	if base == "" {
		base = DefaultBaseURL
	}
	return &Client{BaseURL: base, HTTP: http.DefaultClient}
}
