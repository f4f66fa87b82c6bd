package main

import (
	"time"

	"example.com/held/calm"
	"example.com/held/sched"
	"example.com/held/witness"
)

func calmScenes() []scene {
	quiet := func(name string, f func()) scene {
		return scene{name, func() {
			f()
			witness.AutoIdle()
			witness.Note("verdict", "nothing hangs")
			time.Sleep(pause)
		}}
	}
	young := func(name string, f func()) scene {
		return scene{name, func() {
			f()
			witness.Young()
			witness.AutoIdle()
			witness.Note("verdict", "a busy lock that moves: nothing hangs")
			time.Sleep(pause)
		}}
	}
	return []scene{
		quiet("calm_proxy", func() { calm.Proxy(8) }),
		quiet("calm_rpc_tls", func() { calm.RPC(6); calm.TLS(6) }),
		quiet("calm_streams", func() { calm.Streams(10) }),
		quiet("calm_system", calm.System),
		quiet("calm_actors", func() { calm.Actors(12) }),
		quiet("calm_all", func() {
			calm.Proxy(2)
			calm.RPC(2)
			calm.TLS(2)
			calm.Streams(3)
			calm.System()
			calm.Actors(4)
		}),
		quiet("calm_buffer", func() {
			b := sched.NewBuffer(4)
			for i := range 5 {
				witness.Go(witness.N("take", i), func() {
					for {
						b.Take()
					}
				})
			}
			for i := range 9 {
				b.Put(i)
			}
			witness.Await("sync.Cond.Wait", witness.Range("take", 5)...)
			witness.Idle("take*")
		}),
		young("young_journal", func() { calm.Journals(25); witness.Idle("append*") }),
		young("young_board", func() { calm.Boards(30); witness.Idle("top*", "scorer") }),
	}
}
