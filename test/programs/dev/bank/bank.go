// Package bank keeps accounts and moves money between them.
package bank

import (
	"errors"
	"sync"
	"time"

	"example.com/dev/rec"
)

type entry struct {
	at    time.Time
	cents int64
	memo  string
}

type Account struct {
	ID    string
	mu    sync.Mutex
	cents int64
	hist  []entry
}

func NewAccount(id string, cents int64) *Account {
	a := &Account{ID: id, cents: cents}
	rec.Obj("account."+id, "Mutex", &a.mu)
	return a
}

func (a *Account) Balance() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cents
}

func (a *Account) book(cents int64, memo string) {
	a.cents += cents
	a.hist = append(a.hist, entry{time.Now(), cents, memo})
}

var ErrFunds = errors.New("insufficient funds")

type Bank struct {
	accounts map[string]*Account
	risk     time.Duration // what the risk check of a transfer takes
}

func New(risk time.Duration, accounts ...*Account) *Bank {
	b := &Bank{accounts: map[string]*Account{}, risk: risk}
	for _, a := range accounts {
		b.accounts[a.ID] = a
	}
	return b
}

func (b *Bank) Account(id string) *Account { return b.accounts[id] }

func (b *Bank) check(a *Account, cents int64) error {
	time.Sleep(b.risk)
	if a.cents < cents {
		return ErrFunds
	}
	return nil
}

// Transfer moves cents between two accounts.
func (b *Bank) Transfer(from, to string, cents int64, memo string) error {
	src, dst := b.accounts[from], b.accounts[to]
	src.mu.Lock()
	defer src.mu.Unlock()
	if err := b.check(src, cents); err != nil {
		return err
	}
	dst.mu.Lock()
	defer dst.mu.Unlock()
	src.book(-cents, memo)
	dst.book(cents, memo)
	return nil
}

// Statement is served by the teller goroutines.
func (b *Bank) Statement(role, id string, ask <-chan struct{}) {
	rec.Me(role)
	for range ask {
		_ = b.accounts[id].Balance()
	}
}
