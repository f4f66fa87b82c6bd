// Package cart has the carts of the customers.
package cart

import (
	"errors"
	"sync"
)

var ErrQuantity = errors.New("quantity must be positive")

type Carts struct {
	mu    sync.Mutex
	lines map[string]map[int]int
}

func New() *Carts { return &Carts{lines: map[string]map[int]int{}} }

// Add forgets the lock when the quantity is wrong.
func (c *Carts) Add(customer string, product, n int) error {
	c.mu.Lock()
	if n <= 0 {
		return ErrQuantity
	}
	if c.lines[customer] == nil {
		c.lines[customer] = map[int]int{}
	}
	c.lines[customer][product%20] += n
	c.mu.Unlock()
	return nil
}

// Count is how many things a customer has in the cart.
func (c *Carts) Count(customer string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range c.lines[customer] {
		n += k
	}
	return n
}

// Merge moves one cart to another. It asks Count with the lock held: it waits for itself.
func (c *Carts) Merge(from, to string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	for product, n := range c.lines[from] {
		if c.lines[to] != nil {
			c.lines[to][product] += n
		}
	}
	delete(c.lines, from)
	return c.Count(to)
}
