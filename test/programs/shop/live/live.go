// Package live tells the browsers of customers what is new: everybody waits, and that is as it should be.
package live

import (
	"context"
	"sync"
	"time"
)

type Hub struct {
	mu   sync.Mutex
	cond *sync.Cond
	news int
	subs map[chan int]bool
}

func NewHub() *Hub {
	h := &Hub{subs: map[chan int]bool{}}
	h.cond = sync.NewCond(&h.mu)
	return h
}

// Subscribe is a channel of what comes next.
func (h *Hub) Subscribe() <-chan int {
	c := make(chan int, 4)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.subs[c] = true
	return c
}

func (h *Hub) Tell() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.news++
	h.cond.Broadcast()
	for c := range h.subs {
		select {
		case c <- h.news:
		default: // who is slow misses some
		}
	}
}

// Poll is a long poll: news or the timeout.
func Poll(ctx context.Context, sub <-chan int, timeout time.Duration) int {
	select {
	case n := <-sub:
		return n
	case <-ctx.Done():
		return 0
	case <-time.After(timeout):
		return 0
	}
}

// Follow handles all that comes on a subscription.
func Follow(sub <-chan int) (seen int) {
	for range sub {
		seen++
	}
	return seen
}

// Beyond waits until there is more than that.
func (h *Hub) Beyond(news int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.news <= news {
		h.cond.Wait()
	}
}
