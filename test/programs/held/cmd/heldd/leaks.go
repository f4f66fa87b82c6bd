package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"example.com/held/fault"
	"example.com/held/render"
	"example.com/held/sched"
	"example.com/held/wire"
	"example.com/held/witness"
)

func leakScenes() []scene {
	return []scene{
		{"parser_leak", func() {
			p := fault.NewParser()
			witness.Go("feed", func() { p.Feed([]string{"a", "b", "!c", "d"}) })
			witness.AwaitGone("feed")
			witness.ObjNote("Parser.mu", "leaked by the branch for bad lines; its goroutine is gone")
			crowd("Parser.mu", inMutex, "stats", 4, func(int) { p.Stats() })
		}},
		{"parser_leak_self", func() {
			p := fault.NewParser()
			witness.Go("feed", func() {
				for range 3 {
					p.Feed([]string{"a", "!c"})
				}
			})
			witness.Await(inMutex, "feed")
			witness.ObjNote("Parser.mu", "leaked by feed itself, which then waits for it: a deadlock with itself, but no frame shows it")
			witness.Wait("Parser.mu", "feed")
			witness.Stuck("feed")
			crowd("Parser.mu", inMutex, "stats", 4, func(int) { p.Stats() })
			witness.Note("arguable", "feed leaked the lock in an earlier call; its stack shows one Lock only")
		}},
		{"routes_leak", func() {
			r := fault.NewRoutes()
			reqs := make(chan string)
			go r.Serve("serve", reqs)
			for _, p := range []string{"/", "/nope", "/"} {
				reqs <- p
			}
			witness.Await("chan receive", "serve")
			witness.ObjNote("Routes", "leaked read lock; its goroutine serves on")
			crowd("Routes", inWrite, "set", 1, func(int) { r.Set("/x", "y") })
			crowd("Routes", inRead, "resolve", 6, func(int) { r.Resolve("/") })
			witness.Note("arguable", "serve leaked the lock and waits for requests: in neither list")
		}},
		{"crash_handler", func() {
			c := render.NewCrash()
			addr := render.Serve(c)
			_, err := http.Get("http://" + addr + "/a?role=crashed")
			if err == nil {
				panic("no crash")
			}
			witness.AwaitGone("crashed")
			witness.ObjNote("Crash.mu", "leaked by a handler that panicked; gone")
			for i := range 3 {
				go http.Get(fmt.Sprintf("http://%s/b?role=req%02d", addr, i))
			}
			witness.Await(inMutex, witness.Range("req", 3)...)
			witness.Wait("Crash.mu", witness.Range("req", 3)...)
			witness.Stuck(witness.Range("req", 3)...)
		}},
		{"ticket_lost", func() {
			d := sched.NewDesk()
			witness.Go("window", func() { d.Reserve() })
			witness.AwaitGone("window")
			witness.ObjNote("Desk.mu", "leaked: the ticket was thrown away, window is gone")
			crowd("Desk.mu", inMutex, "sold", 5, func(int) { d.Sold() })
		}},
		{"lock_exits_other_busy", func() {
			// the one who leaked is gone; another goroutine in a method of the same object is innocent
			d := sched.NewDesk()
			witness.Go("window", func() { d.Reserve() })
			witness.AwaitGone("window")
			line := make(chan sched.Ticket)
			witness.Go("clerk", func() { sched.Process(line, func(int) {}) })
			witness.Await("chan receive", "clerk")
			witness.Idle("clerk")
			witness.ObjNote("Desk.mu", "leaked: window is gone")
			crowd("Desk.mu", inMutex, "sold", 2, func(int) { d.Sold() })
			crowd("Desk.mu", inMutex, "reserve", 2, func(int) { d.Reserve() })
		}},
		{"timeout_leak", func() {
			witness.Go("caller", func() {
				for i := range 60 {
					fault.WithTimeout(time.Millisecond, witness.N("late", i), func() int { time.Sleep(50 * time.Millisecond); return i })
				}
			})
			witness.AwaitGone("caller")
			witness.Await("chan send", witness.Range("late", 60)...)
			witness.Leaked("late*")
			witness.Obj("ch", "chan", nil)
			witness.ObjNote("ch", "each sends to a channel of its own that nobody reads")
		}},
		{"pipeline_leak", func() {
			src := make(chan int)
			a := fault.Stage("stage1", src, func(v int) int { return v + 1 })
			b := fault.Stage("stage2", a, func(v int) int { return v * 2 })
			c := fault.Stage("stage3", b, func(v int) int { return -v })
			src <- 1
			<-c
			witness.Await("chan receive", "stage1", "stage2", "stage3")
			witness.Leaked("stage*")
			witness.Note("arguable", "the source was never closed; looks like a waiting pipeline: in neither list")
		}},
		{"pipeline_blocked", func() {
			src := make(chan int)
			a := fault.Stage("stage1", src, func(v int) int { return v + 1 })
			b := fault.Stage("stage2", a, func(v int) int { return v * 2 })
			_ = b
			witness.Go("source", func() {
				for i := 0; ; i++ {
					src <- i
				}
			})
			witness.Await("chan send", "source", "stage1", "stage2")
			witness.Leaked("source", "stage1", "stage2")
			witness.Note("leaked", "nobody reads from the last stage")
		}},
		{"nil_mailbox", func() {
			m := fault.Mailboxes{}
			witness.Go("post", func() { m.Post("nobody", "hi") })
			witness.Go("either", func() { m.Either("a", "b") })
			witness.Await("chan send (nil chan)", "post")
			witness.Await("select", "either")
			witness.Stuck("post")
			witness.Leaked("either")
			witness.Note("arguable", "either selects over nil channels only, which the dump does not show: in neither list")
		}},
		{"ctx_follow", func() {
			for i := range 40 {
				ctx, cancel := context.WithCancel(context.WithValue(context.Background(), http.ServerContextKey, i))
				_ = cancel
				fault.Follow(ctx, witness.N("follow", i))
			}
			witness.Await("chan receive", witness.Range("follow", 40)...)
			witness.Leaked("follow*")
			witness.Note("arguable", "contexts of requests that ended without cancel: in neither list")
		}},
		{"dump_pipe", func() {
			r, w := io.Pipe()
			wire.Keep = append(wire.Keep, r)
			witness.Go("dump", func() { wire.Dump(w, make([]int, 100000)) })
			witness.Await("select", "dump")
			witness.Leaked("dump")
			witness.Note("arguable", "writer of an io.Pipe that nobody reads: in neither list")
		}},
		{"cond_full", func() {
			b := sched.NewBuffer(2)
			witness.Obj("Buffer.notFull", "Cond", nil)
			witness.Go("producer", func() {
				for i := 0; ; i++ {
					b.Put(i)
				}
			})
			witness.Await("sync.Cond.Wait", "producer")
			witness.Wait("Buffer.notFull", "producer")
			witness.ObjNote("Buffer.notFull", "all consumers are gone")
			witness.Note("arguable", "producer waits for room that nobody makes: in neither list")
		}},
	}
}
