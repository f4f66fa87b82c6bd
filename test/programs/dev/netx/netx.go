// Package netx: clients that do their I/O under a lock.
package netx

import (
	"bufio"
	"encoding/binary"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"

	"example.com/dev/rec"
)

// Client speaks a request/response protocol over one connection.
type Client struct {
	addr string
	mu   sync.Mutex
	conn net.Conn
	br   *bufio.Reader
	seq  uint32
	buf  [8]byte
}

func Dial(addr string) (*Client, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	x := &Client{addr: addr, conn: c, br: bufio.NewReader(c)}
	rec.Obj("Client.mu", "Mutex", &x.mu)
	return x, nil
}

func (c *Client) Call(op uint32) (uint32, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seq++
	if err := c.send(op, c.seq); err != nil {
		return 0, err
	}
	return c.receive()
}

func (c *Client) send(op, seq uint32) error {
	binary.BigEndian.PutUint32(c.buf[:], op)
	binary.BigEndian.PutUint32(c.buf[4:], seq)
	_, err := c.conn.Write(c.buf[:])
	return err
}

func (c *Client) receive() (uint32, error) {
	var b [4]byte
	_, err := io.ReadFull(c.br, b[:])
	return binary.BigEndian.Uint32(b[:]), err
}

// Upload writes a big body to the peer.
func (c *Client) Upload(body []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conn.Write(body)
}

// Silent accepts and neither reads nor writes.
func Silent(role string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		rec.Me(role)
		var keep []net.Conn
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			keep = append(keep, c)
		}
	}()
	return l.Addr().String()
}

// Metadata asks a web service, one question at a time.
type Metadata struct {
	base  string
	hc    *http.Client
	lk    sync.RWMutex
	known map[string]string
}

func NewMetadata(base string) *Metadata {
	m := &Metadata{base: base, hc: &http.Client{}, known: map[string]string{}}
	rec.Obj("Metadata.lk", "RWMutex", &m.lk)
	return m
}

func (m *Metadata) Lookup(key string) (string, error) {
	m.lk.Lock()
	defer m.lk.Unlock()
	if v, ok := m.known[key]; ok {
		return v, nil
	}
	resp, err := m.hc.Get(m.base + "/latest/" + key)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	m.known[key] = string(b)
	return string(b), err
}

func (m *Metadata) Cached(key string) (v string, ok bool) {
	m.lk.RLock()
	v, ok = m.known[key]
	m.lk.RUnlock()
	return
}

// Plugin talks to a child over pipes.
type Plugin struct {
	name string
	out  *os.File
	mu   sync.Mutex
	n    int
}

func NewPlugin(name string) (p *Plugin, w *os.File) {
	r, w, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	p = &Plugin{name: name, out: r}
	rec.Obj("Plugin.mu", "Mutex", &p.mu)
	return p, w
}

func (p *Plugin) Next() (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	return bufio.NewReader(p.out).ReadString('\n')
}

// Lockfile is a lock shared with other processes.
type Lockfile struct {
	path string
	fd   int
	mu   sync.Mutex
}

func OpenLockfile(path string) *Lockfile {
	fd, err := syscall.Open(path, syscall.O_CREAT|syscall.O_RDWR, 0o600)
	if err != nil {
		panic(err)
	}
	f := &Lockfile{path: path, fd: fd}
	rec.Obj("Lockfile.mu", "Mutex", &f.mu)
	return f
}

func (f *Lockfile) Acquire() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return syscall.Flock(f.fd, syscall.LOCK_EX)
}

// Audit logs below its lock.
type Audit struct {
	l     *log.Logger
	count int
}

func NewAudit(w io.Writer) *Audit { return &Audit{l: log.New(w, "audit ", log.LstdFlags)} }

func (a *Audit) Record(who, what string, n int) {
	a.l.Printf("%s did %s (%d)", who, what, n)
}

// Pump copies lines into a pipe that nobody reads.
func Pump(w *io.PipeWriter, lines []string) error {
	for _, s := range lines {
		if _, err := io.WriteString(w, s+"\n"); err != nil {
			return err
		}
	}
	return w.Close()
}

func Beat(role string, every time.Duration) {
	rec.Me(role)
	for range time.Tick(every) {
	}
}
