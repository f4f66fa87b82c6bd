package pricing

import (
	"sync"
	"time"
)

// Table has the price of each product.
type Table struct {
	mu    sync.RWMutex
	cents map[int]int
}

func NewTable() *Table { return &Table{cents: map[int]int{}} }

func (t *Table) Of(product int) int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.cents[product]
}

// Sum reads with the lock taken twice: a writer in between, and neither goes on.
func (t *Table) Sum(products []int) (sum int) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, p := range products {
		sum += t.Of(p)
		time.Sleep(50 * time.Microsecond)
	}
	return sum
}

// Update writes all prices; each takes some time.
func (t *Table) Update(products int, each time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for p := range products {
		t.cents[p] = p * 3
	}
	time.Sleep(each * time.Duration(products))
}
