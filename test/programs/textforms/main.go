// Writes each profile with debug=0 and debug=1 while nothing happens, so that both say the same: heap, allocs, mutex, block, threadcreate,
// and one of its own. Inlined calls, recursion, generic functions, closures, methods, deferred calls while it panics.
//
//	go run . DIR
package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"sync"
	"time"
)

var kept [][]byte
var spare []byte

type node struct{ left, right *node }

func leaf(n int) []byte        { return make([]byte, n) }
func middle(n int) []byte      { return leaf(n + 1) }
func keep(n int)               { kept = append(kept, middle(n)) }
func grow[T any](n int) []T    { return make([]T, n) }
func twice[T any](n int) [][]T { return [][]T{grow[T](n), grow[T](2 * n)} }

//go:noinline
func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{tree(depth - 1), tree(depth - 1)}
}

//go:noinline
func even(n int) []byte {
	if n == 0 {
		return leaf(3000)
	}
	return odd(n - 1)
}

//go:noinline
func odd(n int) []byte { return even(n - 1) }

var roots []*node
var generic [][]int64
var words [][]string

func allocate() {
	for i := 0; i < 300; i++ {
		keep(1000 + i%7)
		spare = middle(50 << 10)
		spare = even(6)
	}
	generic = append(generic, twice[int64](2000)...)
	words = append(words, twice[string](500)...)
	roots = append(roots, tree(9))
	func() { kept = append(kept, bytes.Repeat([]byte("x"), 1<<20)) }()
	defer func() { recover() }()
	defer func() { kept = append(kept, leaf(1<<19)) }()
	panic("allocates while it panics")
}

type guarded struct {
	sync.Mutex
	n int
}

//go:noinline
func (g *guarded) hold(d time.Duration) {
	g.Lock()
	defer g.Unlock()
	g.n++
	time.Sleep(d)
}

func (g *guarded) short() { g.Lock(); g.n++; g.Unlock() }

//go:noinline
func contend() {
	var g guarded
	var rw sync.RWMutex
	var wg sync.WaitGroup
	c := make(chan int)
	for i := 0; i < 4; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := 0; j < 10; j++ {
				g.hold(200 * time.Microsecond)
				for k := 0; k < 100; k++ {
					g.short()
				}
				rw.RLock()
				rw.RUnlock()
				rw.Lock()
				time.Sleep(50 * time.Microsecond)
				rw.Unlock()
				c <- j
			}
		}()
	}
	wg.Add(1)
	go func() {
		defer wg.Done()
		for j := 0; j < 40; j++ {
			select {
			case <-c:
			case <-time.After(time.Second):
			}
		}
	}()
	wg.Wait()
}

var own = pprof.NewProfile("example.com/textforms.handles")

type handle struct{ n int }

func open(n int) *handle { h := &handle{n}; own.Add(h, 0); return h }

//go:noinline
func openAgain(n int) {
	if n > 0 {
		openAgain(n - 1)
	}
	open(n)
}

func write(dir, name string) {
	var buffers [3]bytes.Buffer
	for i := range buffers {
		buffers[i].Grow(1 << 20)
	}
	p := pprof.Lookup(name)
	// Both once before, so that what writing does first is done.
	p.WriteTo(&buffers[2], 1)
	p.WriteTo(&buffers[0], 0)
	buffers[0].Reset()
	p.WriteTo(&buffers[0], 0)
	p.WriteTo(&buffers[1], 1)
	base := filepath.Join(dir, filepath.Base(name))
	os.WriteFile(base+".debug0.pb.gz", buffers[0].Bytes(), 0o644)
	os.WriteFile(base+".debug1.txt", buffers[1].Bytes(), 0o644)
}

func main() {
	runtime.MemProfileRate = 4096
	dir := os.Args[1]
	os.MkdirAll(dir, 0o755)
	runtime.SetMutexProfileFraction(2)
	runtime.SetBlockProfileRate(1)
	allocate()
	contend()
	openAgain(3)
	open(7)
	for i := 0; i < 3; i++ {
		go func() { runtime.LockOSThread(); select {} }()
	}
	time.Sleep(20 * time.Millisecond)
	runtime.SetBlockProfileRate(0)
	runtime.GC()
	runtime.GC()
	debug.SetGCPercent(-1)
	for _, name := range []string{"heap", "allocs", "mutex", "block", "threadcreate", "example.com/textforms.handles"} {
		write(dir, name)
	}
}
