// Package orders: three services that know each other by interfaces.
package orders

import (
	"sync"
	"time"

	"example.com/held/witness"
)

type Stocker interface{ Reserve(sku string, n int) error }
type Biller interface {
	Charge(customer string, cents int) error
}
type Placer interface{ Cancel(customer string) int }

type Orders struct {
	mu    sync.Mutex
	open  map[string]int
	Stock Stocker
	lag   time.Duration
}

type Stock struct {
	left map[string]int
	mu   sync.RWMutex
	Bill Biller
	lag  time.Duration
}

type Billing struct {
	lag     time.Duration
	Orders  Placer
	lk      sync.Mutex
	charged int
}

func Services(lag time.Duration) (*Orders, *Stock, *Billing) {
	o, s, b := &Orders{open: map[string]int{}, lag: lag}, &Stock{left: map[string]int{}, lag: lag}, &Billing{lag: lag}
	o.Stock, s.Bill, b.Orders = s, b, o
	witness.Obj("Orders.mu", "Mutex", &o.mu)
	witness.Obj("Stock.mu", "RWMutex", &s.mu)
	witness.Obj("Billing.lk", "Mutex", &b.lk)
	return o, s, b
}

func (o *Orders) Place(customer, sku string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	time.Sleep(o.lag)
	o.open[customer]++
	return o.Stock.Reserve(sku, 1)
}

func (o *Orders) Cancel(customer string) int {
	o.mu.Lock()
	n := o.open[customer]
	delete(o.open, customer)
	o.mu.Unlock()
	return n
}

func (s *Stock) Reserve(sku string, n int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left[sku] -= n
	return nil
}

func (s *Stock) Recount(customer string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	time.Sleep(s.lag)
	return s.Bill.Charge(customer, 100)
}

func (s *Stock) Left(sku string) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.left[sku]
}

func (b *Billing) Charge(customer string, cents int) error {
	b.lk.Lock()
	defer b.lk.Unlock()
	b.charged += cents
	return nil
}

func (b *Billing) Refund(customer string) int {
	b.lk.Lock()
	defer b.lk.Unlock()
	time.Sleep(b.lag)
	return b.Orders.Cancel(customer)
}
