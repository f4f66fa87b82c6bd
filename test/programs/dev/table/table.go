// Package table seats philosophers.
package table

import (
	"fmt"
	"sync"
	"time"

	"example.com/dev/rec"
)

type Fork struct {
	sync.Mutex
	n     int
	taken int
}

type Philosopher struct {
	Name        string
	left, right *Fork
	think       time.Duration
	eaten       int
}

type Table struct {
	Forks []*Fork
	Seats []*Philosopher
}

func Lay(n int, think time.Duration) *Table {
	t := &Table{}
	for i := 0; i < n; i++ {
		f := &Fork{n: i}
		rec.Obj(fmt.Sprintf("fork%d", i), "Mutex", f)
		t.Forks = append(t.Forks, f)
	}
	for i := 0; i < n; i++ {
		t.Seats = append(t.Seats, &Philosopher{Name: fmt.Sprintf("phil%d", i), left: t.Forks[i], right: t.Forks[(i+1)%n], think: think})
	}
	return t
}

func (p *Philosopher) Dine() {
	rec.Me(p.Name)
	for {
		p.meal()
	}
}

func (p *Philosopher) meal() {
	p.left.Lock()
	p.left.taken++
	time.Sleep(p.think)
	p.right.Lock()
	p.right.taken++
	p.eaten++
	p.right.Unlock()
	p.left.Unlock()
}
