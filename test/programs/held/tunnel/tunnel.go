// Package tunnel carries flows over one link; a flow needs window from the peer.
package tunnel

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"example.com/held/witness"
)

type packet struct {
	flow uint16
	kind byte
	data []byte
}

type Flow struct {
	id   uint16
	t    *Tunnel
	recv chan packet
}

type Tunnel struct {
	id     string
	link   net.Conn
	table  *flowTable
	window chan int
	out    chan packet
	pings  chan byte
	dead   chan struct{}
}

type flowTable struct {
	lk    *sync.RWMutex
	flows map[uint16]*Flow
	last  uint16
}

func Start(id string, link net.Conn, window int) *Tunnel {
	t := &Tunnel{id: id, link: link, window: make(chan int, 16), out: make(chan packet), pings: make(chan byte, 1), dead: make(chan struct{})}
	t.table = &flowTable{lk: new(sync.RWMutex), flows: map[uint16]*Flow{}}
	witness.Obj(id+".table", "RWMutex", t.table.lk)
	for ; window > 0; window-- {
		t.window <- 1
	}
	go t.reader()
	go t.writer()
	go t.pinger(20 * time.Second)
	return t
}

func (t *Tunnel) reader() error {
	witness.Me(t.id + "/reader")
	b := make([]byte, 4)
	for {
		if _, err := io.ReadFull(t.link, b); err != nil {
			close(t.dead)
			return err
		}
		t.dispatch(packet{uint16(b[0])<<8 | uint16(b[1]), b[2], nil})
	}
}

func (t *Tunnel) dispatch(p packet) {
	if p.kind == 9 {
		t.window <- 1
		return
	}
	t.table.lk.RLock()
	f := t.table.flows[p.flow]
	t.table.lk.RUnlock()
	if f != nil {
		f.recv <- p
	}
}

func (t *Tunnel) writer() {
	witness.Me(t.id + "/writer")
	for {
		var p packet
		select {
		case p = <-t.out:
		case b := <-t.pings:
			p.kind = b
		case <-t.dead:
			return
		}
		if _, err := t.link.Write([]byte{byte(p.flow >> 8), byte(p.flow), p.kind, 0}); err != nil {
			return
		}
	}
}

func (t *Tunnel) pinger(every time.Duration) {
	witness.Me(t.id + "/pinger")
	tk := time.NewTicker(every)
	defer tk.Stop()
	for {
		select {
		case <-tk.C:
			t.pings <- 1
		case <-t.dead:
			return
		}
	}
}

var ErrFull = errors.New("table full")

// Dial opens a flow; it waits for window below the lock of the table.
func (t *Tunnel) Dial(port uint16) (*Flow, error) {
	t.table.lk.Lock()
	defer t.table.lk.Unlock()
	if len(t.table.flows) > 1000 {
		return nil, ErrFull
	}
	t.table.last++
	f := &Flow{id: t.table.last, t: t, recv: make(chan packet, 1)}
	f.acquire()
	t.table.flows[f.id] = f
	return f, nil
}

func (f *Flow) acquire() { <-f.t.window }

func (t *Tunnel) Flows() int {
	t.table.lk.RLock()
	defer t.table.lk.RUnlock()
	return len(t.table.flows)
}

func (t *Tunnel) Shutdown(reason string) error {
	t.table.lk.Lock()
	defer t.table.lk.Unlock()
	clear(t.table.flows)
	return t.link.Close()
}
