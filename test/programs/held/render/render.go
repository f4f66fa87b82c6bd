// Package render: HTTP handlers that work below locks.
package render

import (
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"sync"

	"example.com/held/witness"
)

type metric struct {
	Name  string
	Value float64
	Help  string
}

type Metrics struct {
	all  []metric
	lock sync.Mutex
}

func NewMetrics(n int) *Metrics {
	m := &Metrics{all: make([]metric, n)}
	for i := range m.all {
		m.all[i].Name = "some_metric_with_a_rather_long_name_total"
		m.all[i].Help = "Some help text that is as long as help texts are."
	}
	witness.Obj("Metrics.lock", "Mutex", &m.lock)
	return m
}

// ServeHTTP encodes to the client below the lock.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	witness.Me(r.URL.Query().Get("role"))
	m.lock.Lock()
	defer m.lock.Unlock()
	json.NewEncoder(w).Encode(m.all)
}

func (m *Metrics) Inc(i int) {
	m.lock.Lock()
	m.all[i].Value++
	m.lock.Unlock()
}

type Crash struct {
	seen map[string]int
	mu   *sync.Mutex
}

func NewCrash() *Crash {
	c := &Crash{mu: new(sync.Mutex)}
	witness.Obj("Crash.mu", "Mutex", c.mu)
	return c
}

// ServeHTTP writes to a nil map below the lock; net/http recovers.
func (c *Crash) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	witness.Me(r.URL.Query().Get("role"))
	c.mu.Lock()
	c.seen[r.URL.Path]++
	c.mu.Unlock()
}

func Serve(h http.Handler) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	srv := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
	go srv.Serve(l)
	return l.Addr().String()
}
