// Package fleet: nodes and the jobs on them; each manager asks the other.
package fleet

import (
	"sync"
	"time"

	"example.com/dev/rec"
)

type Node struct {
	Name string
	Load int
	Jobs []string
}

type Nodes struct {
	byName map[string]*Node
	lock   sync.RWMutex
	jobs   *Jobs
}

type Job struct {
	Name, Node string
	Done       bool
}

type Jobs struct {
	retries int
	mtx     sync.Mutex
	list    map[string]*Job
	nodes   *Nodes
}

func New() (*Nodes, *Jobs) {
	n := &Nodes{byName: map[string]*Node{"n1": {Name: "n1"}, "n2": {Name: "n2"}}}
	j := &Jobs{list: map[string]*Job{}, nodes: n}
	n.jobs = j
	rec.Obj("Nodes.lock", "RWMutex", &n.lock)
	rec.Obj("Jobs.mtx", "Mutex", &j.mtx)
	return n, j
}

// Drain moves every job away from the node.
func (n *Nodes) Drain(name string, grace time.Duration) int {
	n.lock.Lock()
	defer n.lock.Unlock()
	node := n.byName[name]
	time.Sleep(grace)
	moved := 0
	for _, j := range n.jobs.On(node.Name) {
		j.Node = "n2"
		moved++
	}
	return moved
}

func (n *Nodes) Least() *Node {
	n.lock.RLock()
	defer n.lock.RUnlock()
	var best *Node
	for _, x := range n.byName {
		if best == nil || x.Load < best.Load {
			best = x
		}
	}
	return best
}

func (j *Jobs) On(node string) (l []*Job) {
	j.mtx.Lock()
	defer j.mtx.Unlock()
	for _, x := range j.list {
		if x.Node == node {
			l = append(l, x)
		}
	}
	return
}

// Submit places a job on the least loaded node.
func (j *Jobs) Submit(name string, admit time.Duration) *Job {
	j.mtx.Lock()
	defer j.mtx.Unlock()
	time.Sleep(admit)
	x := &Job{Name: name, Node: j.place(name)}
	j.list[name] = x
	return x
}

func (j *Jobs) place(name string) string {
	if n := j.nodes.Least(); n != nil {
		return n.Name
	}
	return ""
}

func (j *Jobs) Len() int {
	j.mtx.Lock()
	defer j.mtx.Unlock()
	return len(j.list)
}
