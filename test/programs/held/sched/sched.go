// Package sched: tasks, batches, groups.
package sched

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"example.com/held/witness"
)

type Task struct {
	ID   int
	Cost float64
	Run  func(ctx context.Context) error
}

type Future struct {
	ch  chan error
	err error
}

func (f *Future) Await() error {
	f.err = <-f.ch
	return f.err
}

// Scheduler owns the plan.
type Scheduler struct {
	plan  []Task
	state struct {
		sync.Mutex
		ran  int
		fail int
	}
	stop atomic.Bool
}

func New() *Scheduler {
	s := &Scheduler{}
	witness.Obj("Scheduler.state", "Mutex", &s.state.Mutex)
	return s
}

// RunNow runs the task in another goroutine and waits for it below the lock.
func (s *Scheduler) RunNow(ctx context.Context, t Task) error {
	s.state.Lock()
	defer s.state.Unlock()
	f := &Future{ch: make(chan error)}
	go func() {
		witness.Me("task")
		f.ch <- t.Run(ctx)
	}()
	s.state.ran++
	return f.Await()
}

// Retry sleeps between its tries.
func (s *Scheduler) Retry(tries int, t Task) (err error) {
	s.state.Lock()
	for d := 300 * time.Second; tries > 0; tries-- {
		if err = t.Run(context.Background()); err == nil {
			break
		}
		s.state.fail++
		time.Sleep(d)
		d *= 2
	}
	s.state.Unlock()
	return
}

// Quiesce spins until the scheduler is told to stop.
func (s *Scheduler) Quiesce() {
	s.state.Lock()
	defer s.state.Unlock()
	for !s.stop.Load() {
		runtime.Gosched()
	}
}

// Until waits for the first of several events below the lock.
func (s *Scheduler) Until(a, b <-chan int, max time.Duration) int {
	s.state.Lock()
	defer s.state.Unlock()
	timer := time.NewTimer(max)
	defer timer.Stop()
	select {
	case v := <-a:
		return v
	case v := <-b:
		return -v
	case <-timer.C:
		return 0
	}
}

func (s *Scheduler) Ran() int {
	s.state.Lock()
	defer s.state.Unlock()
	return s.state.ran
}

// Spin polls the lock.
func (s *Scheduler) Poll(every time.Duration) (n int) {
	for !s.state.TryLock() {
		n++
		time.Sleep(every)
	}
	defer s.state.Unlock()
	return
}

// Batch collects the results of its workers.
type Batch struct {
	name string
	wg   sync.WaitGroup
	mu   sync.Mutex
	sum  int
}

func NewBatch(name string) *Batch {
	b := &Batch{name: name}
	witness.Obj("Batch.mu", "Mutex", &b.mu)
	witness.Obj("Batch.wg", "WaitGroup", &b.wg)
	return b
}

func (b *Batch) Start(role string, f func() int) {
	b.wg.Go(func() {
		witness.Me(role)
		b.add(f())
	})
}

func (b *Batch) add(n int) {
	b.mu.Lock()
	b.sum += n
	b.mu.Unlock()
}

// Close waits for the workers, which need the lock that it has.
func (b *Batch) Close() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wg.Wait()
	return b.sum
}

// Wait is right: no lock.
func (b *Batch) Wait() int {
	b.wg.Wait()
	return b.sum
}

// Careless calls Done only if f returns; a panic is swallowed.
func (b *Batch) Careless(role string, f func() int) {
	b.wg.Add(1)
	go func() {
		witness.Me(role)
		defer func() { _ = recover() }()
		b.add(f())
		b.wg.Done()
	}()
}

// Group is an error group with a limit, as everybody has one.
type Group struct {
	wg   sync.WaitGroup
	sem  chan struct{}
	once sync.Once
	err  error
}

func NewGroup(limit int) *Group {
	g := &Group{sem: make(chan struct{}, limit)}
	witness.Obj("Group.wg", "WaitGroup", &g.wg)
	witness.Obj("Group.sem", "chan", nil)
	return g
}

func (g *Group) Go(role string, f func() error) {
	g.sem <- struct{}{}
	g.wg.Add(1)
	go func() {
		witness.Me(role)
		defer func() { <-g.sem; g.wg.Done() }()
		if err := f(); err != nil {
			g.once.Do(func() { g.err = err })
		}
	}()
}

func (g *Group) Wait() error { g.wg.Wait(); return g.err }

// Memory is shared out by weight.
type Memory struct{ sem *semaphore.Weighted }

func NewMemory(mb int64) Memory {
	m := Memory{semaphore.NewWeighted(mb)}
	witness.Obj("Memory.sem", "semaphore", m.sem)
	return m
}

func (m Memory) With(mb int64, f func()) {
	if m.sem.Acquire(context.TODO(), mb) == nil {
		defer m.sem.Release(mb)
		f()
	}
}

// Flights: one call for each key, the others wait for it.
type Flights struct {
	mu sync.Mutex
	m  map[string]*flight
}

type flight struct {
	wg  sync.WaitGroup
	val string
}

func (f *Flights) Do(key string, fn func() string) string {
	f.mu.Lock()
	if c, ok := f.m[key]; ok {
		f.mu.Unlock()
		c.wg.Wait()
		return c.val
	}
	c := new(flight)
	c.wg.Add(1)
	witness.Obj("flight."+key, "WaitGroup", &c.wg)
	if f.m == nil {
		f.m = map[string]*flight{}
	}
	f.m[key] = c
	f.mu.Unlock()
	c.val = fn()
	c.wg.Done()
	return c.val
}

// Ticket: Reserve locks, whoever has the ticket unlocks.
type Desk struct {
	mu   sync.Mutex
	sold int
}

type Ticket struct {
	no     int
	Redeem func()
}

func NewDesk() *Desk {
	d := &Desk{}
	witness.Obj("Desk.mu", "Mutex", &d.mu)
	return d
}

func (d *Desk) Reserve() Ticket {
	d.mu.Lock()
	d.sold++
	return Ticket{d.sold, d.mu.Unlock}
}

func (d *Desk) Sold() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sold
}

// Process takes a ticket and redeems it when its work is done.
func Process(tickets <-chan Ticket, work func(int)) {
	for t := range tickets {
		work(t.no)
		t.Redeem()
	}
}

// Stack is a bounded buffer on two conditions.
type Buffer struct {
	mu                sync.Mutex
	notFull, notEmpty *sync.Cond
	q                 []int
	cap               int
}

func NewBuffer(n int) *Buffer {
	b := &Buffer{cap: n}
	b.notFull, b.notEmpty = sync.NewCond(&b.mu), sync.NewCond(&b.mu)
	return b
}

func (b *Buffer) Put(v int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.q) == b.cap {
		b.notFull.Wait()
	}
	b.q = append(b.q, v)
	b.notEmpty.Signal()
}

func (b *Buffer) Take() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.q) == 0 {
		b.notEmpty.Wait()
	}
	v := b.q[0]
	b.q = b.q[1:]
	b.notFull.Signal()
	return v
}
