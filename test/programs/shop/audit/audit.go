// Package audit keeps a record of everything, in memory.
package audit

import (
	"encoding/json"
	"sync"
)

type Log struct {
	mu      sync.Mutex
	entries []json.RawMessage
}

// Record allocates in encoding/json; what is kept is from here.
func (l *Log) Record(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, text)
	return nil
}

// Drain empties the log and says how much was in it.
func (l *Log) Drain() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.entries)
	l.entries = nil
	return n
}
