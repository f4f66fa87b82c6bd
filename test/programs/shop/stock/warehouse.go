// Package stock knows how many of each product are left.
package stock

import (
	"sync"
	"time"
)

// Demand is who has reserved something: the orders.
type Demand interface {
	Pending(product int) int
}

type Warehouse struct {
	mu     sync.Mutex
	left   map[int]int
	demand Demand
}

func NewWarehouse(products int) *Warehouse {
	w := &Warehouse{left: map[int]int{}}
	for id := range products {
		w.left[id] = 1_000_000
	}
	return w
}

func (w *Warehouse) Serve(d Demand) { w.demand = d }

func (w *Warehouse) Reserve(product, n int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.left[product] < n {
		return false
	}
	w.left[product] -= n
	return true
}

func (w *Warehouse) Release(product, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left[product] += n
}

// Recount asks the orders while it has the warehouse; orders.Book asks the warehouse while it has the orders.
func (w *Warehouse) Recount(products int) (total int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id := range products {
		total += w.left[id] + w.demand.Pending(id)
		time.Sleep(100 * time.Microsecond)
	}
	return total
}
