// Package broker: sessions subscribe to topics; both have meta data with a lock behind a pointer.
package broker

import (
	"sync"
	"time"

	"example.com/held/witness"
)

type meta struct {
	mu      sync.RWMutex
	created time.Time
	attrs   map[string]string
}

type Topic struct {
	Name string
	info *meta
	subs map[*Session]int
}

type link struct {
	peer string
	meta *meta
}

type Session struct {
	id     int64
	link   *link
	topics []*Topic
	outbox chan []byte
}

type Broker struct {
	Lag      time.Duration
	topics   sync.Map
	sessions []*Session
}

func (b *Broker) Topic(name string) *Topic {
	t := &Topic{Name: name, info: &meta{created: time.Now()}, subs: map[*Session]int{}}
	witness.Obj("topic."+name, "RWMutex", &t.info.mu)
	b.topics.Store(name, t)
	return t
}

func (b *Broker) Session(id int64, peer string) *Session {
	s := &Session{id: id, link: &link{peer, &meta{attrs: map[string]string{}}}, outbox: make(chan []byte, 1)}
	witness.Obj("session."+peer, "RWMutex", &s.link.meta.mu)
	b.sessions = append(b.sessions, s)
	return s
}

// Subscribe: first the session, then the topic.
func (b *Broker) Subscribe(s *Session, name string) {
	s.link.meta.mu.Lock()
	defer s.link.meta.mu.Unlock()
	v, _ := b.topics.Load(name)
	t := v.(*Topic)
	time.Sleep(b.Lag)
	t.admit(s)
	s.topics = append(s.topics, t)
}

func (t *Topic) admit(s *Session) {
	t.info.mu.Lock()
	defer t.info.mu.Unlock()
	t.subs[s]++
}

// Evict: first the topic, then each session.
func (b *Broker) Evict(name string, peers ...*Session) {
	v, _ := b.topics.Load(name)
	t := v.(*Topic)
	t.info.mu.Lock()
	defer t.info.mu.Unlock()
	time.Sleep(b.Lag)
	for _, s := range peers {
		delete(t.subs, s)
		s.rename("evicted")
	}
}

func (s *Session) rename(peer string) {
	s.link.meta.mu.Lock()
	s.link.peer = peer
	s.link.meta.mu.Unlock()
}

func (s *Session) Attr(k string) string {
	s.link.meta.mu.RLock()
	defer s.link.meta.mu.RUnlock()
	return s.link.meta.attrs[k]
}

func (t *Topic) Subs() int {
	t.info.mu.RLock()
	defer t.info.mu.RUnlock()
	return len(t.subs)
}

// Deliver writes to the outbox of a session below its read lock.
func (s *Session) Deliver(msgs ...[]byte) {
	s.link.meta.mu.RLock()
	defer s.link.meta.mu.RUnlock()
	for _, m := range msgs {
		s.outbox <- m
	}
}
