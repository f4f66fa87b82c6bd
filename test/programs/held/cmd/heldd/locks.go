package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"example.com/held/broker"
	"example.com/held/index"
	"example.com/held/mesh"
	"example.com/held/pool"
	"example.com/held/registry"
	"example.com/held/render"
	"example.com/held/sched"
	"example.com/held/tunnel"
	"example.com/held/vault"
	"example.com/held/wire"
	"example.com/held/witness"
)

const (
	inMutex = "sync.Mutex.Lock"
	inRead  = "sync.RWMutex.RLock"
	inWrite = "sync.RWMutex.Lock"
	inRW    = "sync.RWMutex.Lock|sync.Mutex.Lock"
	pause   = 600 * time.Millisecond
)

// keeper: role holds the object in the state.
func keeper(obj, state string, roles ...string) {
	witness.Await(state, roles...)
	witness.Hold(obj, roles...)
	witness.Stuck(roles...)
	witness.Root(roles...)
}

// crowd starts n goroutines that come to wait for the object.
func crowd(obj, state, role string, n int, f func(i int)) {
	roles := witness.Range(role, n)
	for i, r := range roles {
		witness.Go(r, func() { f(i) })
	}
	witness.Await(state, roles...)
	witness.Wait(obj, roles...)
	witness.Stuck(roles...)
}

func fifo() string {
	d, err := os.MkdirTemp("", "held")
	if err != nil {
		panic(err)
	}
	p := filepath.Join(d, "fifo")
	if err := syscall.Mkfifo(p, 0o600); err != nil {
		panic(err)
	}
	return p
}

func lockScenes() []scene {
	return []scene{
		{"scan_starves_merge", func() {
			x := index.New("events", 100)
			out := make(chan index.Row)
			witness.Go("scan", func() { x.Scan(0, 10, out) })
			keeper("Index.rw", "chan send", "scan")
			crowd("Index.rw", inWrite, "merge", 1, func(int) { x.Merge(nil) })
			crowd("Index.rw", inRead, "count", 9, func(int) { x.Count() })
		}},
		{"scan_many_writers", func() {
			x := index.New("events", 100)
			out := make(chan index.Row)
			witness.Go("scan", func() { x.Scan(0, 10, out) })
			keeper("Index.rw", "chan send", "scan")
			crowd("Index.rw", inRW, "merge", 5, func(int) { x.Merge(nil) })
		}},
		{"backup_child", func() {
			x := index.New("docs", 1)
			witness.Go("backup", func() { runtime.LockOSThread(); x.Backup("sleep", "700") })
			keeper("Index.rw", "syscall", "backup")
			crowd("Index.rw", inWrite, "merge", 1, func(int) { x.Merge(make([]index.Row, 3)) })
			crowd("Index.rw", inRead, "count", 3, func(int) { x.Count() })
		}},
		{"tail_fifo", func() {
			x, p := index.New("tail", 1), fifo()
			witness.Go("tail", func() { x.Tail(p) })
			keeper("Index.rw", "syscall", "tail")
			crowd("Index.rw", inWrite, "merge", 1, func(int) { x.Merge(make([]index.Row, 3)) })
			crowd("Index.rw", inRead, "tail2", 2, func(int) { x.Tail(p) })
		}},
		{"registry_relay", func() {
			r := registry.New("eu")
			r.Register(&registry.Service{Name: "db"})
			r.Watch(registry.Relay{To: make(chan *registry.Service)})
			witness.Go("touch", func() { r.Touch("db") })
			keeper("Registry", "chan send", "touch")
			crowd("Registry", inWrite, "register", 1, func(int) { r.Register(&registry.Service{Name: "web"}) })
			crowd("Registry", inRead, "find", 20, func(i int) { r.Find(fmt.Sprint(i)) })
		}},
		{"session_deliver", func() {
			b := &broker.Broker{}
			s := b.Session(7, "10.0.0.7")
			o := b.Session(8, "10.0.0.8")
			witness.Go("deliver", func() { s.Deliver([]byte("a"), []byte("b"), []byte("c")) })
			keeper("session.10.0.0.7", "chan send", "deliver")
			t := b.Topic("news")
			witness.Go("evict", func() { b.Evict("news", o, s) })
			witness.Await(inWrite, "evict")
			witness.Hold("topic.news", "evict")
			witness.Wait("session.10.0.0.7", "evict")
			witness.Stuck("evict")
			crowd("topic.news", inRead, "subs", 3, func(int) { t.Subs() })
			crowd("session.10.0.0.7", inRead, "attr", 3, func(int) { s.Attr("x") })
		}},
		{"render_slow_client", func() {
			m := render.NewMetrics(200000)
			addr := render.Serve(m)
			c, err := net.Dial("tcp", addr)
			if err != nil {
				panic(err)
			}
			wire.Keep = append(wire.Keep, c)
			fmt.Fprintf(c, "GET /metrics?role=scrape HTTP/1.1\r\nHost: x\r\n\r\n")
			keeper("Metrics.lock", "IO wait", "scrape")
			for i := range 2 {
				witness.Go(witness.N("client", i), func() { http.Get(fmt.Sprintf("http://%s/metrics?role=scrape%02d", addr, i)) })
			}
			witness.Await(inMutex, "scrape00", "scrape01")
			witness.Wait("Metrics.lock", "scrape00", "scrape01")
			witness.Stuck("scrape00", "scrape01")
			witness.Await("select", "client00", "client01")
			crowd("Metrics.lock", inMutex, "inc", 8, func(i int) { m.Inc(i) })
			witness.Note("arguable", "client00 and client01 wait for answers of the server: in neither list")
		}},
		{"rpc_call", func() {
			r := wire.NewRemote()
			witness.Go("caller", func() { r.Do("Calc.Slow", 1) })
			keeper("Remote.mu", "chan receive", "caller")
			witness.Await("select (no cases)", "slow")
			crowd("Remote.mu", inMutex, "other", 3, func(i int) { r.Do("Calc.Add", i) })
			witness.Note("arguable", "slow is the method of the server: in neither list")
		}},
		{"tls_handshake", func() {
			nc := wire.Dial(wire.Deaf())
			c := wire.Secure(nc)
			witness.Obj("handshakeMutex", "Mutex", nil)
			witness.Go("first", func() { c.Write([]byte("a")) })
			keeper("handshakeMutex", "IO wait", "first")
			crowd("handshakeMutex", inMutex, "write", 4, func(int) { c.Write([]byte("b")) })
			crowd("handshakeMutex", inMutex, "read", 1, func(int) { c.Read(make([]byte, 10)) })
		}},
		{"two_directions", func() {
			c := wire.NewConn(wire.Dial(wire.Deaf()))
			witness.Go("reader", func() { c.ReadMsg() })
			witness.Await("IO wait", "reader")
			witness.Hold("Conn.rmu", "reader")
			witness.Idle("reader")
			witness.Go("writer", func() { c.WriteMsg([]byte("hi")) })
			keeper("Conn.wmu", "chan send", "writer")
			crowd("Conn.wmu", inMutex, "written", 3, func(int) { c.Written() })
			crowd("Conn.wmu", inMutex, "writer2", 2, func(int) { c.WriteMsg(nil) })
			witness.Note("innocent", "reader holds rmu of the same object and reads as it should")
		}},
		{"future_holder", func() {
			s := sched.New()
			gate := make(chan error)
			witness.Go("runnow", func() {
				s.RunNow(context.Background(), sched.Task{ID: 4, Run: func(context.Context) error { return <-gate }})
			})
			keeper("Scheduler.state", "chan receive", "runnow")
			witness.Await("chan receive", "task")
			witness.Stuck("task")
			crowd("Scheduler.state", inMutex, "ran", 4, func(int) { s.Ran() })
		}},
		{"future_needs_lock", func() {
			s := sched.New()
			witness.Go("runnow", func() {
				s.RunNow(context.Background(), sched.Task{ID: 4, Run: func(context.Context) error { s.Ran(); return nil }})
			})
			witness.Await("chan receive", "runnow")
			witness.Await(inMutex, "task")
			witness.Hold("Scheduler.state", "runnow")
			witness.Wait("Scheduler.state", "task")
			witness.Stuck("runnow", "task")
			crowd("Scheduler.state", inMutex, "ran", 2, func(int) { s.Ran() })
			witness.Note("arguable", "a cycle through a channel: runnow waits for task, task for the lock of runnow; no lock cycle")
		}},
		{"retry_sleep", func() {
			s := sched.New()
			witness.Go("retry", func() {
				s.Retry(5, sched.Task{Run: func(context.Context) error { return errors.New("no") }})
			})
			keeper("Scheduler.state", "sleep", "retry")
			crowd("Scheduler.state", inMutex, "ran", 6, func(int) { s.Ran() })
		}},
		{"busy_quiesce", func() {
			s := sched.New()
			witness.Go("quiesce", s.Quiesce)
			witness.Await("run", "quiesce")
			time.Sleep(pause)
			witness.Hold("Scheduler.state", "quiesce")
			witness.Root("quiesce")
			crowd("Scheduler.state", inMutex, "ran", 6, func(int) { s.Ran() })
			witness.Note("arguable", "quiesce spins: in neither list")
		}},
		{"select_until", func() {
			s := sched.New()
			witness.Go("until", func() { s.Until(make(chan int), make(chan int), time.Hour) })
			keeper("Scheduler.state", "select", "until")
			crowd("Scheduler.state", inMutex, "ran", 2, func(int) { s.Ran() })
		}},
		{"poll_trylock", func() {
			s := sched.New()
			witness.Go("until", func() { s.Until(make(chan int), nil, time.Hour) })
			keeper("Scheduler.state", "select", "until")
			for i := range 4 {
				witness.Go(witness.N("poll", i), func() { s.Poll(25 * time.Millisecond) })
			}
			crowd("Scheduler.state", inMutex, "ran", 1, func(int) { s.Ran() })
			witness.Note("arguable", "poll* try the lock and sleep: in neither list")
		}},
		{"batch_hang", func() {
			b := sched.NewBatch("night")
			r, w := io.Pipe()
			wire.Keep = append(wire.Keep, w)
			b.Start("part0", func() int { return 1 })
			witness.AwaitGone("part0")
			b.Start("part1", func() int { n, _ := r.Read(make([]byte, 10)); return n })
			witness.Await("select", "part1")
			witness.Go("closer", func() { b.Close() })
			witness.Await("sync.WaitGroup.Wait", "closer")
			witness.Hold("Batch.mu", "closer")
			witness.Hold("Batch.wg", "part1")
			witness.Wait("Batch.wg", "closer")
			witness.Stuck("closer", "part1")
			witness.Root("part1")
			crowd("Batch.mu", inMutex, "closer2", 3, func(int) { b.Close() })
		}},
		{"batch_wait", func() {
			b := sched.NewBatch("day")
			l := wire.Deaf()
			for i := range 3 {
				c := wire.Dial(l)
				b.Start(witness.N("part", i), func() int { n, _ := c.Read(make([]byte, 10)); return n })
			}
			witness.Await("IO wait", "part00", "part01", "part02")
			witness.Hold("Batch.wg", "part00", "part01", "part02")
			witness.Root("part*")
			witness.Stuck("part*")
			crowd("Batch.wg", "sync.WaitGroup.Wait", "wait", 2, func(int) { b.Wait() })
		}},
		{"batch_panic", func() {
			b := sched.NewBatch("panic")
			b.Careless("c0", func() int { return 1 })
			b.Careless("c1", func() int { panic("lost") })
			witness.AwaitGone("c0", "c1")
			crowd("Batch.wg", "sync.WaitGroup.Wait", "wait", 1, func(int) { b.Wait() })
			witness.ObjNote("Batch.wg", "c1 is gone without Done")
		}},
		{"group_limit", func() {
			g := sched.NewGroup(2)
			never := make(chan error)
			witness.Go("starter", func() {
				for i := range 5 {
					g.Go(witness.N("g", i), func() error { return <-never })
				}
				g.Wait()
			})
			witness.Await("chan receive", "g00", "g01")
			witness.Await("chan send", "starter")
			witness.Hold("Group.sem", "g00", "g01")
			witness.Wait("Group.sem", "starter")
			witness.Root("g00", "g01")
			witness.Stuck("starter", "g00", "g01")
		}},
		{"group_wait", func() {
			g := sched.NewGroup(5)
			never := make(chan error)
			witness.Go("starter", func() {
				for i := range 4 {
					g.Go(witness.N("g", i), func() error {
						if i%2 == 0 {
							return nil
						}
						return <-never
					})
				}
				g.Wait()
			})
			witness.Await("chan receive", "g01", "g03")
			witness.AwaitGone("g00", "g02")
			witness.Await("sync.WaitGroup.Wait", "starter")
			witness.Hold("Group.wg", "g01", "g03")
			witness.Wait("Group.wg", "starter")
			witness.Root("g01", "g03")
			witness.Stuck("starter", "g01", "g03")
		}},
		{"once_chan", func() {
			never := make(chan []byte)
			k := vault.NewKey("k1", func(*vault.Key) []byte { return <-never })
			witness.Go("maker", func() { k.Bits() })
			keeper("Key.once", "chan receive", "maker")
			crowd("Key.once", inMutex, "len", 5, func(int) { k.Len() })
		}},
		{"once_value", func() {
			x := index.New("lazy", 1)
			get := sync.OnceValue(func() int { runtime.LockOSThread(); x.Backup("sleep", "700"); return 1 })
			witness.Obj("OnceValue", "Once", nil)
			witness.Go("maker", func() { get() })
			keeper("OnceValue", "syscall", "maker")
			crowd("OnceValue", inMutex, "get", 3, func(int) { get() })
		}},
		{"memory_weighted", func() {
			m := sched.NewMemory(10)
			never := make(chan int)
			for i := range 2 {
				witness.Go(witness.N("use", i), func() { m.With(5, func() { <-never }) })
			}
			keeper("Memory.sem", "chan receive", "use00", "use01")
			crowd("Memory.sem", "select|chan receive", "need", 3, func(i int) { m.With(int64(i+1), func() {}) })
		}},
		{"flights", func() {
			f := &sched.Flights{}
			c := wire.Dial(wire.Deaf())
			witness.Go("leader", func() { f.Do("img", func() string { c.Read(make([]byte, 1)); return "" }) })
			witness.Await("IO wait", "leader")
			keeper("flight.img", "IO wait", "leader")
			crowd("flight.img", "sync.WaitGroup.Wait", "follow", 6, func(int) { f.Do("img", nil) })
		}},
		{"ticket_handoff", func() {
			d := sched.NewDesk()
			line := make(chan sched.Ticket)
			never := make(chan int)
			witness.Go("clerk", func() { sched.Process(line, func(int) { <-never }) })
			witness.Go("window", func() {
				line <- d.Reserve()
				time.Sleep(time.Hour)
			})
			keeper("Desk.mu", "chan receive", "clerk")
			witness.Await("sleep", "window")
			witness.Idle("window")
			crowd("Desk.mu", inMutex, "sold", 4, func(int) { d.Sold() })
			witness.Note("handoff", "window took the lock; clerk has the ticket and must unlock")
		}},
		{"stripes", func() {
			v := vault.New("secrets", 32)
			never := make(chan string)
			witness.Go("rot3", func() { v.Rotate("abc", func(string) (string, error) { return <-never, nil }) })
			witness.Go("rot5", func() { v.Rotate("abcde", func(string) (string, error) { return <-never, nil }) })
			witness.Await("chan receive", "rot3", "rot5")
			keeper("stripe03", "chan receive", "rot3")
			witness.Hold("stripe05", "rot5")
			crowd("stripe03", inRead, "read", 5, func(int) { v.Read("xyz") })
			crowd("stripe03", inRW, "rot", 1, func(int) { v.Rotate("key", nil) })
			witness.Note("innocent", "rot5 holds another stripe: in neither list")
		}},
		{"stripes_both", func() {
			v := vault.New("secrets", 16)
			never := make(chan string)
			c := wire.Dial(wire.Deaf())
			witness.Go("rot3", func() { v.Rotate("abc", func(string) (string, error) { return <-never, nil }) })
			witness.Go("rot5", func() {
				v.Rotate("abcde", func(string) (string, error) { _, err := c.Read(make([]byte, 1)); return "", err })
			})
			keeper("stripe03", "chan receive", "rot3")
			keeper("stripe05", "IO wait", "rot5")
			crowd("stripe03", inRead, "read3", 4, func(int) { v.Read("xyz") })
			crowd("stripe05", inRead, "read5", 4, func(int) { v.Read("vwxyz") })
		}},
		{"lockers_by_name", func() {
			l := &vault.Lockers{}
			never := make(chan int)
			witness.Go("a", func() { l.Do("tenant-a", func() { <-never }) })
			witness.Await("chan receive", "a")
			witness.Go("b", func() { l.Do("tenant-b", func() { time.Sleep(time.Hour) }) })
			witness.Await("sleep", "b")
			keeper("locker.tenant-a", "chan receive", "a")
			witness.Hold("locker.tenant-b", "b")
			crowd("locker.tenant-a", inMutex, "wa", 4, func(int) { l.Do("tenant-a", func() {}) })
			witness.Note("innocent", "b holds another locker: in neither list")
		}},
		{"sealed_copies", func() {
			s := vault.Seal("one")
			never := make(chan byte)
			witness.Go("fill", func() { s.As("two").Fill(never) })
			keeper("Sealed.mu", "chan receive", "fill")
			for i, t := range []vault.Sealed{s, s.As("three"), s.As("four")} {
				crowd("Sealed.mu", inMutex, fmt.Sprint("size", i, "x"), 2, func(int) { t.Size() })
			}
		}},
		{"generic_store", func() {
			s := vault.NewStore[vault.User]("users")
			c := wire.Dial(wire.Deaf())
			witness.Go("update", func() {
				s.Update(vault.User{Mail: "a@b", Age: 3}, func(u vault.User) error { _, err := io.ReadAll(c); return err })
			})
			keeper("Store.mu", "IO wait", "update")
			crowd("Store.mu", inMutex, "load", 5, func(int) { s.Load("a@b") })
		}},
		{"generic_store_ptr", func() {
			s := vault.NewStore[*vault.User]("users")
			never := make(chan error)
			witness.Go("update", func() {
				s.Update(&vault.User{Mail: "a@b", Age: 3}, func(u *vault.User) error { return <-never })
			})
			keeper("Store.mu", "chan receive", "update")
			crowd("Store.mu", inMutex, "load", 5, func(int) { s.Load("a@b") })
		}},
		{"global_conf", func() {
			vault.Declare()
			l := wire.Deaf()
			witness.Go("reload", func() {
				vault.Reload(func() (map[string]string, error) {
					resp, err := http.Get("http://" + l.Addr().String() + "/conf")
					if err == nil {
						resp.Body.Close()
					}
					return nil, err
				})
			})
			keeper("confLock", "select", "reload")
			crowd("confLock", inRead, "setting", 12, func(i int) { vault.Setting(fmt.Sprint(i)) })
			crowd("confLock", inRW, "reload2", 2, func(i int) { vault.Reload(nil) })
		}},
		{"afterfunc_holder", func() {
			n := mesh.Ring(0, "solo")[0]
			never := make(chan int)
			time.AfterFunc(time.Millisecond, func() {
				witness.Me("timer")
				n.Hold(func(int) { never <- 1 })
			})
			keeper("node.solo", "chan send", "timer")
			crowd("node.solo", inMutex, "agree", 3, func(i int) { n.Agree(i, "me") })
		}},
		{"local_closures", func() {
			var mu sync.Mutex
			witness.Obj("local", "Mutex", &mu)
			total, in := 0, make(chan int)
			add := func(n int) func() {
				mu.Lock()
				total += n
				return mu.Unlock
			}
			witness.Go("first", func() {
				defer add(1)()
				total += <-in
			})
			keeper("local", "chan receive", "first")
			crowd("local", inMutex, "adder", 4, func(i int) { defer add(i)() })
		}},
		{"sql_exhausted", func() {
			db := pool.Open(1)
			witness.Obj("sql.DB", "chan", nil)
			never := make(chan int)
			witness.Go("rows", func() { pool.Each(db, "select id", func(int64) { <-never }) })
			witness.Await("chan receive", "rows")
			witness.Hold("sql.DB", "rows")
			witness.Root("rows")
			witness.Stuck("rows")
			r := pool.NewRepo(db)
			witness.Go("save", func() { r.Save(context.Background(), "insert") })
			witness.Await("select", "save")
			witness.Wait("sql.DB", "save")
			witness.Hold("Repo.mu", "save")
			witness.Stuck("save")
			crowd("Repo.mu", inMutex, "saved", 4, func(int) { r.Saved() })
			crowd("sql.DB", "select", "each", 3, func(int) { pool.Each(db, "select x", func(int64) {}) })
		}},
		{"slog_pipe", func() {
			r, w, _ := os.Pipe()
			wire.Keep = append(wire.Keep, r)
			l := slog.New(slog.NewJSONHandler(w, nil))
			witness.Obj("slog.mu", "Mutex", nil)
			roles := witness.Range("req", 6)
			for _, r := range roles {
				witness.Go(r, func() { wire.Log(l.With("who", r)) })
			}
			one := witness.Split("IO wait", inMutex, roles)
			witness.Hold("slog.mu", one...)
			witness.Root(one...)
			witness.Stuck(roles...)
			for _, r := range roles {
				if r != one[0] {
					witness.Wait("slog.mu", r)
				}
			}
		}},
		{"chain_child", func() {
			// index reader in a child process, registry watcher, mesh node, then fifty
			x := index.New("deep", 2)
			witness.Go("d", func() { runtime.LockOSThread(); x.Backup("sleep", "700") })
			keeper("Index.rw", "syscall", "d")
			r := registry.New("us")
			r.Register(&registry.Service{Name: "idx"})
			r.Watch(merger{x})
			witness.Go("c", func() { r.Touch("idx") })
			witness.Await(inWrite, "c")
			witness.Wait("Index.rw", "c")
			witness.Hold("Registry", "c")
			n := mesh.Ring(0, "one")[0]
			witness.Go("b", func() { n.Hold(func(e int) { r.Register(&registry.Service{Name: fmt.Sprint(e)}) }) })
			witness.Await(inWrite, "b")
			witness.Wait("Registry", "b")
			witness.Hold("node.one", "b")
			witness.Stuck("b", "c")
			crowd("node.one", inMutex, "end", 50, func(i int) { n.Agree(i, "end") })
			crowd("Registry", inRead, "find", 3, func(i int) { r.Find("x") })
		}},
		{"tunnel_window", func() {
			l := wire.Deaf()
			for i := range 30 {
				id := fmt.Sprintf("t%02d", i)
				t := tunnel.Start(id, wire.Dial(l), 4)
				t.Dial(80)
				witness.Await("IO wait", id+"/reader")
				witness.Await("select", id+"/writer", id+"/pinger")
			}
			t := tunnel.Start("bad", wire.Dial(l), 1)
			witness.Await("IO wait", "bad/reader")
			witness.Await("select", "bad/writer", "bad/pinger")
			witness.Go("dial", func() {
				t.Dial(80)
				t.Dial(81)
			})
			keeper("bad.table", "chan receive", "dial")
			crowd("bad.table", inRead, "flows", 4, func(int) { t.Flows() })
			crowd("bad.table", inRW, "shut", 2, func(int) { t.Shutdown("bye") })
			crowd("bad.table", inRW, "dial", 3, func(int) { t.Dial(82) })
			witness.Idle("t*/reader", "t*/writer", "t*/pinger")
			witness.Note("arguable", "bad/reader, bad/writer, bad/pinger: in neither list")
		}},
	}
}

type merger struct{ x *index.Index }

func (m merger) Changed(s *registry.Service, kind int) { m.x.Merge([]index.Row{{Key: 1}}) }
