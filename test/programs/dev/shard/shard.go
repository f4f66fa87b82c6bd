// Package shard: a map of 16 shards, and a node with two locks.
package shard

import (
	"fmt"
	"hash/fnv"
	"sync"

	"example.com/dev/rec"
)

type part struct {
	mu sync.Mutex
	m  map[string][]byte
}

type Map struct {
	parts [16]part
}

func New() *Map {
	m := new(Map)
	for i := range m.parts {
		m.parts[i].m = map[string][]byte{}
		rec.Obj(fmt.Sprintf("part%02d.mu", i), "Mutex", &m.parts[i].mu)
	}
	return m
}

func Index(k string) int {
	h := fnv.New32a()
	h.Write([]byte(k))
	return int(h.Sum32() % 16)
}

// Key is a key with the prefix whose shard is i.
func Key(prefix string, i int) string {
	for n := 0; ; n++ {
		if k := fmt.Sprint(prefix, n); Index(k) == i {
			return k
		}
	}
}

func (m *Map) of(k string) *part { return &m.parts[Index(k)] }

// Update runs f on the value below the lock of the shard.
func (m *Map) Update(k string, f func([]byte) []byte) {
	p := m.of(k)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.m[k] = f(p.m[k])
}

func (m *Map) Get(k string) []byte {
	p := m.of(k)
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.m[k]
}

// Peer has one lock for its state and one for its counters.
type Peer struct {
	name   string
	mu     sync.Mutex
	state  string
	statMu sync.Mutex
	sent   uint64
	recv   uint64
}

func NewPeer(name string) *Peer {
	p := &Peer{name: name}
	rec.Obj("Peer.mu", "Mutex", &p.mu)
	rec.Obj("Peer.statMu", "Mutex", &p.statMu)
	return p
}

func (p *Peer) Sync(next <-chan string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = <-next
}

func (p *Peer) State() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

// Export writes the counters to the sink and has its own lock.
func (p *Peer) Export(sink chan<- uint64) {
	p.statMu.Lock()
	defer p.statMu.Unlock()
	sink <- p.sent + p.recv
}
