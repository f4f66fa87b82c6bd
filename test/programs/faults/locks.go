package main

import (
	"net"
	"sync"
	"time"
)

type Account struct {
	mu      sync.Mutex
	balance int
}

type Audit struct {
	mu      sync.Mutex
	entries []int
}

//go:noinline
func (a *Account) Transfer(audit *Audit, both *sync.WaitGroup) {
	a.mu.Lock()
	defer a.mu.Unlock()
	both.Done()
	both.Wait()
	audit.Record(a.balance)
}

//go:noinline
func (a *Audit) Record(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.entries = append(a.entries, n)
}

//go:noinline
func (a *Audit) Replay(account *Account, both *sync.WaitGroup) {
	a.mu.Lock()
	defer a.mu.Unlock()
	both.Done()
	both.Wait()
	account.Deposit(1)
}

//go:noinline
func (a *Account) Deposit(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.balance += n
}

// deadlock: AB-BA, and some more that wait for the two.
func deadlock() {
	account, audit := new(Account), new(Audit)
	var both sync.WaitGroup
	both.Add(2)
	go account.Transfer(audit, &both)
	go audit.Replay(account, &both)
	go func() {
		time.Sleep(100 * time.Millisecond)
		for range 20 {
			go account.Deposit(1)
		}
	}()
}

type Session struct {
	mu   sync.Mutex
	conn net.Conn
}

//go:noinline
func (s *Session) Send(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if _, err := s.conn.Write(b); err != nil {
			return
		}
	}
}

//go:noinline
func (s *Session) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn.Close()
}

// heldLock: a write to a peer that does not read, under a lock that others want.
func heldLock() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, _ := listener.Accept()
		accepted <- conn
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		panic(err)
	}
	peer := <-accepted
	session := &Session{conn: conn}
	go func() {
		session.Send(make([]byte, 1<<20))
		peer.Close()
	}()
	time.Sleep(300 * time.Millisecond)
	for range 12 {
		go session.Close()
	}
}

type Registry struct {
	mu    sync.Mutex
	table map[int]int
}

// Update is slow under its lock.
//
//go:noinline
func (r *Registry) Update(n int) {
	r.mu.Lock()
	end := time.Now().Add(2 * time.Millisecond)
	for time.Now().Before(end) {
		r.table[n%100]++
	}
	r.mu.Unlock()
}

func contendedLock() {
	registry := &Registry{table: map[int]int{}}
	for i := range 16 {
		go func() {
			for {
				registry.Update(i)
				time.Sleep(500 * time.Microsecond)
			}
		}()
	}
}
