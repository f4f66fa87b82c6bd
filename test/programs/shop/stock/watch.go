package stock

import (
	"context"
	"time"
)

// Watch tells when a product runs low, until ctx is done.
func (w *Warehouse) Watch(ctx context.Context, product int, low func(left int)) {
	go w.watch(ctx, product, low)
}

func (w *Warehouse) watch(ctx context.Context, product int, low func(left int)) {
	tick := time.NewTicker(20 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			w.mu.Lock()
			left := w.left[product]
			w.mu.Unlock()
			if left < 10 {
				low(left)
			}
		}
	}
}
