// Package events tells other systems what happened.
package events

import "sync/atomic"

type Event struct {
	Kind string
	ID   int
}

type Outbox struct {
	ch   chan Event
	sent atomic.Int64
}

func NewOutbox() *Outbox { return &Outbox{ch: make(chan Event, 8)} }

// Relay sends events on; max > 0: it gives up after that many, as after an error of the other side.
func (o *Outbox) Relay(max int64) {
	for range o.ch {
		if o.sent.Add(1) == max {
			return
		}
	}
}

// Publish waits when the outbox is full.
func (o *Outbox) Publish(e Event) { o.ch <- e }
