// Package cache is a read-through cache; loads run under the read lock.
package cache

import (
	"context"
	"sync"
	"time"

	"example.com/dev/rec"
)

type Loader[K comparable, V any] func(ctx context.Context, k K) (V, error)

type item[V any] struct {
	val V
	exp time.Time
}

type Cache[K comparable, V any] struct {
	name  string
	load  Loader[K, V]
	hits  int64
	mu    sync.RWMutex
	items map[K]item[V]
}

func New[K comparable, V any](name string, load Loader[K, V]) *Cache[K, V] {
	c := &Cache[K, V]{name: name, load: load, items: map[K]item[V]{}}
	rec.Obj(name+".mu", "RWMutex", &c.mu)
	return c
}

// Get asks the loader while it holds the read lock.
func (c *Cache[K, V]) Get(ctx context.Context, k K) (V, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if it, ok := c.items[k]; ok && time.Now().Before(it.exp) {
		return it.val, nil
	}
	return c.miss(ctx, k)
}

func (c *Cache[K, V]) miss(ctx context.Context, k K) (V, error) {
	c.hits--
	return c.load(ctx, k)
}

func (c *Cache[K, V]) Put(k K, v V, ttl time.Duration) {
	c.mu.Lock()
	c.items[k] = item[V]{v, time.Now().Add(ttl)}
	c.mu.Unlock()
}

func (c *Cache[K, V]) Len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.items)
}

// Refill replaces an item: the load runs under the write lock.
func (c *Cache[K, V]) Refill(ctx context.Context, k K) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, err := c.load(ctx, k)
	if err == nil {
		c.items[k] = item[V]{v, time.Now().Add(time.Minute)}
	}
	return err
}

func (c *Cache[K, V]) Sweep(every time.Duration, stop <-chan struct{}) {
	rec.Me("sweeper")
	t := time.NewTicker(every)
	for {
		select {
		case <-t.C:
			c.expire(time.Now())
		case <-stop:
			return
		}
	}
}

func (c *Cache[K, V]) expire(now time.Time) {
	c.mu.Lock()
	for k, it := range c.items {
		if now.After(it.exp) {
			delete(c.items, k)
		}
	}
	c.mu.Unlock()
}
