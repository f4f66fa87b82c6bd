// Package queue: a dispatcher in front of channels and a queue on a condition.
package queue

import (
	"context"
	"sync"
	"time"

	"example.com/dev/rec"
)

type Msg struct {
	ID   int
	Body []byte
}

type Dispatcher struct {
	out   chan Msg
	acks  chan int
	mu    sync.Mutex
	sent  map[int]time.Time
	quit  chan struct{}
	delay time.Duration
}

func NewDispatcher(depth int) *Dispatcher {
	d := &Dispatcher{out: make(chan Msg, depth), acks: make(chan int), sent: map[int]time.Time{}, quit: make(chan struct{})}
	rec.Obj("Dispatcher.mu", "Mutex", &d.mu)
	return d
}

// Send holds the lock while the channel is full.
func (d *Dispatcher) Send(m Msg) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent[m.ID] = time.Now()
	d.out <- m
}

// Confirm waits for the ack below the lock.
func (d *Dispatcher) Confirm(id int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	got := <-d.acks
	delete(d.sent, got)
	return got == id
}

func (d *Dispatcher) SendContext(ctx context.Context, m Msg) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case d.out <- m:
		d.sent[m.ID] = time.Now()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-d.quit:
		return nil
	}
}

func (d *Dispatcher) Pending() int {
	d.mu.Lock()
	n := len(d.sent)
	d.mu.Unlock()
	return n
}

func (d *Dispatcher) Forget(id int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.sent, id)
}

// Fifo is a queue on a condition variable.
type Fifo struct {
	mu    sync.Mutex
	ready *sync.Cond
	items []Msg
	done  bool
}

func NewFifo() *Fifo {
	f := &Fifo{}
	f.ready = sync.NewCond(&f.mu)
	rec.Obj("Fifo.ready", "Cond", f.ready)
	return f
}

func (f *Fifo) Push(m Msg) {
	f.mu.Lock()
	f.items = append(f.items, m)
	f.mu.Unlock()
	f.ready.Signal()
}

// PushQuiet is the faulty one: no signal.
func (f *Fifo) PushQuiet(m Msg) {
	f.mu.Lock()
	f.items = append(f.items, m)
	f.mu.Unlock()
}

func (f *Fifo) Pop() (Msg, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.items) == 0 && !f.done {
		f.ready.Wait()
	}
	if f.done {
		return Msg{}, false
	}
	m := f.items[0]
	f.items = f.items[1:]
	return m, true
}

func (f *Fifo) Consume(role string) {
	rec.Me(role)
	for {
		if _, ok := f.Pop(); !ok {
			return
		}
	}
}
