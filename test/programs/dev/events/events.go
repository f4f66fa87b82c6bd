// Package events is a bus whose Publish calls the subscribers under its lock.
package events

import (
	"sync"
	"time"

	"example.com/dev/rec"
)

type Event struct {
	Topic   string
	Payload []byte
	At      time.Time
}

type Handler func(Event) error

type Bus struct {
	mu   sync.Mutex
	subs map[string][]Handler
	seq  uint64
}

func NewBus() *Bus {
	b := &Bus{subs: map[string][]Handler{}}
	rec.Obj("Bus.mu", "Mutex", &b.mu)
	return b
}

func (b *Bus) Subscribe(topic string, h Handler) {
	b.mu.Lock()
	b.subs[topic] = append(b.subs[topic], h)
	b.mu.Unlock()
}

func (b *Bus) Drop(topic string) {
	b.mu.Lock()
	delete(b.subs, topic)
	b.mu.Unlock()
}

func (b *Bus) Publish(topic string, payload []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seq++
	ev := Event{Topic: topic, Payload: payload, At: time.Now()}
	for _, h := range b.subs[topic] {
		if err := h(ev); err != nil {
			return err
		}
	}
	return nil
}

// Store publishes its changes.
type Store struct {
	bus  *Bus
	slow time.Duration
	data map[string]string
	mu   sync.RWMutex
}

func NewStore(b *Bus, slow time.Duration) *Store {
	s := &Store{bus: b, slow: slow, data: map[string]string{}}
	rec.Obj("Store.mu", "RWMutex", &s.mu)
	return s
}

func (s *Store) Set(k, v string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data[k] = v
	time.Sleep(s.slow)
	return s.bus.Publish("set", []byte(k))
}

func (s *Store) Get(k string) (string, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	v, ok := s.data[k]
	return v, ok
}

// Mirror is a handler that reads the store back.
func (s *Store) Mirror(ev Event) error {
	time.Sleep(s.slow)
	s.Get(string(ev.Payload))
	return nil
}
