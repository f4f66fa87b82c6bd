// Package ledger posts transactions to books.
package ledger

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"example.com/held/witness"
)

type Leg struct {
	Book   string
	Amount int
}

type Tx struct {
	Ref  string
	Legs [2]Leg
}

type book struct {
	title string
	total int
	guard sync.Mutex
	refs  []string
}

type Ledger struct {
	books  map[string]*book
	settle func() // what happens between the two legs
}

func New(settle func(), titles ...string) *Ledger {
	l := &Ledger{books: make(map[string]*book), settle: settle}
	for _, t := range titles {
		b := &book{title: t}
		witness.Obj("book."+t, "Mutex", &b.guard)
		l.books[t] = b
	}
	return l
}

// enter locks the book and returns what unlocks it.
func (b *book) enter(ref string) (leave func()) {
	b.guard.Lock()
	b.refs = append(b.refs, ref)
	return b.guard.Unlock
}

// Post books both legs, in their order.
func (l *Ledger) Post(tx Tx) (err error) {
	for i, leg := range tx.Legs {
		b, ok := l.books[leg.Book]
		if !ok {
			return fmt.Errorf("no book %q", leg.Book)
		}
		defer b.enter(tx.Ref)()
		b.total += leg.Amount
		if i == 0 {
			l.settle()
		}
	}
	return nil
}

func (l *Ledger) Total(title string) int {
	b := l.books[title]
	defer b.enter("total")()
	return b.total
}

func (l *Ledger) Has(title, ref string) bool {
	b := l.books[title]
	b.guard.Lock()
	ok := slices.Contains(b.refs, ref)
	b.guard.Unlock()
	return ok
}

// Report prints a book: its String takes the lock that Report has.
type Report struct {
	b     *book
	every time.Duration
}

func (l *Ledger) Report(title string) *Report { return &Report{l.books[title], time.Hour} }

func (r *Report) String() string {
	r.b.guard.Lock()
	defer r.b.guard.Unlock()
	return fmt.Sprintf("%s: %d", r.b.title, r.b.total)
}

func (r *Report) Line(prefix string) string {
	r.b.guard.Lock()
	defer r.b.guard.Unlock()
	return fmt.Sprintf("%s %v", prefix, r)
}
