// Package load is ordinary work: requests, a cache of a fixed size, workers.
package load

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sort"
	"strings"
	"sync"
	"time"
)

type Item struct {
	ID    int
	Name  string
	Tags  []string
	Price float64
}

type Cache struct {
	mu    sync.RWMutex
	items map[int]Item
}

func (c *Cache) Get(id int) (Item, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	item, ok := c.items[id]
	return item, ok
}

func (c *Cache) Put(item Item) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.items[item.ID] = item
}

type Server struct{ cache *Cache }

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var id int
	fmt.Sscan(r.URL.Query().Get("id"), &id)
	item, ok := s.cache.Get(id)
	if !ok {
		item = Make(id)
		s.cache.Put(item)
	}
	sum := sha256.Sum256([]byte(item.Name))
	w.Header().Set("ETag", fmt.Sprintf("%x", sum[:8]))
	json.NewEncoder(w).Encode(Related(item))
}

func Make(id int) Item {
	return Item{id, fmt.Sprintf("item %d", id), strings.Fields("red green blue small large"), float64(id) / 7}
}

func Related(item Item) []Item {
	items := make([]Item, 40)
	for i := range items {
		items[i] = Make(item.ID ^ (i * 37))
	}
	sort.Slice(items, func(i, j int) bool { return items[i].Price < items[j].Price })
	return items
}

func Start(kind string) {
	pause := map[string]time.Duration{"light": 20 * time.Millisecond, "heavy": 500 * time.Microsecond}[kind]
	server := httptest.NewServer(&Server{&Cache{items: map[int]Item{}}})
	jobs := make(chan int)
	for range 8 {
		go Worker(jobs)
	}
	if pause == 0 {
		return
	}
	for c := range 4 {
		go Client(server.URL, c, pause)
	}
	go func() {
		for i := 0; ; i++ {
			jobs <- i
			time.Sleep(5 * time.Millisecond)
		}
	}()
}

func Worker(jobs <-chan int) {
	for id := range jobs {
		Related(Make(id))
	}
}

func Client(url string, c int, pause time.Duration) {
	for i := 0; ; i++ {
		response, err := http.Get(fmt.Sprintf("%s/?id=%d", url, (i*7+c)%5000))
		if err == nil {
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
		time.Sleep(pause)
	}
}
