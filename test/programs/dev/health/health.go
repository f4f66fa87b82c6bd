// Package health: daemons with nothing wrong.
package health

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/dev/rec"
)

// Daemon is an HTTP service with the usual loops.
type Daemon struct {
	srv  *http.Server
	stop chan struct{}
	seen map[string]int
	mu   sync.Mutex
}

func (d *Daemon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	d.seen[r.URL.Path]++
	d.mu.Unlock()
	if r.URL.Path == "/watch" {
		w.(http.Flusher).Flush()
		select {
		case <-r.Context().Done():
		case <-d.stop:
		}
		return
	}
	fmt.Fprintln(w, "ok")
}

func (d *Daemon) signals() {
	rec.Me("signals")
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, syscall.SIGHUP, syscall.SIGUSR1)
	for range ch {
	}
}

func (d *Daemon) ticker(every time.Duration) {
	rec.Me("ticker")
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-t.C:
		case <-d.stop:
			return
		}
	}
}

// Web starts the daemon and n clients that keep their connections open.
func Web(n int) {
	d := &Daemon{stop: make(chan struct{}), seen: map[string]int{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	d.srv = &http.Server{Handler: d, IdleTimeout: time.Hour}
	go d.srv.Serve(l)
	go d.signals()
	go d.ticker(50 * time.Millisecond)
	base := "http://" + l.Addr().String()
	tr := &http.Transport{MaxIdleConnsPerHost: n}
	var wg sync.WaitGroup
	hc := &http.Client{Transport: tr}
	for i := 0; i < n; i++ {
		wg.Go(func() {
			resp, err := hc.Get(base + "/x")
			if err == nil {
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		})
	}
	wg.Wait()
	go func() {
		rec.Me("watchclient")
		resp, err := hc.Get(base + "/watch")
		if err == nil {
			io.Copy(io.Discard, resp.Body)
		}
	}()
	time.AfterFunc(time.Hour, func() { d.srv.Close() })
	go child("child")
}

func child(role string) {
	rec.Me(role)
	cmd := exec.Command("sleep", "900")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	runtime.LockOSThread()
	cmd.Run()
}

type task struct {
	id int
	f  func()
}

type Pool struct {
	work chan task
	wg   sync.WaitGroup
}

func (p *Pool) worker(i int) {
	rec.Me(rec.N("pool", i))
	defer p.wg.Done()
	for t := range p.work {
		t.f()
	}
}

// Batch: worker pools, a locked thread, cond consumers, and an errgroup that waits for servers.
func Batch() {
	p := &Pool{work: make(chan task)}
	for i := 0; i < 8; i++ {
		p.wg.Add(1)
		go p.worker(i)
	}
	done := make(chan int)
	for i := 0; i < 20; i++ {
		p.work <- task{i, func() { done <- i }}
		<-done
	}
	go func() {
		rec.Me("closer")
		p.wg.Wait()
	}()
	go func() {
		rec.Me("gui")
		runtime.LockOSThread()
		select {}
	}()
	b := newBox()
	for i := 0; i < 4; i++ {
		go b.drain(rec.N("drain", i))
	}
	go servers()
	go opener()
	go fanout()
}

type box struct {
	c    sync.Cond
	mail []string
}

func newBox() *box { return &box{c: sync.Cond{L: new(sync.Mutex)}} }

func (b *box) drain(role string) {
	rec.Me(role)
	b.c.L.Lock()
	defer b.c.L.Unlock()
	for {
		for len(b.mail) == 0 {
			b.c.Wait()
		}
		b.mail = b.mail[1:]
	}
}

func servers() {
	rec.Me("servers")
	g, ctx := errgroup.WithContext(context.Background())
	for i := 0; i < 3; i++ {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		g.Go(func() error {
			rec.Me(rec.N("server", i))
			return http.Serve(l, nil)
		})
	}
	g.Go(func() error {
		rec.Me("stopper")
		<-ctx.Done()
		return ctx.Err()
	})
	g.Wait()
}

// opener is like the connectionOpener of database/sql.
func opener() {
	rec.Me("opener")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	need := make(chan struct{}, 100)
	for {
		select {
		case <-ctx.Done():
			return
		case <-need:
		}
	}
}

func fanout() {
	rec.Me("fanout")
	subs := map[int]chan string{}
	join := make(chan chan string)
	msgs := make(chan string)
	for i := 0; i < 5; i++ {
		go func() {
			rec.Me(rec.N("sub", i))
			ch := make(chan string)
			join <- ch
			for range ch {
			}
		}()
	}
	for {
		select {
		case c := <-join:
			subs[len(subs)] = c
		case m := <-msgs:
			for _, s := range subs {
				s <- m
			}
		}
	}
}

// UDP answers datagrams; Lines reads a fifo-like pipe of a child.
func UDP(n int) {
	for i := 0; i < n; i++ {
		c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			panic(err)
		}
		go func() {
			rec.Me(rec.N("udp", i))
			b := make([]byte, 1500)
			for {
				n, from, err := c.ReadFromUDP(b)
				if err != nil {
					return
				}
				c.WriteToUDP(b[:n], from)
			}
		}()
	}
	go func() {
		rec.Me("lines")
		cmd := exec.Command("sh", "-c", "echo up; exec sleep 900")
		out, _ := cmd.StdoutPipe()
		runtime.LockOSThread()
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if cmd.Start() == nil {
			sc := bufio.NewScanner(out)
			for sc.Scan() {
			}
		}
	}()
	go func() {
		rec.Me("cron")
		for {
			next := time.Now().Add(24 * time.Hour)
			time.Sleep(time.Until(next))
		}
	}()
	go func() {
		rec.Me("deadline")
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		<-ctx.Done()
	}()
}

// Conns serves n idle connections with one goroutine each at both ends.
func Conns(n int, clients bool) {
	l, err := net.Listen("unix", fmt.Sprintf("@dev-%d", os.Getpid()))
	if err != nil {
		panic(err)
	}
	ready := make(chan struct{})
	go func() {
		rec.Me("accept")
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c, ready)
		}
	}()
	for i := 0; i < n; i++ {
		c, err := net.Dial("unix", l.Addr().String())
		if err != nil {
			panic(err)
		}
		<-ready
		keep = append(keep, c)
		if clients {
			go serve(c, nil)
		}
	}
}

// Listen10k serves n idle connections; the clients are another process.
func Listen10k(n int) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	cmd := exec.Command(os.Args[0], "dial", l.Addr().String(), fmt.Sprint(n))
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	ready := make(chan struct{})
	go func() {
		rec.Me("accept")
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c, ready)
		}
	}()
	for i := 0; i < n; i++ {
		<-ready
	}
}

// DialMany is the other process; it ends with its parent.
func DialMany(addr string, n int) {
	for i := 0; i < n; i++ {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			panic(err)
		}
		keep = append(keep, c)
	}
	keep[0].Read(make([]byte, 1))
}

var keep []net.Conn

func serve(c net.Conn, ready chan<- struct{}) {
	defer c.Close()
	if ready != nil {
		ready <- struct{}{}
	}
	br := bufio.NewReader(c)
	for {
		line, err := br.ReadString('\n')
		if err != nil {
			return
		}
		if _, err := c.Write([]byte(line)); err != nil {
			return
		}
	}
}

// Ledger is busy: many goroutines take its lock for moments.
type Ledger struct {
	mu  sync.Mutex
	sum map[int]int
}

func (l *Ledger) Add(i int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for j := 0; j < 3000; j++ {
		n += l.sum[(i+j)%64]
	}
	l.sum[i%64] = n % 1000
	return n
}

func Contend(n int) {
	l := &Ledger{sum: map[int]int{}}
	for i := 0; i < n; i++ {
		go func() {
			rec.Me(rec.N("adder", i))
			for k := i; ; k++ {
				l.Add(k)
			}
		}()
	}
}

type Prices struct {
	rw sync.RWMutex
	m  map[string]float64
}

func (p *Prices) Quote(s string) float64 {
	p.rw.RLock()
	defer p.rw.RUnlock()
	time.Sleep(100 * time.Microsecond)
	return p.m[s]
}

func (p *Prices) Update(s string, v float64) {
	p.rw.Lock()
	p.m[s] = v
	time.Sleep(time.Millisecond)
	p.rw.Unlock()
}

func ContendRW(readers, writers int) {
	p := &Prices{m: map[string]float64{}}
	for i := 0; i < readers; i++ {
		go func() {
			rec.Me(rec.N("quote", i))
			for {
				p.Quote("x")
			}
		}()
	}
	for i := 0; i < writers; i++ {
		go func() {
			rec.Me(rec.N("update", i))
			for {
				p.Update("x", 1)
			}
		}()
	}
}
