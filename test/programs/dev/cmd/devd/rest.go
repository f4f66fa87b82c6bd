package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"example.com/dev/health"
	"example.com/dev/leak"
	"example.com/dev/netx"
	"example.com/dev/rec"
)

func handoff() {
	b := leak.NewBaton()
	src := make(chan []byte)
	spawn("begin", func() { b.Begin(src) })
	held("Baton.mu", "complete", "chan receive")
	rec.AwaitGone("begin")
	herd(3, "size", "Baton.mu", muWait, func(int) { b.Size() })
	rec.Note("handoff", "begin took the lock and is gone; complete must give it back")
}

func init() {
	scenarios["handoff_alive"] = func() {
		b := leak.NewBaton()
		src := make(chan []byte)
		spawn("begin", func() {
			b.Begin(src)
			time.Sleep(time.Hour)
		})
		held("Baton.mu", "complete", "chan receive")
		rec.Await("sleep", "begin")
		rec.Idle("begin")
		herd(3, "size", "Baton.mu", muWait, func(int) { b.Size() })
		rec.Note("handoff", "begin took the lock and lives on; complete must give it back")
	}
	scenarios["leak_early_return"] = func() {
		q := leak.NewQuota(3)
		spawn("taker", func() {
			for q.Take("bob", 2) == nil {
			}
		})
		rec.AwaitGone("taker")
		rec.ObjNote("Quota.mu", "leaked: Take returned without Unlock, its goroutine is gone")
		herd(5, "used", "Quota.mu", muWait, func(int) { q.Used("bob") })
	}
	scenarios["leak_taker_lives"] = func() {
		q := leak.NewQuota(3)
		next := make(chan int)
		spawn("taker", func() {
			for q.Take("bob", 2) == nil {
			}
			<-next
		})
		rec.Await("chan receive", "taker")
		rec.ObjNote("Quota.mu", "leaked: Take returned without Unlock; its goroutine does other things")
		herd(5, "used", "Quota.mu", muWait, func(int) { q.Used("bob") })
		rec.Note("arguable", "taker took the lock and waits elsewhere: in neither list")
	}
	scenarios["leak_panic"] = func() {
		c := leak.NewCodec()
		go c.Serve("serve", 4)
		rec.AwaitGone("serve")
		rec.ObjNote("Codec.rw", "leaked: a recovered panic kept the read lock")
		herd(1, "register", "Codec.rw", wWait, func(int) { c.Register(4, nil) })
		herd(3, "decode", "Codec.rw", rWait, func(int) { c.Decode(5, nil) })
	}
	scenarios["leak_goexit"] = func() {
		q := leak.NewQuota(3)
		go q.Abort("abort")
		rec.AwaitGone("abort")
		rec.ObjNote("Quota.mu", "leaked: Goexit without Unlock")
		herd(2, "take", "Quota.mu", muWait, func(int) { q.Take("x", 1) })
	}
	scenarios["chan_leak_race"] = func() {
		spawn("asker", func() {
			leak.Race(200, func(i int) string { time.Sleep(time.Duration(i) * time.Millisecond / 4); return fmt.Sprint(i) })
		})
		rec.AwaitGone("asker")
		time.Sleep(beat)
		rec.Await("chan send", rec.Range("ask", 200)[1:]...)
		rec.AwaitGone("ask00")
		rec.Obj("ch", "chan", nil)
		rec.ObjNote("ch", "senders without receiver; creator gone")
		rec.Leaked(rec.Range("ask", 200)[1:]...)
		rec.Note("leaked", "all ask* but the first, which is gone")
	}
	scenarios["chan_leak_range"] = func() {
		leak.Workers(4)
		rec.Await("chan receive", rec.Range("ranger", 4)...)
		rec.Leaked("ranger*")
		rec.Note("arguable", "receivers of a channel that nobody has: looks like an idle pool; in neither list")
	}
	scenarios["nil_chan"] = func() {
		l := &leak.Lazy{}
		spawn("wait", l.Wait)
		spawn("finish", func() { l.Finish(1) })
		rec.Await("chan receive (nil chan)", "wait")
		rec.Await("chan send (nil chan)", "finish")
		rec.Stuck("wait", "finish")
	}
	scenarios["ctx_never"] = func() {
		for i := 0; i < 25; i++ {
			ctx, cancel := context.WithCancel(context.Background())
			go leak.Watch(ctx, rec.N("watch", i), make(chan time.Time))
			_ = cancel
		}
		rec.Await("select", rec.Range("watch", 25)...)
		rec.Leaked("watch*")
		rec.Note("arguable", "select loops of requests that ended: in neither list")
	}
	scenarios["iopipe_noreader"] = func() {
		_, w := io.Pipe()
		spawn("pump", func() { netx.Pump(w, []string{"a", "b"}) })
		rec.Await("select", "pump")
		rec.Leaked("pump")
		rec.Note("arguable", "writer of an io.Pipe nobody reads: in neither list")
	}
	scenarios["logger_stderr"] = func() {
		r, w, _ := os.Pipe()
		pin = append(pin, r)
		a := netx.NewAudit(w)
		rec.Obj("log.outMu", "Mutex", nil)
		for i := 0; i < 5; i++ {
			spawn(rec.N("log", i), func() {
				for k := 0; ; k++ {
					a.Record("user", "login", k)
				}
			})
		}
		// one of them is in Write, the others wait for it
		writer := rec.Split("IO wait", muWait, rec.Range("log", 5))
		rec.Hold("log.outMu", writer...)
		rec.Root(writer...)
		rec.Stuck("log*")
		for i := 0; i < 5; i++ {
			if n := rec.N("log", i); n != writer[0] {
				rec.Wait("log.outMu", n)
			}
		}
	}
	healthy := map[string]func(){
		"healthy_web":     func() { health.Web(10) },
		"healthy_batch":   health.Batch,
		"healthy_udp":     func() { health.UDP(6) },
		"healthy_conns":   func() { health.Conns(40, true) },
		"healthy_web_udp": func() { health.Web(3); health.UDP(2); health.Batch() },
	}
	if os.Getenv("BIG") != "" {
		healthy["healthy_conns10k"] = func() { health.Listen10k(10000) }
	}
	for n, f := range healthy {
		scenarios[n] = func() {
			f()
			rec.AutoIdle()
			rec.Note("verdict", "nothing hangs")
			time.Sleep(beat)
		}
	}
	scenarios["young_contention"] = func() {
		health.Contend(40)
		rec.Young()
		rec.AutoIdle()
		rec.Idle("adder*")
		rec.Note("verdict", "a busy lock that moves: nothing hangs")
		time.Sleep(beat)
	}
	scenarios["young_contention_rw"] = func() {
		health.ContendRW(30, 3)
		rec.Young()
		rec.AutoIdle()
		rec.Idle("quote*", "update*")
		rec.Note("verdict", "a busy lock that moves: nothing hangs")
		time.Sleep(beat)
	}
}
