package main

import (
	"regexp"
	"runtime"
	"strconv"
	"sync/atomic"
)

var sink atomic.Int64

//go:noinline
func Fib(n int) int {
	if n < 2 {
		return n
	}
	return Fib(n-1) + Fib(n-2)
}

func hotFunction() {
	go func() {
		for {
			sink.Add(int64(Fib(25)))
		}
	}()
}

//go:noinline
func ValidateEmail(s string) bool {
	return regexp.MustCompile(`^[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}$`).MatchString(s)
}

func regexpPerCall() {
	go func() {
		for i := 0; ; i++ {
			if ValidateEmail("user" + strconv.Itoa(i) + "@example.com") {
				sink.Add(1)
			}
		}
	}()
}

//go:noinline
func Mix(n uint64) uint64 {
	for range 20_000 {
		n = n*6364136223846793005 + 1442695040888963407
	}
	return n
}

// starvedCPU: many goroutines that could all run.
func starvedCPU() {
	for i := range 40 * runtime.GOMAXPROCS(0) {
		go func() {
			for {
				sink.Add(int64(Mix(uint64(i))))
			}
		}()
	}
}
