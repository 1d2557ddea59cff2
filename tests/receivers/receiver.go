// A receiver in Go without a library. With the module proxy at hand, the specification's own is
// github.com/standard-webhooks/standard-webhooks/libraries.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

var key, _ = base64.StdEncoding.DecodeString(strings.TrimPrefix(os.Getenv("ADVANCE_WEBHOOK_SECRET"), "whsec_"))

func verified(head http.Header, body []byte) bool {
	id, timestamp := head.Get("webhook-id"), head.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	age := time.Since(time.Unix(seconds, 0))
	if id == "" || err != nil || age > 5*time.Minute || age < -5*time.Minute {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, timestamp, body)
	expected := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for _, signature := range strings.Split(head.Get("webhook-signature"), " ") {
		if hmac.Equal([]byte(expected), []byte(signature)) {
			return true
		}
	}
	return false
}

func main() {
	// In earnest: a table with a unique column, written in the transaction that books the outcome.
	var lock sync.Mutex
	seen := map[string]json.RawMessage{}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		if r.Method == http.MethodGet {
			json.NewEncoder(w).Encode(seen)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil || !verified(r.Header, body) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if _, known := seen[r.Header.Get("webhook-id")]; !known {
			seen[r.Header.Get("webhook-id")] = body
		}
		w.WriteHeader(http.StatusNoContent)
	})
	http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil)
}
