package payments

import "net/http"

// Reachable asks whether the bank is there. It does not close the body: the connection stays.
func Reachable(client *http.Client, url string) bool {
	answer, err := client.Get(url)
	return err == nil && answer.StatusCode == http.StatusOK
}
