// Package wire: connections and clients.
package wire

import (
	"compress/gzip"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/rpc"
	"sync"

	"example.com/held/witness"
)

// Conn has one lock for each direction.
type Conn struct {
	nc  net.Conn
	rmu sync.Mutex
	wmu sync.Mutex
	out chan []byte
	n   int
}

func NewConn(nc net.Conn) *Conn {
	c := &Conn{nc: nc, out: make(chan []byte)}
	witness.Obj("Conn.rmu", "Mutex", &c.rmu)
	witness.Obj("Conn.wmu", "Mutex", &c.wmu)
	return c
}

func (c *Conn) ReadMsg() (b [4]byte, err error) {
	c.rmu.Lock()
	defer c.rmu.Unlock()
	_, err = io.ReadFull(c.nc, b[:])
	return
}

func (c *Conn) WriteMsg(b []byte) {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	c.n++
	c.out <- b
}

func (c *Conn) Written() int {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	return c.n
}

// Deaf listens, accepts nothing and never reads: the kernel takes the connections.
func Deaf() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	Keep = append(Keep, l)
	return l
}

var Keep []any

func Dial(l net.Listener) net.Conn {
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		panic(err)
	}
	Keep = append(Keep, c)
	return c
}

// Calc is an RPC service whose Slow never answers.
type Calc struct{}

func (Calc) Slow(n int, out *int) error {
	witness.Me("slow")
	select {}
}

func (Calc) Add(n int, out *int) error { *out = n + 1; return nil }

// Remote calls the service, one call at a time.
type Remote struct {
	cl   *rpc.Client
	last string
	mu   sync.Mutex
}

func NewRemote() *Remote {
	a, b := net.Pipe()
	s := rpc.NewServer()
	s.Register(Calc{})
	go s.ServeConn(a)
	r := &Remote{cl: rpc.NewClient(b)}
	witness.Obj("Remote.mu", "Mutex", &r.mu)
	return r
}

func (r *Remote) Do(method string, n int) (out int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = method
	err = r.cl.Call(method, n, &out)
	return
}

// Secure is a TLS client; the first Write makes the handshake.
func Secure(nc net.Conn) *tls.Conn {
	return tls.Client(nc, &tls.Config{InsecureSkipVerify: true})
}

// Dump encodes into a pipe.
func Dump(w *io.PipeWriter, v any) error {
	z := gzip.NewWriter(w)
	if err := json.NewEncoder(z).Encode(v); err != nil {
		return err
	}
	return z.Close()
}

func Chatty(w io.Writer, role string) {
	l := slog.New(slog.NewTextHandler(w, nil)).With("role", role)
	for i := 0; ; i++ {
		l.Info("request", "n", i, "path", fmt.Sprintf("/item/%d", i))
	}
}

func Log(l *slog.Logger) {
	for i := 0; ; i++ {
		l.Info("request", "n", i)
	}
}
