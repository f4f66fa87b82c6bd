// Package session remembers who is logged in.
package session

import (
	"sync"
	"time"
)

type Session struct {
	Customer string
	Seen     time.Time
	Page     []byte // the last page, to go back to
}

type Store struct {
	mu  sync.Mutex
	all map[int]*Session
}

func NewStore() *Store { return &Store{all: map[int]*Session{}} }

func (s *Store) Remember(id int, customer string, page []byte) {
	kept := &Session{customer, time.Now(), append([]byte(nil), page...)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[id] = kept
}

func (s *Store) Forget(id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, id)
}

func (s *Store) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.all)
}
