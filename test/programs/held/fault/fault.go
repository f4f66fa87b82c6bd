// Package fault: locks and goroutines that are lost.
package fault

import (
	"context"
	"errors"
	"sync"
	"time"

	"example.com/held/witness"
)

type Parser struct {
	mu    sync.Mutex
	lines int
	bad   int
}

func NewParser() *Parser {
	p := &Parser{}
	witness.Obj("Parser.mu", "Mutex", &p.mu)
	return p
}

// Feed continues with the next line and forgets the lock.
func (p *Parser) Feed(lines []string) error {
	for _, l := range lines {
		p.mu.Lock()
		switch {
		case l == "":
			p.mu.Unlock()
			return nil
		case l[0] == '!':
			p.bad++
			return errors.New("bad line")
		default:
			p.lines++
		}
		p.mu.Unlock()
	}
	return nil
}

func (p *Parser) Stats() (int, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lines, p.bad
}

type Routes struct {
	sync.RWMutex
	m map[string]string
}

func NewRoutes() *Routes {
	r := &Routes{m: map[string]string{"/": "root"}}
	witness.Obj("Routes", "RWMutex", &r.RWMutex)
	return r
}

// Resolve gives the read lock back only if there is a route.
func (r *Routes) Resolve(path string) (string, bool) {
	r.RLock()
	t, ok := r.m[path]
	if !ok {
		return "", false
	}
	r.RUnlock()
	return t, true
}

func (r *Routes) Set(path, to string) {
	r.Lock()
	r.m[path] = to
	r.Unlock()
}

// Serve is a worker that goes on after the leak.
func (r *Routes) Serve(role string, reqs <-chan string) {
	witness.Me(role)
	for p := range reqs {
		r.Resolve(p)
	}
}

// WithTimeout gives up on f, whose goroutine then cannot send.
func WithTimeout[T any](d time.Duration, role string, f func() T) (v T, err error) {
	ch := make(chan T)
	go func() {
		witness.Me(role)
		ch <- f()
	}()
	select {
	case v = <-ch:
		return v, nil
	case <-time.After(d):
		return v, context.DeadlineExceeded
	}
}

// Stage is part of a pipeline; nobody closes the first channel.
func Stage(role string, in <-chan int, f func(int) int) <-chan int {
	out := make(chan int)
	go func() {
		witness.Me(role)
		defer close(out)
		for v := range in {
			out <- f(v)
		}
	}()
	return out
}

type Mailboxes struct{ by map[string]chan string }

// Post sends to a mailbox; that of an unknown name is nil.
func (m Mailboxes) Post(to, msg string) { m.by[to] <- msg }

func (m Mailboxes) Either(a, b string) string {
	select {
	case s := <-m.by[a]:
		return s
	case s := <-m.by[b]:
		return s
	}
}

// Follow ends with its context.
func Follow(ctx context.Context, role string) (stop func() bool) {
	go func() {
		witness.Me(role)
		<-ctx.Done()
	}()
	return func() bool { return ctx.Err() != nil }
}
