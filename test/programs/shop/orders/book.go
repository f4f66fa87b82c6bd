// Package orders keeps what was ordered and is not sent yet.
package orders

import (
	"errors"
	"sync"
	"time"

	"example.com/shop/stock"
)

var ErrSoldOut = errors.New("sold out")

type Book struct {
	mu    sync.Mutex
	open  map[int]int
	stock *stock.Warehouse
}

func NewBook(w *stock.Warehouse) *Book {
	b := &Book{open: map[int]int{}, stock: w}
	w.Serve(b)
	return b
}

// Place reserves before it takes the lock.
func (b *Book) Place(product, n int) error {
	if !b.stock.Reserve(product, n) {
		return ErrSoldOut
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open[product] += n
	return nil
}

// Send takes an order out.
func (b *Book) Send(product int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, product)
}

// Cancel gives back what was reserved, with the lock held.
func (b *Book) Cancel(product int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.open[product]
	delete(b.open, product)
	time.Sleep(100 * time.Microsecond)
	b.stock.Release(product, n)
}

func (b *Book) Pending(product int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open[product]
}
