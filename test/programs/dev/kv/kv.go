// Package kv is a small table with an index.
package kv

import (
	"strings"
	"sync"
	"time"

	"example.com/dev/rec"
)

type Table struct {
	rows map[string]string
	sync.RWMutex
	gen int
}

func Open() *Table {
	t := &Table{rows: map[string]string{"a": "1", "b": "2"}}
	rec.Obj("Table", "RWMutex", &t.RWMutex)
	return t
}

func (t *Table) Get(k string) string {
	t.RLock()
	defer t.RUnlock()
	return t.rows[k]
}

func (t *Table) Put(k, v string) {
	t.Lock()
	t.rows[k] = v
	t.gen++
	t.Unlock()
}

// Join reads the row and the rows it names: Get below RLock.
func (t *Table) Join(keys []string, pause time.Duration) string {
	t.RLock()
	defer t.RUnlock()
	time.Sleep(pause)
	var sb strings.Builder
	for _, k := range keys {
		sb.WriteString(t.Get(k))
	}
	return sb.String()
}

// GetOrPut upgrades the lock it has.
func (t *Table) GetOrPut(k, v string) string {
	t.RLock()
	defer t.RUnlock()
	if old, ok := t.rows[k]; ok {
		return old
	}
	t.insert(k, v)
	return v
}

func (t *Table) insert(k, v string) {
	t.Lock()
	defer t.Unlock()
	t.rows[k] = v
}

type Log struct {
	path  string
	lines []string
	mu    sync.Mutex
	bytes int64
}

func NewLog(path string) *Log {
	l := &Log{path: path}
	rec.Obj("Log.mu", "Mutex", &l.mu)
	return l
}

func (l *Log) Append(s string) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, s)
	l.bytes += int64(len(s))
	if len(l.lines) > 3 {
		l.rotate()
	}
	return l.bytes
}

func (l *Log) rotate() {
	if l.Size() > 0 {
		l.lines = l.lines[:0]
	}
}

func (l *Log) Size() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes
}
