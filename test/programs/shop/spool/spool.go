// Package spool has one file per order until it is printed.
package spool

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

type Dir struct {
	path string
	mu   sync.Mutex
	open map[int]*os.File
}

func New(path string) (*Dir, error) {
	return &Dir{path: path, open: map[int]*os.File{}}, os.MkdirAll(path, 0o755)
}

// Start opens the file of an order.
func (d *Dir) Start(order int) error {
	f, err := os.Create(filepath.Join(d.path, fmt.Sprintf("order-%d", order)))
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open[order] = f
	return nil
}

// Done closes and removes it.
func (d *Dir) Done(order int) error {
	d.mu.Lock()
	f := d.open[order]
	delete(d.open, order)
	d.mu.Unlock()
	if f == nil {
		return nil
	}
	os.Remove(f.Name())
	return f.Close()
}
