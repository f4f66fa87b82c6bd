// What happens in the server, so that no profile of it is empty.
package main

import (
	"context"
	"crypto/sha256"
	"expvar"
	"os"
	"runtime/pprof"
	"slices"
	"sync"
	"time"
)

var (
	handles = pprof.NewProfile("example.com/server.openHandles")
	rounds  = expvar.NewInt("rounds")
	counter struct {
		sync.Mutex
		of map[string]int
	}
	leaked struct {
		sync.Mutex
		pages [][]byte
	}
)

func startWork(busy float64) {
	counter.of = map[string]int{}
	go work("hash", "0", busy/2, hotHash)
	go work("sort", "1", busy/2, hotSort)
	for range 4 {
		go contend()
	}
	go leak()
	go deadlock()
	go deadlock()
	open(3)
	full := make(chan int, 1)
	full <- 0
	for range 5 {
		go leakedSender(full)
	}
	never := make(chan int) // nobody else has it: the goroutine that waits for it can never go on
	go leakedSender(never)
}

// work keeps the CPU busy for a share of each 20 ms, under two labels.
func work(kind, worker string, share float64, hot func()) {
	pprof.Do(context.Background(), pprof.Labels("kind", kind, "worker", worker), func(context.Context) {
		const period = 20 * time.Millisecond
		for {
			end := time.Now().Add(time.Duration(share * float64(period)))
			for time.Now().Before(end) {
				hot()
				rounds.Add(1)
			}
			time.Sleep(period - time.Duration(share*float64(period)))
		}
	})
}

//go:noinline
func hotHash() {
	sum := sha256.Sum256([]byte("tspprof"))
	for range 200 {
		sum = sha256.Sum256(sum[:])
	}
}

//go:noinline
func hotSort() {
	list := make([]int, 2000)
	for i := range list {
		list[i] = i * 7919 % 2003
	}
	slices.Sort(list)
}

// contend holds a lock that three others wait for.
func contend() {
	for {
		counter.Lock()
		counter.of["turns"]++
		time.Sleep(2 * time.Millisecond)
		counter.Unlock()
	}
}

// leak keeps 64 KiB more ten times a second, 64 MiB at most.
func leak() {
	for range time.Tick(100 * time.Millisecond) {
		leaked.Lock()
		if len(leaked.pages) < 1024 {
			leaked.pages = append(leaked.pages, make([]byte, 64<<10))
		}
		leaked.Unlock()
	}
}

// deadlock: two goroutines take two locks the other way round.
func deadlock() {
	var a, b sync.Mutex
	var both sync.WaitGroup
	both.Add(2)
	lock := func(first, second *sync.Mutex) {
		first.Lock()
		both.Done()
		both.Wait()
		second.Lock()
	}
	go lock(&a, &b)
	lock(&b, &a)
}

//go:noinline
func leakedSender(to chan<- int) { to <- 1 }

func open(count int) {
	for range count {
		if file, err := os.Open(os.DevNull); err == nil {
			handles.Add(file, 1)
		}
	}
}
