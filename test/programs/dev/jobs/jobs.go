// Package jobs runs work in groups.
package jobs

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/dev/rec"
)

type Runner struct {
	mu      sync.Mutex
	results map[int]int
	wg      sync.WaitGroup
	n       int
}

func NewRunner(n int) *Runner {
	r := &Runner{results: map[int]int{}, n: n}
	rec.Obj("Runner.mu", "Mutex", &r.mu)
	rec.Obj("Runner.wg", "WaitGroup", &r.wg)
	return r
}

// Flush waits for the parts below the lock.
func (r *Runner) Flush(part func(i int)) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := 0; i < r.n; i++ {
		r.wg.Add(1)
		go r.one(i, part)
	}
	r.wg.Wait()
	return len(r.results)
}

func (r *Runner) one(i int, part func(int)) {
	defer r.wg.Done()
	rec.Me(rec.N("part", i))
	part(i)
}

func (r *Runner) Result(i int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.results[i]
}

var ErrSkip = errors.New("skip")

// RunAll: a worker whose item is odd returns before Done.
func (r *Runner) RunAll(items []int) {
	for i, it := range items {
		r.wg.Add(1)
		go func() {
			rec.Me(rec.N("w", i))
			if err := r.handle(it); err != nil {
				return
			}
			r.wg.Done()
		}()
	}
	r.wg.Wait()
}

func (r *Runner) handle(it int) error {
	time.Sleep(time.Millisecond)
	if it%2 == 1 {
		return ErrSkip
	}
	return nil
}

// Fetch is errgroup work.
func Fetch(ctx context.Context, urls []string, get func(ctx context.Context, u string) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(len(urls))
	for i, u := range urls {
		g.Go(func() error {
			rec.Me(rec.N("fetch", i))
			return get(ctx, u)
		})
	}
	return g.Wait()
}

// Schema is loaded once.
type Schema struct {
	once   sync.Once
	tables []string
	src    func() []string
}

func NewSchema(src func() []string) *Schema {
	s := &Schema{src: src}
	rec.Obj("Schema.once", "Once", &s.once)
	return s
}

func (s *Schema) Tables() []string {
	s.once.Do(s.load)
	return s.tables
}

func (s *Schema) load() { s.tables = s.src() }

// Sched holds its lock while it sleeps or computes.
type Sched struct {
	mu   sync.Mutex
	next time.Time
	last uint64
}

func NewSched() *Sched {
	s := &Sched{}
	rec.Obj("Sched.mu", "Mutex", &s.mu)
	return s
}

func (s *Sched) Backoff(tries int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := 0; i < tries; i++ {
		time.Sleep(time.Duration(i+1) * time.Hour)
	}
}

func (s *Sched) Solve(seed uint64, odd func(uint64) bool) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := seed
	for !odd(x) {
		x = step(x)
	}
	s.last = x
	return x
}

func step(x uint64) uint64 {
	for i := 0; i < 1000; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

func (s *Sched) When() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.next
}
