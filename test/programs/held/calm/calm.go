// Package calm: programs without a fault.
package calm

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/rpc"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"

	"example.com/held/pool"
	"example.com/held/witness"
)

func listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return l
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var kept []any

// Proxy copies n connections both ways.
func Proxy(n int) {
	back, front := listen(), listen()
	go func() {
		witness.Me("back")
		for {
			c, err := back.Accept()
			if err != nil {
				return
			}
			go io.Copy(c, c)
		}
	}()
	go func() {
		witness.Me("front")
		for {
			c, err := front.Accept()
			if err != nil {
				return
			}
			go relay(c, must(net.Dial("tcp", back.Addr().String())))
		}
	}()
	for i := 0; i < n; i++ {
		c := must(net.Dial("tcp", front.Addr().String()))
		c.Write([]byte("x"))
		c.Read(make([]byte, 1))
		kept = append(kept, c)
	}
}

func relay(a, b net.Conn) {
	var wg sync.WaitGroup
	wg.Add(2)
	pipe := func(dst, src net.Conn) {
		defer wg.Done()
		io.Copy(dst, src)
		dst.Close()
	}
	go pipe(a, b)
	go pipe(b, a)
	wg.Wait()
}

type Echo struct{}

func (Echo) Say(s string, out *string) error { *out = s; return nil }

// RPC: a server with idle clients, some of them with a call that streams slowly… none hangs.
func RPC(n int) {
	l := listen()
	s := rpc.NewServer()
	s.Register(Echo{})
	go s.Accept(l)
	for i := 0; i < n; i++ {
		c := must(rpc.Dial("tcp", l.Addr().String()))
		var out string
		c.Call("Echo.Say", "hi", &out)
		kept = append(kept, c)
	}
}

// TLS: idle connections on both sides, with a reader each.
func TLS(n int) {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now(), NotAfter: time.Now().Add(time.Hour)}
	der := must(x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key))
	l := tls.NewListener(listen(), &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	read := func(c net.Conn) {
		b := bufio.NewReader(c)
		for {
			if _, err := b.ReadString('\n'); err != nil {
				return
			}
		}
	}
	go func() {
		witness.Me("tlsaccept")
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go read(c)
		}
	}()
	for i := 0; i < n; i++ {
		c := must(tls.Dial("tcp", l.Addr().String(), &tls.Config{InsecureSkipVerify: true}))
		fmt.Fprintln(c, "hello")
		go read(c)
	}
}

// Streams: long answers of an HTTP server, in the way of grpc server streams.
func Streams(n int) {
	hub := &hub{subs: map[chan string]bool{}}
	srv := httptest.NewServer(http.HandlerFunc(hub.serve))
	for i := 0; i < n; i++ {
		resp := must(http.Get(srv.URL + fmt.Sprint("/events?", i)))
		go func() {
			sc := bufio.NewScanner(resp.Body)
			for sc.Scan() {
			}
		}()
	}
	go func() {
		witness.Me("publisher")
		for i := range time.Tick(time.Hour) {
			hub.publish(i.String())
		}
	}()
}

type hub struct {
	mu   sync.RWMutex
	subs map[chan string]bool
}

func (h *hub) serve(w http.ResponseWriter, r *http.Request) {
	ch := make(chan string, 8)
	h.mu.Lock()
	h.subs[ch] = true
	h.mu.Unlock()
	w.WriteHeader(200)
	http.NewResponseController(w).Flush()
	for {
		select {
		case m := <-ch:
			fmt.Fprintf(w, "data: %s\n\n", m)
		case <-r.Context().Done():
			return
		}
	}
}

func (h *hub) publish(s string) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for ch := range h.subs {
		select {
		case ch <- s:
		default:
		}
	}
}

// System: signals, children, fifos, timers, databases.
func System() {
	go func() {
		witness.Me("hup")
		c := make(chan os.Signal, 1)
		signal.Notify(c, syscall.SIGHUP)
		for s := range c {
			_ = s
		}
	}()
	go func() {
		witness.Me("supervisor")
		runtime.LockOSThread()
		for {
			cmd := exec.Command("sleep", "1200")
			cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
			cmd.Stdout = new(writer)
			cmd.Run()
		}
	}()
	go func() {
		witness.Me("notify")
		r, w, _ := os.Pipe()
		kept = append(kept, w)
		b := make([]byte, 4096)
		for {
			if _, err := r.Read(b); err != nil {
				return
			}
		}
	}()
	db := pool.Open(2)
	pool.Each(db, "select", func(int64) {})
	kept = append(kept, db)
	go cron(time.Hour, 200*time.Millisecond)
	time.AfterFunc(time.Hour, func() {})
	ctx, cancel := context.WithTimeoutCause(context.Background(), time.Hour, io.EOF)
	kept = append(kept, cancel)
	context.AfterFunc(ctx, func() {})
	go func() {
		witness.Me("waiter")
		<-ctx.Done()
	}()
}

type writer struct{ n int }

func (w *writer) Write(b []byte) (int, error) { w.n += len(b); return len(b), nil }

func cron(long, short time.Duration) {
	witness.Me("cron")
	a, b := time.NewTicker(long), time.NewTicker(short)
	for {
		select {
		case <-a.C:
		case <-b.C:
		}
	}
}

type actor struct {
	box  chan func(*actor)
	done chan struct{}
	n    int
}

func (a *actor) loop(role string) {
	witness.Me(role)
	defer close(a.done)
	for f := range a.box {
		f(a)
	}
}

// Actors: each waits for messages; a supervisor waits for all of them.
func Actors(n int) {
	var all []*actor
	for i := 0; i < n; i++ {
		a := &actor{box: make(chan func(*actor), 1), done: make(chan struct{})}
		go a.loop(witness.N("actor", i))
		a.box <- func(a *actor) { a.n++ }
		all = append(all, a)
	}
	go func() {
		witness.Me("join")
		for _, a := range all {
			<-a.done
		}
	}()
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			witness.Me(witness.N("loop", i))
			reqs := make(chan int)
			kept = append(kept, reqs)
			for {
				select {
				case <-reqs:
				case <-time.After(time.Hour):
				}
			}
		})
		time.Sleep(20 * time.Millisecond)
	}
	go func() {
		witness.Me("wgwait")
		wg.Wait()
	}()
	go func() {
		witness.Me("forever")
		select {}
	}()
}

// Journal is a busy lock around small writes to a file.
type Journal struct {
	mu sync.Mutex
	f  *os.File
	n  int64
}

func (j *Journal) Append(rec []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.n++
	if _, err := j.f.WriteAt(rec, j.n%64*512); err != nil {
		return err
	}
	return nil
}

func Journals(n int) {
	f := must(os.CreateTemp("", "held-journal"))
	os.Remove(f.Name())
	j := &Journal{f: f}
	for i := 0; i < n; i++ {
		witness.Go(witness.N("append", i), func() {
			rec := make([]byte, 512)
			for j.Append(rec) == nil {
			}
		})
	}
}

// Board: many readers, one writer every few moments.
type Board struct {
	rw    sync.RWMutex
	score map[string]int
}

func (b *Board) Top(k int) (best string) {
	b.rw.RLock()
	defer b.rw.RUnlock()
	for n, s := range b.score {
		if s > b.score[best] {
			best = n
		}
	}
	return
}

func (b *Board) Score(who string, n int) {
	b.rw.Lock()
	defer b.rw.Unlock()
	b.score[who] += n
}

func Boards(readers int) {
	b := &Board{score: map[string]int{}}
	for i := range 500 {
		b.Score(fmt.Sprint("p", i), i)
	}
	for i := 0; i < readers; i++ {
		witness.Go(witness.N("top", i), func() {
			for {
				b.Top(3)
			}
		})
	}
	witness.Go("scorer", func() {
		for {
			b.Score("p7", 1)
		}
	})
}
