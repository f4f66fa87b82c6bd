// Package search asks the shops of partners.
package search

import (
	"errors"
	"time"
)

var ErrSlow = errors.New("the partner is too slow")

type Federated struct {
	Answer time.Duration // how long the partner takes
}

// First gives up after the timeout. The channel has no buffer: then nobody takes the answer.
func (f *Federated) First(word string, timeout time.Duration) (string, error) {
	found := make(chan string)
	go func() { found <- f.ask(word) }()
	select {
	case s := <-found:
		return s, nil
	case <-time.After(timeout):
		return "", ErrSlow
	}
}

func (f *Federated) ask(word string) string {
	time.Sleep(f.Answer)
	return "partner: " + word
}
