// Package backup appends to a journal on another disk.
package backup

import (
	"os"
	"sync"
)

type Journal struct {
	mu   sync.Mutex
	path string
}

func New(path string) *Journal { return &Journal{path: path} }

// Append has the lock while it opens and writes: as long as the disk takes.
func (j *Journal) Append(line string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	f, err := os.OpenFile(j.path, os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteString(line + "\n")
	return err
}
