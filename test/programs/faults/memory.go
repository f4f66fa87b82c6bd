package main

import (
	"os"
	"runtime"
	"syscall"
	"time"
)

type Record struct {
	next    *Record
	payload []byte
}

var records *Record

//go:noinline
func Remember(n int) { records = &Record{records, make([]byte, n)} }

// memoryLeak: 8 MB/s that stay.
func memoryLeak() {
	go func() {
		for {
			for range 20 {
				Remember(4096)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
}

type Pair struct{ left, right *Pair }

//go:noinline
func BuildTree(depth int) *Pair {
	if depth == 0 {
		return &Pair{}
	}
	return &Pair{BuildTree(depth - 1), BuildTree(depth - 1)}
}

var kept *Pair

// gcPressure: many small short-lived objects.
func gcPressure() {
	for range runtime.GOMAXPROCS(0) {
		go func() {
			for {
				kept = BuildTree(14)
			}
		}()
	}
}

//go:noinline
func ReadPipe(fd int) {
	var b [1]byte
	syscall.Read(fd, b[:])
}

// threadsInSyscalls: each holds a thread.
func threadsInSyscalls() {
	for range 150 {
		var fds [2]int
		if err := syscall.Pipe(fds[:]); err != nil {
			panic(err)
		}
		go ReadPipe(fds[0])
	}
}

var open []*os.File

//go:noinline
func OpenTemplate() {
	file, err := os.Open("/dev/null")
	if err == nil {
		open = append(open, file)
	}
}

// fileLeak: files that nobody closes, up to nine tenths of what is allowed.
func fileLeak() {
	limit := syscall.Rlimit{Cur: 1024, Max: 1024}
	syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	for range 850 {
		OpenTemplate()
	}
	go func() {
		for len(open) < 960 {
			OpenTemplate()
			time.Sleep(60 * time.Millisecond)
		}
	}()
}
