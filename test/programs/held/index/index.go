// Package index: segments that are read under a read lock, and a tree.
package index

import (
	"os/exec"
	"sync"
	"syscall"
	"time"

	"example.com/held/witness"
)

type Row struct {
	Key uint64
	Val []byte
}

type Index struct {
	name string
	segs [][]Row
	rw   sync.RWMutex
	hook func(*Index) error
}

func New(name string, rows int) *Index {
	x := &Index{name: name, segs: [][]Row{make([]Row, rows)}}
	witness.Obj("Index.rw", "RWMutex", &x.rw)
	return x
}

// Scan sends the rows below the read lock.
func (x *Index) Scan(from, to uint64, out chan<- Row) (n int) {
	x.rw.RLock()
	defer x.rw.RUnlock()
	for _, seg := range x.segs {
		for _, r := range seg {
			if r.Key >= from && r.Key <= to {
				out <- r
				n++
			}
		}
	}
	return n
}

// Backup runs a command below the read lock.
func (x *Index) Backup(name string, args ...string) error {
	x.rw.RLock()
	defer x.rw.RUnlock()
	cmd := exec.Command(name, args...)
	return cmd.Run()
}

// Tail opens a fifo without the poller.
func (x *Index) Tail(fifo string) (int, error) {
	x.rw.RLock()
	defer x.rw.RUnlock()
	fd, err := syscall.Open(fifo, syscall.O_RDONLY, 0)
	if err != nil {
		return 0, err
	}
	defer syscall.Close(fd)
	var b [16]byte
	return syscall.Read(fd, b[:])
}

func (x *Index) Merge(rows []Row) {
	x.rw.Lock()
	defer x.rw.Unlock()
	x.segs = append(x.segs, rows)
}

func (x *Index) Count() int {
	x.rw.RLock()
	n := 0
	for _, s := range x.segs {
		n += len(s)
	}
	x.rw.RUnlock()
	return n
}

// Expire finds old rows and removes them, without giving up the read lock.
func (x *Index) Expire(max int) bool {
	x.rw.RLock()
	defer x.rw.RUnlock()
	if len(x.segs[0]) <= max {
		return false
	}
	return x.cut(max)
}

func (x *Index) cut(max int) bool {
	x.rw.Lock()
	defer x.rw.Unlock()
	x.segs[0] = x.segs[0][:max]
	return true
}

// Tree has one lock for all its nodes.
type Tree struct {
	lk   sync.RWMutex
	root *TreeNode
	lag  time.Duration
}

type TreeNode struct {
	t    *Tree
	name string
	kids []*TreeNode
}

func NewTree(lag time.Duration) *Tree {
	t := &Tree{lag: lag}
	witness.Obj("Tree.lk", "RWMutex", &t.lk)
	t.root = &TreeNode{t: t, name: "/"}
	for _, n := range []string{"etc", "usr", "var"} {
		t.root.kids = append(t.root.kids, &TreeNode{t: t, name: n})
	}
	return t
}

func (t *Tree) Root() *TreeNode { return t.root }

// Walk takes the read lock at every level.
func (n *TreeNode) Walk(depth int, visit func(string, int)) {
	n.t.lk.RLock()
	defer n.t.lk.RUnlock()
	visit(n.name, depth)
	time.Sleep(n.t.lag)
	for _, k := range n.kids {
		k.Walk(depth+1, visit)
	}
}

func (n *TreeNode) Add(name string) *TreeNode {
	n.t.lk.Lock()
	defer n.t.lk.Unlock()
	k := &TreeNode{t: n.t, name: name}
	n.kids = append(n.kids, k)
	return k
}

func (n *TreeNode) Name() string {
	n.t.lk.RLock()
	defer n.t.lk.RUnlock()
	return n.name
}
