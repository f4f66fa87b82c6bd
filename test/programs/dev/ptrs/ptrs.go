// Package ptrs: locks that are shared by pointer, embedded, or behind sync.Locker.
package ptrs

import (
	"io"
	"sync"

	"example.com/dev/rec"
)

// Reader and Writer of a device share the lock of the bus.
type Reader struct {
	reg int
	mu  *sync.Mutex
	src io.Reader
}

type Writer struct {
	reg  int
	pend []byte
	mu   *sync.Mutex
}

type Scan struct {
	mu  *sync.Mutex
	ids []int
}

func Bus(src io.Reader) (*Reader, *Writer, *Scan) {
	mu := new(sync.Mutex)
	rec.Obj("bus", "Mutex", mu)
	return &Reader{1, mu, src}, &Writer{reg: 2, mu: mu}, &Scan{mu: mu}
}

func (r *Reader) Read8() (b [8]byte, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, err = io.ReadFull(r.src, b[:])
	return
}

func (w *Writer) Write8(b [8]byte) {
	w.mu.Lock()
	w.pend = append(w.pend, b[:]...)
	w.mu.Unlock()
}

func (s *Scan) All() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.ids)
}

// Registry embeds its lock.
type Registry struct {
	sync.Mutex
	names map[string]int
	watch chan string
}

func NewRegistry() *Registry {
	r := &Registry{names: map[string]int{}, watch: make(chan string)}
	rec.Obj("Registry", "Mutex", &r.Mutex)
	return r
}

func (r *Registry) Add(name string) {
	r.Lock()
	defer r.Unlock()
	r.names[name]++
	r.watch <- name
}

func (r *Registry) Count(name string) int {
	r.Lock()
	defer r.Unlock()
	return r.names[name]
}

// Guarded takes any Locker.
type Guarded struct {
	L   sync.Locker
	val int
}

func Guard(l sync.Locker, name, kind string) *Guarded {
	rec.Obj(name, kind, l)
	return &Guarded{L: l}
}

func (g *Guarded) With(f func(int) int) {
	g.L.Lock()
	defer g.L.Unlock()
	g.val = f(g.val)
}

func (g *Guarded) Value() int {
	g.L.Lock()
	defer g.L.Unlock()
	return g.val
}
