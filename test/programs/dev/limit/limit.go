// Package limit: semaphores, single flights and a pool of connections.
package limit

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"

	"example.com/dev/rec"
)

type Gate chan struct{}

func (g Gate) Enter() { g <- struct{}{} }
func (g Gate) Leave() { <-g }

// Render takes a place in the gate.
func (g Gate) Render(page string, draw func(string)) {
	g.Enter()
	defer g.Leave()
	draw(page)
}

type Weighted struct {
	sem *semaphore.Weighted
}

func NewWeighted(n int64) *Weighted {
	w := &Weighted{semaphore.NewWeighted(n)}
	rec.Obj("Weighted.sem", "semaphore", w.sem)
	return w
}

func (w *Weighted) Do(ctx context.Context, n int64, f func()) error {
	if err := w.sem.Acquire(ctx, n); err != nil {
		return err
	}
	defer w.sem.Release(n)
	f()
	return nil
}

type Resolver struct {
	g    singleflight.Group
	back func(string) (string, error)
}

func NewResolver(back func(string) (string, error)) *Resolver {
	r := &Resolver{back: back}
	rec.Obj("Resolver.g", "singleflight", &r.g)
	return r
}

func (r *Resolver) Resolve(host string) (string, error) {
	v, err, _ := r.g.Do(host, func() (any, error) { return r.back(host) })
	s, _ := v.(string)
	return s, err
}

// Pool is like that of database/sql.
type Conn struct{ id int }

type Pool struct {
	mu      sync.Mutex
	free    []*Conn
	open    int
	max     int
	waiting []chan *Conn
}

func NewPool(max int) *Pool {
	p := &Pool{max: max}
	rec.Obj("Pool", "chan", p)
	return p
}

func (p *Pool) Get(ctx context.Context) (*Conn, error) {
	p.mu.Lock()
	if n := len(p.free); n > 0 {
		c := p.free[n-1]
		p.free = p.free[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	if p.open < p.max {
		p.open++
		c := &Conn{p.open}
		p.mu.Unlock()
		return c, nil
	}
	req := make(chan *Conn, 1)
	p.waiting = append(p.waiting, req)
	p.mu.Unlock()
	select {
	case c := <-req:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *Pool) Put(c *Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) > 0 {
		p.waiting[0] <- c
		p.waiting = p.waiting[1:]
		return
	}
	p.free = append(p.free, c)
}

func (p *Pool) Query(ctx context.Context, q string, rows func(*Conn) int) (int, error) {
	c, err := p.Get(ctx)
	if err != nil {
		return 0, err
	}
	defer p.Put(c)
	return rows(c), nil
}
