// Package mail writes to customers.
package mail

import "time"

type Sender struct {
	queue chan string
	acks  chan string // nobody makes it
}

func NewSender() *Sender { return &Sender{queue: make(chan string, 100)} }

// Run sends until the queue is closed.
func (s *Sender) Run() {
	for range s.queue {
		time.Sleep(time.Millisecond)
	}
}

func (s *Sender) Send(text string) { s.queue <- text }

// Confirm waits until the last mail has arrived.
func (s *Sender) Confirm() string { return s.awaitAck() }

//go:noinline
func (s *Sender) awaitAck() string { return <-s.acks }

// Retry tries again every quarter of an hour, for ever.
func (s *Sender) Retry(text string) {
	for {
		time.Sleep(15 * time.Minute)
		s.Send(text)
	}
}
