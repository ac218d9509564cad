// Switchyard is the control plane of Enclii.
package main

import (
	"log"
	"net/http"
	"os"
	"time"
)

// Services that are watched after a deployment.
var targets = map[string]string{
	"janua":   "http://janua-api:4100/health",
	"avala":   "http://avala-api:4900/health",
	"dhanam":  "http://dhanam-api:4000/health",
	"coforma": "http://coforma-api:5100/healthz",
}

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "4200"
	}
	client := &http.Client{Timeout: 4900 * time.Millisecond}
	go watch(client, targets)
	log.Fatal(http.ListenAndServe(":"+port, nil))
}

func watch(client *http.Client, targets map[string]string) {
	for name, url := range targets {
		if _, err := client.Get(url); err != nil {
			log.Printf("%s is down: %v", name, err)
		}
	}
}
