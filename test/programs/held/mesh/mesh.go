// Package mesh: a ring of nodes; each holds itself while it asks the next.
package mesh

import (
	"sync"
	"time"

	"example.com/held/witness"
)

// Mutex has a name and remembers when it was taken.
type Mutex struct {
	inner sync.Mutex
	Name  string
	since time.Time
}

func (m *Mutex) Lock() {
	m.inner.Lock()
	m.since = time.Now()
}

func (m *Mutex) Unlock() { m.inner.Unlock() }

type Node struct {
	Mutex
	next  *Node
	epoch int
	lag   time.Duration
}

func Ring(lag time.Duration, names ...string) []*Node {
	var nodes []*Node
	for _, n := range names {
		x := &Node{lag: lag}
		x.Name = n
		witness.Obj("node."+n, "Mutex", &x.Mutex.inner)
		nodes = append(nodes, x)
	}
	for i, x := range nodes {
		x.next = nodes[(i+1)%len(nodes)]
	}
	return nodes
}

// Advance moves the epoch on, after the next node agreed.
func (n *Node) Advance(to int) bool {
	n.Lock()
	defer n.Unlock()
	time.Sleep(n.lag)
	if n.next.Agree(to, n.Name) {
		n.epoch = to
	}
	return n.epoch == to
}

func (n *Node) Agree(to int, who string) bool {
	n.Lock()
	defer n.Unlock()
	return to > n.epoch
}

func (n *Node) Hold(f func(epoch int)) {
	n.Lock()
	defer n.Unlock()
	f(n.epoch)
}
