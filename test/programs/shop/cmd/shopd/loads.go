package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"example.com/shop/images"
	"example.com/shop/ledger"
	"example.com/shop/live"
	"example.com/shop/pricing"
	"example.com/shop/scanner"
)

// loads are healthy: each looks a little like one of the faults.
var loads = map[string]func(*shop){
	// Nearly no CPU time, all of it in one function.
	"idle": func(s *shop) { every(10, func() { loopFor(2*time.Millisecond, bundle) }) },
	"http": func(s *shop) { s.customers(4, 40) },
	"rush": func(s *shop) { s.customers(8, 80) },
	// One core and a half, in ten places.
	"busy": func(s *shop) {
		s.customers(2, 40)
		loop(1, s.mix)
		loop(1, func() { s.mix(); time.Sleep(12 * time.Millisecond) })
	},
	"cache":       cache,
	"connections": connections,
	// Fills 60 MB in about three seconds; then nothing is added.
	"warm": func(s *shop) {
		go func() {
			for i := range 3000 {
				s.sessions.Remember(i, "warm", page[:20<<10])
				time.Sleep(time.Millisecond)
			}
		}()
		s.customers(4, 40)
	},
	// Now 200 goroutines, now none.
	"bursts": func(s *shop) {
		every(2, func() {
			for range 200 {
				go func() {
					time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
					s.catalog.Find("steel", 3)
				}()
			}
		})
	},
	// One lock for all, often, but for moments.
	"locks": func(s *shop) {
		s.customers(2, 40)
		loop(8, func() {
			for range 2000 {
				s.quotes.Cached("EUR", 100)
			}
			time.Sleep(5 * time.Millisecond)
		})
	},
	"waiting": waiting,
	// 40 MB that stay, and 4 MB that come and go every two seconds.
	"sawtooth": func(s *shop) {
		for i := range 2000 {
			s.sessions.Remember(i, "stays", page[:20<<10])
		}
		n := 0
		every(100, func() {
			if s.sessions.Remember(2000+n, "goes", page[:20<<10]); n == 200 {
				for ; n >= 0; n-- {
					s.sessions.Forget(2000 + n)
				}
			}
			n++
		})
		s.customers(4, 40)
	},
	// Some files stay open, others come and go.
	"spool": func(s *shop) {
		for i := range 60 {
			s.spool.Start(i)
		}
		every(50, func() {
			i := 100 + rand.IntN(10)
			s.spool.Done(i)
			s.spool.Start(i)
		})
		s.customers(4, 40)
	},
}

// cache keeps 48 MB, and replaces 8 MB of it a second.
func cache(s *shop) {
	const entries = 12_000
	for i := range entries {
		s.sessions.Remember(i, "cached", page[:4<<10])
	}
	every(500, func() {
		for range 4 {
			s.sessions.Remember(rand.IntN(entries), "cached", page[:4<<10])
		}
	})
	s.customers(4, 40)
}

// connections are browsers that keep theirs open, and a large pool of workers without work.
func connections(s *shop) {
	address := strings.TrimPrefix(s.url, "http://")
	for range 1000 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			break
		}
		fmt.Fprintf(conn, "GET /health HTTP/1.1\r\nHost: shop\r\n\r\n")
		browsers = append(browsers, conn)
	}
	s.pool = images.NewPool(1000)
	s.customers(4, 40)
}

// browsers keeps connections from the finalizer.
var browsers []net.Conn

// waiting are long polls, subscriptions and devices: minutes without news are no fault.
func waiting(s *shop) {
	hub := live.NewHub()
	for range 100 {
		go live.Poll(context.Background(), hub.Subscribe(), 10*time.Minute)
	}
	for range 40 {
		go live.Follow(hub.Subscribe())
	}
	for range 10 {
		go hub.Beyond(0)
	}
	for range 6 {
		if d, err := scanner.Open(); err == nil {
			go d.Read()
		}
	}
	go func() {
		for range time.Tick(8 * time.Minute) {
			hub.Tell()
		}
	}()
	s.customers(2, 20)
}

func bundle() { pricing.BestBundle(cents, cents, 4000) }

var cents = func() (c []int) {
	for i := range 40 {
		c = append(c, 90+i*31)
	}
	return c
}()

var page = []byte(strings.Repeat("<p>a page</p>\n", 2400))

// mix gives each of ten things two milliseconds.
func (s *shop) mix() {
	for _, task := range []func(){
		bundle,
		func() { images.Scale(s.picture, 4) },
		func() { ledger.Sum([32]byte{}, page) },
		func() { s.catalog.Ranked(300) },
		func() { s.catalog.Find("nowhere", 1) },
		func() { s.daily.JSON() },
		func() { s.daily.Squeeze() },
		digits,
		primes,
		func() { strings.Count(s.picturePage(), "a") },
	} {
		loopFor(2*time.Millisecond, task)
	}
}

func loopFor(d time.Duration, f func()) {
	for start := time.Now(); time.Since(start) < d; {
		f()
	}
}

//go:noinline
func digits() {
	n := 0
	for i := range 3000 {
		for k := i; k > 0; k /= 10 {
			n += k % 10
		}
	}
	sink = n
}

//go:noinline
func primes() {
	n := 0
	for i := 2; i < 600; i++ {
		prime := true
		for k := 2; k*k <= i && prime; k++ {
			prime = i%k != 0
		}
		if prime {
			n++
		}
	}
	sink = n
}

func (s *shop) picturePage() string { return strings.ToUpper(string(s.picture.Pix)) }

// sink keeps results from being optimised away.
var sink int
