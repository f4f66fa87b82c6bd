package main

import (
	"context"
	"log"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"

	"example.com/shop/backup"
	"example.com/shop/events"
	"example.com/shop/images"
	"example.com/shop/ledger"
	"example.com/shop/payments"
	"example.com/shop/pricing"
	"example.com/shop/render"
	"example.com/shop/scanner"
	"example.com/shop/search"
)

// fault is what a start adds. hangs: it is started at once, also with -hold. files: RLIMIT_NOFILE.
type fault struct {
	hangs bool
	files uint64
	start func(*shop)
}

func (s *shop) startFaults(chosen map[string]bool, hangs bool) {
	for name := range chosen {
		if f := faults[name]; f.hangs == hangs {
			f.start(s)
		}
	}
}

var faults = map[string]fault{
	"deadlock": {hangs: true, start: func(s *shop) {
		loop(1, func() { s.book.Place(1, 1); s.book.Cancel(1) })
		loop(1, func() { s.stock.Recount(40) })
		loop(8, func() { s.book.Place(2, 1); time.Sleep(20 * time.Millisecond) })
	}},
	// Two readers' locks of one goroutine, and a writer in between.
	"deadlock-readers": {hangs: true, start: func(s *shop) {
		ids := make([]int, 40)
		loop(1, func() { s.table.Sum(ids) })
		loop(1, func() { s.table.Update(10, 10*time.Microsecond); time.Sleep(time.Millisecond) })
		loop(6, func() { s.table.Of(1); time.Sleep(20 * time.Millisecond) })
	}},
	"deadlock-self": {hangs: true, start: func(s *shop) {
		go s.carts.Merge("a", "b")
		loop(4, func() { s.carts.Count("c"); time.Sleep(20 * time.Millisecond) })
	}},
	"lost-unlock": {hangs: true, start: func(s *shop) {
		s.carts.Add("a", 1, 0)
		loop(6, func() { s.carts.Add("b", 1, 1); time.Sleep(20 * time.Millisecond) })
	}},
	// The bank takes the order and never answers.
	"silent-bank": {hangs: true, start: func(s *shop) { charge(8, -1) }},
	"slow-bank":   {start: func(s *shop) { charge(8, 1500*time.Millisecond) }},
	// A named pipe without a reader is a disk that does not answer.
	"hung-disk": {hangs: true, start: func(s *shop) {
		if err := syscall.Mkfifo("journal", 0o600); err != nil {
			log.Fatal(err)
		}
		j := backup.New("journal")
		loop(8, func() { j.Append("order") })
	}},

	// newShop ends the relay.
	"leak-senders": {hangs: true, start: func(s *shop) {
		loop(40, func() { s.outbox.Publish(events.Event{Kind: "view", ID: 1}) })
	}},
	"leak-timeout": {start: func(s *shop) {
		partner := &search.Federated{Answer: 100 * time.Millisecond}
		every(30, func() { go partner.First("oak", 20*time.Millisecond) })
	}},
	"leak-receivers": {start: func(s *shop) {
		every(8, func() { images.NewPool(3).Scale(s.picture) })
	}},
	"nil-channel": {hangs: true, start: func(s *shop) {
		for range 3 {
			go s.mail.Confirm()
		}
	}},
	"growth-watch": {start: func(s *shop) {
		every(40, func() { s.stock.Watch(context.Background(), 1, func(int) {}) })
	}},
	"growth-retry": {start: func(s *shop) {
		every(20, func() { go s.mail.Retry("thank you") })
	}},

	"memory-map": {start: func(s *shop) {
		id := 0
		every(150, func() { id++; s.sessions.Remember(id, "customer", []byte(render.Page(5, 4))) })
	}},
	"memory-log": {start: func(s *shop) {
		every(100, func() { s.audit.Record(s.daily.Products) })
	}},
	// 20 % more heap is the next collection: somebody wanted to save memory. What stays is 2 MB.
	"garbage": {start: func(s *shop) {
		debug.SetGCPercent(20)
		for range 20 {
			s.audit.Record(s.daily)
		}
		loop(2, func() { render.Page(5, 5) })
	}},

	"hot":        {start: func(s *shop) { loop(1, func() { pricing.BestBundle(cents, cents, 8000) }) }},
	"hot-regexp": {start: func(s *shop) { loop(1, func() { s.catalog.FindPattern("(oak|pine), no. [0-9]+0$", 30) }) }},
	"hot-json":   {start: func(s *shop) { loop(1, func() { s.daily.JSON() }) }},
	"starved":    {start: func(s *shop) { loop(48, s.mix) }},

	"contended": {start: func(s *shop) {
		quotes := pricing.NewQuotes(2 * time.Millisecond)
		loop(16, func() { quotes.Quote("EUR", 100); time.Sleep(3 * time.Millisecond) })
	}},
	"contended-cpu": {start: func(s *shop) {
		book, page := &ledger.Ledger{}, make([]byte, 512<<10)
		loop(12, func() { book.Append(page) })
	}},
	"contended-writer": {start: func(s *shop) {
		loop(1, func() { s.table.Update(10, 500*time.Microsecond); time.Sleep(5 * time.Millisecond) })
		loop(20, func() { s.table.Of(1); time.Sleep(time.Millisecond) })
	}},

	"threads-read": {start: func(s *shop) {
		for range 130 {
			if d, err := scanner.Open(); err == nil {
				go d.Read()
			}
		}
	}},
	"threads-sleep": {start: func(s *shop) { loop(120, new(scanner.Device).Poll) }},

	// Stop short of the limit: the server would be silent beyond.
	"files": {files: 256, start: func(s *shop) {
		n := 0
		more := func() {
			if n < 225 {
				s.spool.Start(n)
				n++
			}
		}
		for range 180 {
			more()
		}
		every(2, more)
	}},
	"sockets": {files: 512, start: func(s *shop) {
		var n atomic.Int32
		client := &http.Client{Transport: &http.Transport{}}
		more := func() {
			if n.Add(1) < 230 {
				payments.Reachable(client, s.url+"/health")
			}
		}
		for range 170 {
			more()
		}
		every(3, more)
	}},
}

func charge(n int, takes time.Duration) {
	address, err := payments.Bank(takes)
	if err != nil {
		log.Fatal(err)
	}
	bank, err := payments.Dial(address)
	if err != nil {
		log.Fatal(err)
	}
	loop(n, func() { bank.Charge("customer", 100) })
}
