// Package pricing says what things cost.
package pricing

import (
	"sync"
	"time"
)

// BestBundle is the largest discount for at most budget cents: a knapsack, by dynamic programming.
func BestBundle(cents, discount []int, budget int) int {
	best := make([]int, budget+1)
	for i, c := range cents {
		for b := budget; b >= c; b-- {
			best[b] = max(best[b], best[b-c]+discount[i])
		}
	}
	return best[budget]
}

// Quotes are prices in other currencies. It has one lock for all, also while the bank is asked.
type Quotes struct {
	mu   sync.Mutex
	rate map[string]float64
	Bank time.Duration // how long the bank takes
}

func NewQuotes(bank time.Duration) *Quotes { return &Quotes{rate: map[string]float64{}, Bank: bank} }

func (q *Quotes) Quote(currency string, cents int) float64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	time.Sleep(q.Bank)
	q.rate[currency] = 1 + float64(len(currency))/10
	return q.rate[currency] * float64(cents)
}

// Cached does not ask the bank.
func (q *Quotes) Cached(currency string, cents int) float64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.rate[currency] * float64(cents)
}
