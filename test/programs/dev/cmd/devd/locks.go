package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"example.com/dev/bank"
	"example.com/dev/cache"
	"example.com/dev/engine"
	"example.com/dev/events"
	"example.com/dev/fleet"
	"example.com/dev/glob"
	"example.com/dev/jobs"
	"example.com/dev/kv"
	"example.com/dev/limit"
	"example.com/dev/netx"
	"example.com/dev/ptrs"
	"example.com/dev/queue"
	"example.com/dev/rec"
	"example.com/dev/session"
	"example.com/dev/shard"
	"example.com/dev/table"
)

const (
	muWait = "sync.Mutex.Lock"
	rWait  = "sync.RWMutex.RLock"
	wWait  = "sync.RWMutex.Lock"
	beat   = 600 * time.Millisecond
)

func spawn(role string, f func()) {
	go func() {
		rec.Me(role)
		f()
	}()
}

// herd starts n waiters for an object and marks them.
func herd(n int, role, obj, state string, f func(i int)) {
	for i := 0; i < n; i++ {
		go func() {
			rec.Me(rec.N(role, i))
			f(i)
		}()
	}
	rec.Await(state, rec.Range(role, n)...)
	rec.Wait(obj, rec.Range(role, n)...)
	rec.Stuck(rec.Range(role, n)...)
}

// held says that role holds the object, hangs in the state and is the root.
func held(obj, role, state string) {
	rec.Await(state, role)
	rec.Hold(obj, role)
	rec.Root(role)
	rec.Stuck(role)
}

func init() {
	scenarios["bank_abba"] = func() {
		b := bank.New(beat, bank.NewAccount("alice", 900), bank.NewAccount("bob", 500))
		spawn("t1", func() { b.Transfer("alice", "bob", 10, "rent") })
		spawn("t2", func() { b.Transfer("bob", "alice", 20, "car") })
		rec.Await(muWait, "t1", "t2")
		ask := make(chan struct{}, 1)
		go b.Statement("teller", "bob", ask)
		ask <- struct{}{}
		rec.Await(muWait, "teller")
		herd(3, "audit", "account.alice", muWait, func(int) { b.Account("alice").Balance() })
		rec.Hold("account.alice", "t1")
		rec.Wait("account.alice", "t2")
		rec.Hold("account.bob", "t2")
		rec.Wait("account.bob", "t1", "teller")
		rec.Cycle("t1", "t2")
		rec.Stuck("t1", "t2", "teller")
	}
	scenarios["managers_cross"] = func() {
		n, j := fleet.New()
		spawn("drain", func() { n.Drain("n1", beat) })
		spawn("submit", func() { j.Submit("build", beat) })
		rec.Await(muWait, "drain")
		rec.Await(rWait, "submit")
		herd(2, "len", "Jobs.mtx", muWait, func(int) { j.Len() })
		herd(4, "least", "Nodes.lock", rWait, func(int) { n.Least() })
		rec.Hold("Nodes.lock", "drain")
		rec.Wait("Nodes.lock", "submit")
		rec.Hold("Jobs.mtx", "submit")
		rec.Wait("Jobs.mtx", "drain")
		rec.Cycle("drain", "submit")
		rec.Stuck("drain", "submit")
	}
	scenarios["observer_self"] = func() {
		b := events.NewBus()
		b.Subscribe("tick", func(e events.Event) error { b.Drop(e.Topic); return nil })
		spawn("pub", func() { b.Publish("tick", []byte("x")) })
		rec.Await(muWait, "pub")
		herd(3, "late", "Bus.mu", muWait, func(int) { b.Publish("tock", nil) })
		rec.Hold("Bus.mu", "pub")
		rec.Wait("Bus.mu", "pub")
		rec.Cycle("pub")
		rec.Stuck("pub")
	}
	scenarios["observer_abba"] = func() {
		b := events.NewBus()
		s := events.NewStore(b, beat)
		b.Subscribe("refresh", s.Mirror)
		spawn("setter", func() { s.Set("k", "v") })
		spawn("refresh", func() { b.Publish("refresh", []byte("k")) })
		rec.Await(muWait, "setter")
		rec.Await(rWait, "refresh")
		herd(5, "get", "Store.mu", rWait, func(int) { s.Get("k") })
		rec.Hold("Store.mu", "setter")
		rec.Wait("Store.mu", "refresh")
		rec.Hold("Bus.mu", "refresh")
		rec.Wait("Bus.mu", "setter")
		rec.Cycle("setter", "refresh")
		rec.Stuck("setter", "refresh")
	}
	scenarios["philosophers3"] = func() { philosophers(3) }
	scenarios["philosophers5"] = func() { philosophers(5) }
	scenarios["container_state"] = func() {
		d := engine.NewDaemon(beat, "c1")
		spawn("stop", func() { d.Stop("c1", 10) })
		spawn("prune", func() { d.Prune(nil) })
		rec.Await(muWait, "stop", "prune")
		herd(6, "inspect", "state.c1", muWait, func(int) { d.Inspect("c1") })
		rec.Hold("state.c1", "stop")
		rec.Wait("state.c1", "prune")
		rec.Hold("ctl.guard", "prune")
		rec.Wait("ctl.guard", "stop")
		rec.Cycle("stop", "prune")
		rec.Stuck("stop", "prune")
	}
	scenarios["state_attach"] = func() {
		d := engine.NewDaemon(0, "c1", "c2")
		ch := make(chan []byte)
		spawn("attach", func() { d.Attach("c1", ch) })
		held("state.c1", "attach", "chan receive")
		spawn("prune", func() { d.Prune(nil) })
		rec.Await(muWait, "prune")
		rec.Hold("ctl.guard", "prune")
		rec.Wait("state.c1", "prune")
		herd(2, "inspect", "state.c1", muWait, func(int) { d.Inspect("c1") })
		spawn("stop2", func() { d.Stop("c2", 10) })
		rec.Await(muWait, "stop2")
		rec.Wait("ctl.guard", "stop2")
		rec.Hold("state.c2", "stop2")
		herd(2, "look", "state.c2", muWait, func(int) { d.Inspect("c2") })
		rec.Stuck("prune", "stop2")
	}
	scenarios["rw_reader_chan"] = func() {
		answer := make(chan string)
		c := cache.New("users", func(ctx context.Context, k int) (string, error) { return <-answer, nil })
		spawn("reader", func() { c.Get(context.Background(), 7) })
		held("users.mu", "reader", "chan receive")
		herd(1, "writer", "users.mu", wWait, func(i int) { c.Put(i, "x", time.Minute) })
		herd(8, "len", "users.mu", rWait, func(int) { c.Len() })
	}
	scenarios["rw_reader_io"] = func() {
		addr := netx.Silent("silent")
		conn, _ := net.Dial("tcp", addr)
		c := cache.New("blobs", func(ctx context.Context, k string) ([]byte, error) {
			b := make([]byte, 64)
			_, err := io.ReadFull(conn, b)
			return b, err
		})
		spawn("reader", func() { c.Get(context.Background(), "logo.png") })
		held("blobs.mu", "reader", "IO wait")
		go c.Sweep(20*time.Millisecond, nil)
		rec.Await(wWait, "sweeper")
		rec.Wait("blobs.mu", "sweeper")
		rec.Stuck("sweeper")
		rec.Idle("silent")
		herd(12, "get", "blobs.mu", rWait, func(int) { c.Get(context.Background(), "logo.png") })
	}
	scenarios["rw_reader_sleep"] = func() {
		c := cache.New("geo", func(ctx context.Context, k [2]float64) (int, error) { time.Sleep(time.Hour); return 1, nil })
		for i := 0; i < 2; i++ {
			spawn(rec.N("reader", i), func() { c.Get(context.Background(), [2]float64{1, float64(i)}) })
		}
		rec.Await("sleep", "reader00", "reader01")
		rec.Hold("geo.mu", "reader00", "reader01")
		rec.Root("reader00", "reader01")
		rec.Stuck("reader00", "reader01")
		herd(1, "put", "geo.mu", wWait, func(i int) { c.Put([2]float64{}, 1, time.Second) })
		herd(3, "len", "geo.mu", rWait, func(i int) { c.Len() })
	}
	scenarios["generic_refill"] = func() {
		hold := make(chan int)
		c := cache.New("sku", func(ctx context.Context, k string) (int, error) {
			select {
			case v := <-hold:
				return v, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		})
		spawn("refill", func() { c.Refill(context.Background(), "apple") })
		held("sku.mu", "refill", "select")
		herd(9, "get", "sku.mu", rWait, func(int) { c.Get(context.Background(), "pear") })
		herd(2, "put", "sku.mu", wWait+"|"+muWait, func(int) { c.Put("kiwi", 3, time.Minute) })
	}
	scenarios["rw_recursive_join"] = func() {
		t := kv.Open()
		spawn("join", func() { t.Join([]string{"a", "b"}, 2*beat) })
		rec.Await("sleep", "join")
		herd(1, "put", "Table", wWait, func(int) { t.Put("c", "3") })
		rec.Await(rWait, "join")
		herd(3, "get", "Table", rWait, func(int) { t.Get("a") })
		rec.Hold("Table", "join")
		rec.Wait("Table", "join")
		rec.Cycle("join", "put00")
		rec.Stuck("join")
	}
	scenarios["rw_upgrade"] = func() {
		t := kv.Open()
		spawn("upgrade", func() { t.GetOrPut("new", "1") })
		rec.Await(wWait, "upgrade")
		herd(6, "get", "Table", rWait, func(int) { t.Get("a") })
		rec.Hold("Table", "upgrade")
		rec.Wait("Table", "upgrade")
		rec.Cycle("upgrade")
		rec.Stuck("upgrade")
	}
	scenarios["self_helper"] = func() {
		l := kv.NewLog("/var/log/x")
		spawn("append", func() {
			for i := 0; i < 10; i++ {
				l.Append("line")
			}
		})
		rec.Await(muWait, "append")
		herd(2, "size", "Log.mu", muWait, func(int) { l.Size() })
		rec.Hold("Log.mu", "append")
		rec.Wait("Log.mu", "append")
		rec.Cycle("append")
		rec.Stuck("append")
	}
	scenarios["self_alone"] = func() {
		l := kv.NewLog("/var/log/y")
		spawn("append", func() {
			for i := 0; i < 10; i++ {
				l.Append("line")
			}
		})
		rec.Await(muWait, "append")
		rec.Hold("Log.mu", "append")
		rec.Wait("Log.mu", "append")
		rec.Cycle("append")
		rec.Stuck("append")
	}
	scenarios["io_netread"] = func() {
		c, _ := netx.Dial(netx.Silent("silent"))
		spawn("call", func() { c.Call(7) })
		held("Client.mu", "call", "IO wait")
		herd(10, "more", "Client.mu", muWait, func(i int) { c.Call(uint32(i)) })
		rec.Idle("silent")
	}
	scenarios["io_netwrite"] = func() {
		c, _ := netx.Dial(netx.Silent("silent"))
		spawn("upload", func() { c.Upload(make([]byte, 64<<20)) })
		held("Client.mu", "upload", "IO wait")
		herd(3, "call", "Client.mu", muWait, func(i int) { c.Call(uint32(i)) })
		rec.Idle("silent")
	}
	scenarios["io_http"] = func() {
		l, _ := net.Listen("tcp", "127.0.0.1:0")
		go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec.Me("handler")
			<-r.Context().Done()
		}))
		m := netx.NewMetadata("http://" + l.Addr().String())
		spawn("lookup", func() { m.Lookup("region") })
		held("Metadata.lk", "lookup", "select")
		rec.Await("chan receive", "handler")
		herd(7, "cached", "Metadata.lk", rWait, func(int) { m.Cached("zone") })
		herd(1, "lookup2", "Metadata.lk", wWait+"|"+muWait, func(int) { m.Lookup("zone") })
	}
	scenarios["io_pipe"] = func() {
		p, w := netx.NewPlugin("fmt")
		pin = append(pin, w)
		spawn("next", func() { p.Next() })
		held("Plugin.mu", "next", "IO wait")
		herd(2, "next2", "Plugin.mu", muWait, func(int) { p.Next() })
		go netx.Beat("beat", 100*time.Millisecond)
		rec.Await("chan receive", "beat")
		rec.Idle("beat")
	}
	scenarios["syscall_flock"] = func() {
		path := os.TempDir() + "/dev-flock-" + time.Now().Format("150405.000000")
		other := netx.OpenLockfile(path)
		other.Acquire()
		f := netx.OpenLockfile(path)
		defer os.Remove(path)
		spawn("flock", func() { f.Acquire() })
		held("Lockfile.mu", "flock", "syscall")
		herd(4, "flock2", "Lockfile.mu", muWait, func(int) { f.Acquire() })
	}
	scenarios["chan_send_holder"] = func() {
		d := queue.NewDispatcher(2)
		spawn("send", func() {
			for i := 0; i < 5; i++ {
				d.Send(queue.Msg{ID: i})
			}
		})
		held("Dispatcher.mu", "send", "chan send")
		herd(4, "pending", "Dispatcher.mu", muWait, func(int) { d.Pending() })
		herd(2, "forget", "Dispatcher.mu", muWait, func(i int) { d.Forget(i) })
	}
	scenarios["chan_recv_holder"] = func() {
		d := queue.NewDispatcher(2)
		spawn("confirm", func() { d.Confirm(1) })
		held("Dispatcher.mu", "confirm", "chan receive")
		herd(3, "send", "Dispatcher.mu", muWait, func(i int) { d.Send(queue.Msg{ID: i}) })
	}
	scenarios["select_holder"] = func() {
		d := queue.NewDispatcher(0)
		spawn("sendctx", func() { d.SendContext(context.Background(), queue.Msg{ID: 1}) })
		held("Dispatcher.mu", "sendctx", "select")
		herd(3, "sendctx2", "Dispatcher.mu", muWait, func(i int) { d.SendContext(context.Background(), queue.Msg{ID: i}) })
		herd(1, "pending", "Dispatcher.mu", muWait, func(int) { d.Pending() })
	}
	scenarios["sleep_holder"] = func() {
		s := jobs.NewSched()
		spawn("backoff", func() { s.Backoff(3) })
		held("Sched.mu", "backoff", "sleep")
		herd(5, "when", "Sched.mu", muWait, func(int) { s.When() })
	}
	scenarios["busy_holder"] = func() {
		s := jobs.NewSched()
		spawn("solve", func() { s.Solve(42, func(x uint64) bool { return x == 0 }) })
		rec.Await("run", "solve")
		time.Sleep(beat)
		rec.Hold("Sched.mu", "solve")
		rec.Root("solve")
		rec.Note("arguable", "solve computes: in neither list; with SIGQUIT its stack may be unavailable")
		herd(5, "when", "Sched.mu", muWait, func(int) { s.When() })
	}
	scenarios["wg_holder"] = func() {
		r := jobs.NewRunner(3)
		block := make(chan int)
		spawn("flush", func() {
			r.Flush(func(i int) {
				if i > 0 {
					block <- i
				}
			})
		})
		held("Runner.mu", "flush", "sync.WaitGroup.Wait")
		rec.Await("chan send", "part01", "part02")
		rec.AwaitGone("part00")
		rec.Stuck("part01", "part02")
		rec.Hold("Runner.wg", "part01", "part02")
		rec.Wait("Runner.wg", "flush")
		herd(4, "result", "Runner.mu", muWait, func(i int) { r.Result(i) })
	}
	scenarios["wg_missing_done"] = func() {
		r := jobs.NewRunner(0)
		spawn("runall", func() { r.RunAll([]int{2, 4, 5, 6}) })
		rec.Await("sync.WaitGroup.Wait", "runall")
		rec.AwaitGone(rec.Range("w", 4)...)
		rec.Wait("Runner.wg", "runall")
		rec.ObjNote("Runner.wg", "the worker w02 is gone without Done")
		rec.Stuck("runall")
		rec.Note("role", "runall waits for a Done that never comes")
	}
	scenarios["errgroup_hang"] = func() {
		addr := netx.Silent("silent")
		spawn("fetch", func() {
			jobs.Fetch(context.Background(), []string{"a", "b", "c"}, func(ctx context.Context, u string) error {
				if u == "c" {
					return nil
				}
				c, err := net.Dial("tcp", addr)
				if err != nil {
					return err
				}
				_, err = c.Read(make([]byte, 10))
				return err
			})
		})
		rec.Await("sync.WaitGroup.Wait", "fetch")
		rec.Await("IO wait", "fetch00", "fetch01")
		rec.AwaitGone("fetch02")
		rec.Obj("group.wg", "WaitGroup", nil)
		rec.Hold("group.wg", "fetch00", "fetch01")
		rec.Wait("group.wg", "fetch")
		rec.Stuck("fetch", "fetch00", "fetch01")
		rec.Root("fetch00", "fetch01")
		rec.Idle("silent")
	}
	scenarios["once_slow"] = func() {
		addr := netx.Silent("silent")
		s := jobs.NewSchema(func() []string {
			c, _ := net.Dial("tcp", addr)
			b := make([]byte, 100)
			n, _ := c.Read(b)
			return []string{string(b[:n])}
		})
		spawn("first", func() { s.Tables() })
		held("Schema.once", "first", "IO wait")
		herd(6, "tables", "Schema.once", muWait, func(int) { s.Tables() })
		rec.Idle("silent")
	}
	scenarios["cond_consumers"] = func() {
		f := queue.NewFifo()
		for i := 0; i < 6; i++ {
			go f.Consume(rec.N("consumer", i))
		}
		spawn("producer", func() {
			for i := range 10 {
				f.Push(queue.Msg{ID: i})
			}
			time.Sleep(time.Hour)
		})
		rec.Await("sleep", "producer")
		rec.Await("sync.Cond.Wait", rec.Range("consumer", 6)...)
		rec.Idle("consumer*", "producer")
	}
	scenarios["cond_lost"] = func() {
		f := queue.NewFifo()
		go f.Consume("consumer")
		rec.Await("sync.Cond.Wait", "consumer")
		f.PushQuiet(queue.Msg{ID: 1})
		rec.Wait("Fifo.ready", "consumer")
		rec.ObjNote("Fifo.ready", "lost wake-up: an item is there, nobody signals")
		rec.Note("arguable", "consumer looks like one of a healthy queue: in neither list")
	}
	scenarios["sem_chan"] = func() {
		g := make(limit.Gate, 2)
		rec.Obj("Gate", "chan", nil)
		done := make(chan string)
		for i := 0; i < 2; i++ {
			spawn(rec.N("draw", i), func() { g.Render("p", func(string) { <-done }) })
		}
		rec.Await("chan receive", "draw00", "draw01")
		rec.Hold("Gate", "draw00", "draw01")
		rec.Root("draw*")
		rec.Stuck("draw*")
		herd(5, "queued", "Gate", "chan send", func(int) { g.Render("q", func(string) {}) })
	}
	scenarios["sem_weighted"] = func() {
		w := limit.NewWeighted(3)
		addr := netx.Silent("silent")
		c, _ := net.Dial("tcp", addr)
		spawn("big", func() { w.Do(context.Background(), 3, func() { c.Read(make([]byte, 1)) }) })
		held("Weighted.sem", "big", "IO wait")
		herd(4, "small", "Weighted.sem", "select|chan receive", func(int) { w.Do(context.Background(), 1, func() {}) })
		rec.Idle("silent")
	}
	scenarios["singleflight"] = func() {
		never := make(chan string)
		r := limit.NewResolver(func(h string) (string, error) { return <-never, nil })
		spawn("first", func() { r.Resolve("db.internal") })
		held("Resolver.g", "first", "chan receive")
		herd(5, "dup", "Resolver.g", "sync.WaitGroup.Wait", func(int) { r.Resolve("db.internal") })
	}
	scenarios["pool_exhausted"] = func() {
		p := limit.NewPool(2)
		rows := make(chan int)
		for i := 0; i < 2; i++ {
			spawn(rec.N("rows", i), func() { p.Query(context.Background(), "select 1", func(*limit.Conn) int { return <-rows }) })
		}
		rec.Await("chan receive", "rows00", "rows01")
		rec.Hold("Pool", "rows00", "rows01")
		rec.Root("rows*")
		rec.Stuck("rows*")
		herd(10, "query", "Pool", "select", func(int) { p.Query(context.Background(), "select 2", func(*limit.Conn) int { return 0 }) })
		rec.Note("kind", "the lock of the pool is free; the waiters wait for a connection")
	}
	scenarios["shards"] = func() {
		m := shard.New()
		ch := make(chan []byte)
		spawn("h3", func() { m.Update(shard.Key("u", 3), func([]byte) []byte { return <-ch }) })
		held("part03.mu", "h3", "chan receive")
		spawn("h9", func() { m.Update(shard.Key("v", 9), func([]byte) []byte { return <-ch }) })
		rec.Await("chan receive", "h9")
		rec.Hold("part09.mu", "h9")
		herd(6, "get", "part03.mu", muWait, func(i int) { m.Get(shard.Key(rec.N("k", i), 3)) })
		rec.Note("innocent", "h9 holds another shard, which nobody waits for: in neither list")
	}
	scenarios["two_locks"] = func() {
		p := shard.NewPeer("eu-1")
		next := make(chan string)
		sink := make(chan uint64)
		spawn("export", func() { p.Export(sink) })
		rec.Await("chan send", "export")
		rec.Hold("Peer.statMu", "export")
		spawn("sync", func() { p.Sync(next) })
		held("Peer.mu", "sync", "chan receive")
		herd(4, "state", "Peer.mu", muWait, func(int) { p.State() })
		rec.Note("innocent", "export holds statMu of the same object: in neither list")
	}
	scenarios["shared_ptr"] = func() {
		addr := netx.Silent("silent")
		c, _ := net.Dial("tcp", addr)
		r, w, s := ptrs.Bus(c)
		spawn("read", func() { r.Read8() })
		held("bus", "read", "IO wait")
		herd(2, "write", "bus", muWait, func(int) { w.Write8([8]byte{1}) })
		herd(2, "scan", "bus", muWait, func(int) { s.All() })
		rec.Idle("silent")
	}
	scenarios["embedded"] = func() {
		r := ptrs.NewRegistry()
		spawn("add", func() { r.Add("x") })
		held("Registry", "add", "chan send")
		herd(3, "count", "Registry", muWait, func(int) { r.Count("x") })
	}
	scenarios["locker_mutex"] = func() {
		g := ptrs.Guard(new(sync.Mutex), "locker", "Mutex")
		in := make(chan int)
		spawn("with", func() { g.With(func(v int) int { return v + <-in }) })
		held("locker", "with", "chan receive")
		herd(4, "value", "locker", muWait, func(int) { g.Value() })
	}
	scenarios["locker_rlocker"] = func() {
		var rw sync.RWMutex
		rec.Obj("rw", "RWMutex", &rw)
		g := &ptrs.Guarded{L: rw.RLocker()}
		in := make(chan int)
		spawn("with", func() { g.With(func(v int) int { return v + <-in }) })
		held("rw", "with", "chan receive")
		herd(1, "writer", "rw", wWait, func(int) { rw.Lock() })
		herd(4, "value", "rw", rWait, func(int) { g.Value() })
	}
	scenarios["global_funcs"] = func() {
		glob.Declare()
		r, w, _ := os.Pipe()
		pin = append(pin, w)
		spawn("register", func() { glob.Register("pg", func() error { _, err := r.Read(make([]byte, 1)); return err }) })
		held("glob.mu", "register", "IO wait")
		herd(3, "drivers", "glob.mu", muWait, func(int) { glob.Drivers() })
		herd(2, "register2", "glob.mu", muWait, func(int) { glob.Register("my", func() error { return nil }) })
	}
	scenarios["wrapper_lock"] = func() {
		s := glob.NewSession("root")
		ch := make(chan string)
		spawn("exec", func() { s.Exec("begin", func(string) string { return <-ch }) })
		held("Session.l", "exec", "chan receive")
		herd(3, "set", "Session.l", muWait, func(int) { s.SetVar("a", "b") })
	}
	scenarios["trylock_loop"] = func() {
		s := glob.NewSession("root")
		ch := make(chan string)
		spawn("exec", func() { s.Exec("vacuum", func(string) string { return <-ch }) })
		held("Session.l", "exec", "chan receive")
		herd(1, "set", "Session.l", muWait, func(int) { s.SetVar("a", "b") })
		for i := 0; i < 3; i++ {
			spawn(rec.N("spin", i), func() { s.Spin(10 * time.Millisecond) })
		}
		rec.Note("arguable", "spin* poll with TryLock: in neither list")
	}
	scenarios["closures"] = func() {
		in := make(chan int)
		first, rest := glob.Closures(4, in)
		spawn("first", first)
		held("closure.m", "first", "chan receive")
		herd(4, "rest", "closure.m", muWait, func(i int) { rest[i]() })
	}
	scenarios["long_chain"] = func() {
		c, _ := netx.Dial(netx.Silent("silent"))
		s := glob.NewSession("chain")
		g := ptrs.Guard(new(sync.Mutex), "locker", "Mutex")
		spawn("c", func() { c.Call(1) })
		held("Client.mu", "c", "IO wait")
		spawn("b", func() { s.Exec("ask", func(string) string { c.Call(2); return "" }) })
		rec.Await(muWait, "b")
		spawn("a", func() { g.With(func(v int) int { s.SetVar("v", "1"); return v }) })
		rec.Await(muWait, "a")
		rec.Wait("Client.mu", "b")
		rec.Hold("Session.l", "b")
		rec.Wait("Session.l", "a")
		rec.Hold("locker", "a")
		herd(50, "end", "locker", muWait, func(int) { g.Value() })
		rec.Stuck("a", "b")
		rec.Idle("silent")
	}
	scenarios["yamux_like"] = func() {
		for i := 0; i < 30; i++ {
			a, peer := session.Pair()
			pin = append(pin, peer)
			n := rec.N("s", i)
			session.New(n, a, 8, true)
			rec.Await("IO wait", n+".recv")
			rec.Await("select", n+".send", n+".keepalive")
		}
		a, peer := session.Pair()
			pin = append(pin, peer)
		bad := session.New("bad", a, 2, false)
		spawn("open", func() {
			for {
				bad.OpenStream()
			}
		})
		held("bad.mu", "open", "chan send")
		herd(2, "close", "bad.mu", muWait, func(int) { bad.Close() })
		herd(3, "num", "bad.mu", muWait, func(int) { bad.NumStreams() })
		rec.Await("IO wait", "bad.recv")
		rec.Await("select", "bad.keepalive")
		rec.Idle("s*.recv", "s*.send", "s*.keepalive")
		rec.Note("arguable", "bad.recv and bad.keepalive: in neither list")
	}
	scenarios["handoff_size"] = handoff
}

var pin []any

func philosophers(n int) {
	t := table.Lay(n, beat)
	var names []string
	for _, p := range t.Seats {
		names = append(names, p.Name)
		go p.Dine()
	}
	rec.Await(muWait, names...)
	for i, f := range t.Forks {
		o := "fork" + string(rune('0'+i))
		_ = f
		rec.Hold(o, names[i])
		rec.Wait(o, names[(i+n-1)%n])
	}
	rec.Cycle(names...)
	rec.Stuck(names...)
}
