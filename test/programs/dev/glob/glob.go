// Package glob: package level state, wrappers around locks, TryLock.
package glob

import (
	"sync"
	"time"

	"example.com/dev/rec"
)

var (
	mu      sync.Mutex
	drivers = map[string]func() error{}
)

func Declare() { rec.Obj("glob.mu", "Mutex", &mu) }

func Register(name string, open func() error) error {
	mu.Lock()
	defer mu.Unlock()
	if err := open(); err != nil {
		return err
	}
	drivers[name] = open
	return nil
}

func Drivers() (l []string) {
	mu.Lock()
	defer mu.Unlock()
	for n := range drivers {
		l = append(l, n)
	}
	return
}

// Session has lock and unlock helpers, as code with lock ranks has.
type Session struct {
	user  string
	l     sync.Mutex
	owner string
	vars  map[string]string
}

func NewSession(user string) *Session {
	s := &Session{user: user, vars: map[string]string{}}
	rec.Obj("Session.l", "Mutex", &s.l)
	return s
}

func (s *Session) lock(who string) {
	s.l.Lock()
	s.owner = who
}

func (s *Session) unlock() {
	s.owner = ""
	s.l.Unlock()
}

func (s *Session) Exec(stmt string, run func(string) string) string {
	s.lock("exec " + stmt)
	defer s.unlock()
	return run(stmt)
}

func (s *Session) SetVar(k, v string) {
	s.lock("set")
	s.vars[k] = v
	s.unlock()
}

// Closures: the work is in closures made below.
func Closures(n int, in <-chan int) (first func(), rest []func()) {
	m := new(sync.Mutex)
	rec.Obj("closure.m", "Mutex", m)
	sum := 0
	first = func() {
		m.Lock()
		defer m.Unlock()
		for v := range in {
			sum += v
		}
	}
	for i := 0; i < n; i++ {
		rest = append(rest, func() {
			m.Lock()
			sum += i
			m.Unlock()
		})
	}
	return
}

// Spin tries the lock of a session until it gets it.
func (s *Session) Spin(d time.Duration) {
	for !s.l.TryLock() {
		time.Sleep(d)
	}
	s.l.Unlock()
}
