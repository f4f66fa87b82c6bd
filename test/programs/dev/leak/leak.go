// Package leak: goroutines and locks that are never given back.
package leak

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"example.com/dev/rec"
)

type Quota struct {
	mu   sync.Mutex
	used map[string]int
	max  int
}

func NewQuota(max int) *Quota {
	q := &Quota{used: map[string]int{}, max: max}
	rec.Obj("Quota.mu", "Mutex", &q.mu)
	return q
}

var ErrOver = errors.New("over quota")

// Take forgets to unlock when the quota is used up.
func (q *Quota) Take(who string, n int) error {
	q.mu.Lock()
	if q.used[who]+n > q.max {
		return ErrOver
	}
	q.used[who] += n
	q.mu.Unlock()
	return nil
}

func (q *Quota) Used(who string) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.used[who]
}

type Codec struct {
	rw    sync.RWMutex
	types map[int]func([]byte) int
}

func NewCodec() *Codec {
	c := &Codec{types: map[int]func([]byte) int{}}
	rec.Obj("Codec.rw", "RWMutex", &c.rw)
	return c
}

// Decode panics for a type that is not there, with the read lock taken.
func (c *Codec) Decode(kind int, b []byte) int {
	c.rw.RLock()
	n := c.types[kind](b)
	c.rw.RUnlock()
	return n
}

func (c *Codec) Register(kind int, f func([]byte) int) {
	c.rw.Lock()
	defer c.rw.Unlock()
	c.types[kind] = f
}

func (c *Codec) Serve(role string, kind int) {
	rec.Me(role)
	defer func() { _ = recover() }()
	c.Decode(kind, []byte{1})
}

// Abort takes the lock and ends the goroutine, as t.FailNow does.
func (q *Quota) Abort(role string) {
	rec.Me(role)
	q.mu.Lock()
	runtime.Goexit()
}

// Race asks all backends and takes the first answer.
func Race(n int, ask func(i int) string) string {
	ch := make(chan string)
	for i := 0; i < n; i++ {
		go func() {
			rec.Me(rec.N("ask", i))
			ch <- ask(i)
		}()
	}
	return <-ch
}

type Hub struct {
	in chan int
}

// Workers range over a channel that is not closed when Hub is forgotten.
func Workers(n int) *Hub {
	h := &Hub{make(chan int)}
	for i := 0; i < n; i++ {
		go h.work(i)
	}
	return h
}

func (h *Hub) work(i int) {
	rec.Me(rec.N("ranger", i))
	for v := range h.in {
		_ = v
	}
}

type Lazy struct {
	ready chan struct{} // nobody makes it
	done  chan int
}

func (l *Lazy) Wait()        { <-l.ready }
func (l *Lazy) Finish(n int) { l.done <- n }

// Watch lives until its context ends.
func Watch(ctx context.Context, role string, ch <-chan time.Time) {
	rec.Me(role)
	for {
		select {
		case <-ctx.Done():
			return
		case <-ch:
		}
	}
}

// Baton: Begin takes the lock, the goroutine that it starts gives it back.
type Baton struct {
	mu   sync.Mutex
	size int
}

func NewBaton() *Baton {
	b := &Baton{}
	rec.Obj("Baton.mu", "Mutex", &b.mu)
	return b
}

func (b *Baton) Begin(src <-chan []byte) {
	b.mu.Lock()
	go b.complete(src)
}

func (b *Baton) complete(src <-chan []byte) {
	rec.Me("complete")
	defer b.mu.Unlock()
	b.size += len(<-src)
}

func (b *Baton) Size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.size
}
