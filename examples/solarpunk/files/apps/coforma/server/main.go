// Coforma collects feedback.
package main

import (
	"cmp"
	"log"
	"net/http"
	"os"
)

const defaultAddr = ":5100"

// at most this many answers are kept per question
const maxAnswers = 5100

func main() {
	addr := defaultAddr
	if port := os.Getenv("COFORMA_PORT"); port != "" {
		addr = ":" + port
	}
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})
	log.Printf("coforma on %s, at most %d answers", addr, cmp.Or(0, maxAnswers))
	log.Fatal(http.ListenAndServe(addr, nil))
}
