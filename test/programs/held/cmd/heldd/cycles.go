package main

import (
	"time"

	"example.com/held/broker"
	"example.com/held/index"
	"example.com/held/ledger"
	"example.com/held/mesh"
	"example.com/held/orders"
	"example.com/held/registry"
	"example.com/held/sched"
	"example.com/held/vault"
	"example.com/held/witness"
)

func cycleScenes() []scene {
	return []scene{
		{"ledger_abba", func() {
			l := ledger.New(func() { time.Sleep(pause) }, "cash", "rent")
			tx := func(a, b string) ledger.Tx { return ledger.Tx{Ref: a + b, Legs: [2]ledger.Leg{{a, -5}, {b, 5}}} }
			witness.Go("x", func() { l.Post(tx("cash", "rent")) })
			witness.Go("y", func() { l.Post(tx("rent", "cash")) })
			witness.Await(inMutex, "x", "y")
			witness.Hold("book.cash", "x")
			witness.Wait("book.cash", "y")
			witness.Hold("book.rent", "y")
			witness.Wait("book.rent", "x")
			witness.Cycle("x", "y")
			witness.Stuck("x", "y")
			crowd("book.cash", inMutex, "total", 2, func(int) { l.Total("cash") })
			crowd("book.rent", inMutex, "has", 3, func(int) { l.Has("rent", "r1") })
		}},
		{"ledger_abba_bare", func() {
			l := ledger.New(func() { time.Sleep(pause) }, "cash", "rent")
			witness.Go("x", func() { l.Post(ledger.Tx{Legs: [2]ledger.Leg{{"cash", -5}, {"rent", 5}}}) })
			witness.Go("y", func() { l.Post(ledger.Tx{Legs: [2]ledger.Leg{{"rent", -5}, {"cash", 5}}}) })
			witness.Await(inMutex, "x", "y")
			witness.Hold("book.cash", "x")
			witness.Wait("book.cash", "y")
			witness.Hold("book.rent", "y")
			witness.Wait("book.rent", "x")
			witness.Cycle("x", "y")
			witness.Stuck("x", "y")
		}},
		{"string_self", func() {
			l := ledger.New(nil, "cash")
			r := l.Report("cash")
			witness.Go("line", func() { r.Line("report:") })
			witness.Await(inMutex, "line")
			witness.Hold("book.cash", "line")
			witness.Wait("book.cash", "line")
			witness.Cycle("line")
			witness.Stuck("line")
			crowd("book.cash", inMutex, "total", 3, func(int) { l.Total("cash") })
		}},
		{"watcher_upgrade", func() {
			r := registry.New("eu")
			r.Register(&registry.Service{Name: "dead"})
			r.Watch(registry.Reaper{R: r})
			witness.Go("touch", func() { r.Touch("dead") })
			witness.Await(inWrite, "touch")
			witness.Hold("Registry", "touch")
			witness.Wait("Registry", "touch")
			witness.Cycle("touch")
			witness.Stuck("touch")
			crowd("Registry", inRead, "find", 5, func(int) { r.Find("x") })
		}},
		{"watcher_recursive", func() {
			r := registry.New("eu")
			r.Register(&registry.Service{Name: "db", Addrs: []string{"a"}})
			r.Watch(&registry.Ping{R: r, Wait: 3 * pause})
			witness.Go("touch", func() { r.Touch("db") })
			witness.Await("sleep", "touch")
			crowd("Registry", inWrite, "register", 1, func(int) { r.Register(&registry.Service{Name: "web"}) })
			witness.Await(inRead, "touch")
			witness.Hold("Registry", "touch")
			witness.Wait("Registry", "touch")
			witness.Cycle("touch", "register00")
			witness.Stuck("touch")
			crowd("Registry", inRead, "find", 4, func(int) { r.Find("web") })
		}},
		{"tree_recursive", func() {
			t := index.NewTree(pause)
			witness.Go("walk", func() { t.Root().Walk(0, func(string, int) {}) })
			witness.Await("sleep", "walk")
			crowd("Tree.lk", inWrite, "add", 1, func(int) { t.Root().Add("tmp") })
			witness.Await(inRead, "walk")
			witness.Hold("Tree.lk", "walk")
			witness.Wait("Tree.lk", "walk")
			witness.Cycle("walk", "add00")
			witness.Stuck("walk")
			crowd("Tree.lk", inRead, "name", 2, func(int) { t.Root().Name() })
		}},
		{"expire_upgrade", func() {
			x := index.New("old", 10)
			witness.Go("expire", func() { x.Expire(3) })
			witness.Await(inWrite, "expire")
			witness.Hold("Index.rw", "expire")
			witness.Wait("Index.rw", "expire")
			witness.Cycle("expire")
			witness.Stuck("expire")
			crowd("Index.rw", inRead, "count", 3, func(int) { x.Count() })
		}},
		{"broker_pointers", func() {
			b := &broker.Broker{Lag: pause}
			t, s, o := b.Topic("news"), b.Session(1, "p1"), b.Session(2, "p2")
			b.Topic("misc")
			witness.Go("subscribe", func() { b.Subscribe(s, "news") })
			witness.Go("evict", func() { b.Evict("news", s, o) })
			witness.Await(inRW, "subscribe", "evict")
			witness.Hold("session.p1", "subscribe")
			witness.Wait("session.p1", "evict")
			witness.Hold("topic.news", "evict")
			witness.Wait("topic.news", "subscribe")
			witness.Cycle("subscribe", "evict")
			witness.Stuck("subscribe", "evict")
			crowd("session.p1", inRead, "attr", 3, func(int) { s.Attr("k") })
			crowd("topic.news", inRead, "subs", 2, func(int) { t.Subs() })
		}},
		{"mesh_ring4", func() {
			names := []string{"n", "e", "s", "w"}
			ring := mesh.Ring(pause, names...)
			for i, n := range names {
				witness.Go(n, func() { ring[i].Advance(2) })
			}
			witness.Await(inMutex, names...)
			for i, n := range names {
				witness.Hold("node."+n, n)
				witness.Wait("node."+n, names[(i+3)%4])
			}
			witness.Cycle(names...)
			witness.Stuck(names...)
			crowd("node.s", inMutex, "agree", 2, func(i int) { ring[2].Agree(9, "me") })
		}},
		{"mesh_self_ring", func() {
			n := mesh.Ring(0, "only")[0]
			witness.Go("advance", func() { n.Advance(2) })
			witness.Await(inMutex, "advance")
			witness.Hold("node.only", "advance")
			witness.Wait("node.only", "advance")
			witness.Cycle("advance")
			witness.Stuck("advance")
		}},
		{"services3", func() {
			o, s, b := orders.Services(pause)
			witness.Go("place", func() { o.Place("ann", "sku") })
			witness.Go("recount", func() { s.Recount("bob") })
			witness.Go("refund", func() { b.Refund("cyd") })
			witness.Await(inMutex, "recount", "refund")
			witness.Await(inRW, "place")
			witness.Hold("Orders.mu", "place")
			witness.Wait("Orders.mu", "refund")
			witness.Hold("Stock.mu", "recount")
			witness.Wait("Stock.mu", "place")
			witness.Hold("Billing.lk", "refund")
			witness.Wait("Billing.lk", "recount")
			witness.Cycle("place", "recount", "refund")
			witness.Stuck("place", "recount", "refund")
			crowd("Stock.mu", inRead, "left", 4, func(int) { s.Left("sku") })
			crowd("Orders.mu", inMutex, "cancel", 2, func(int) { o.Cancel("ann") })
		}},
		{"batch_wg_cycle", func() {
			b := sched.NewBatch("loop")
			go1 := make(chan int)
			b.Start("part", func() int { return <-go1 })
			witness.Await("chan receive", "part")
			witness.Go("closer", func() { b.Close() })
			witness.Await("sync.WaitGroup.Wait", "closer")
			close(go1)
			witness.Await(inMutex, "part")
			witness.Hold("Batch.mu", "closer")
			witness.Wait("Batch.mu", "part")
			witness.Hold("Batch.wg", "part")
			witness.Wait("Batch.wg", "closer")
			witness.Cycle("closer", "part")
			witness.Stuck("closer", "part")
			crowd("Batch.mu", inMutex, "closer", 2, func(int) { b.Close() })
			witness.Note("arguable", "the cycle goes through a WaitGroup")
		}},
		{"once_recursive", func() {
			k := vault.NewKey("k2", func(k *vault.Key) []byte { return make([]byte, k.Len()) })
			witness.Go("maker", func() { k.Bits() })
			witness.Await(inMutex, "maker")
			witness.Hold("Key.once", "maker")
			witness.Wait("Key.once", "maker")
			witness.Cycle("maker")
			witness.Stuck("maker")
			crowd("Key.once", inMutex, "len", 2, func(int) { k.Len() })
		}},
		{"stripes_cycle", func() {
			v := vault.New("secrets", 16)
			cross := func(a, b string) {
				v.Rotate(a, func(string) (string, error) { time.Sleep(pause); return v.Read(b), nil })
			}
			witness.Go("r3", func() { cross("abc", "abcde") })
			witness.Go("r5", func() { cross("abcde", "abc") })
			witness.Await(inRead, "r3", "r5")
			witness.Hold("stripe03", "r3")
			witness.Wait("stripe03", "r5")
			witness.Hold("stripe05", "r5")
			witness.Wait("stripe05", "r3")
			witness.Cycle("r3", "r5")
			witness.Stuck("r3", "r5")
			crowd("stripe03", inRead, "read", 3, func(int) { v.Read("xyz") })
		}},
	}
}
