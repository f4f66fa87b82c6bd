// Package session multiplexes streams over a connection, in the way of yamux.
package session

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"example.com/dev/rec"
)

type frame struct {
	kind, stream uint32
}

type Stream struct {
	id   uint32
	sess *Session
	in   chan []byte
}

type Session struct {
	name     string
	conn     net.Conn
	br       *bufio.Reader
	sendCh   chan frame
	streams  map[uint32]*Stream
	nextID   uint32
	mu       sync.Mutex
	shutdown chan struct{}
	closed   bool
}

func New(name string, c net.Conn, depth int, sender bool) *Session {
	s := &Session{name: name, conn: c, br: bufio.NewReader(c), sendCh: make(chan frame, depth), streams: map[uint32]*Stream{}, shutdown: make(chan struct{})}
	rec.Obj(name+".mu", "Mutex", &s.mu)
	go s.recvLoop()
	if sender {
		go s.sendLoop()
	}
	go s.keepalive()
	return s
}

func (s *Session) recvLoop() {
	rec.Me(s.name + ".recv")
	var hdr [8]byte
	for {
		if _, err := io.ReadFull(s.br, hdr[:]); err != nil {
			return
		}
		s.deliver(binary.BigEndian.Uint32(hdr[4:]))
	}
}

func (s *Session) deliver(id uint32) {
	s.mu.Lock()
	st := s.streams[id]
	s.mu.Unlock()
	if st != nil {
		st.in <- nil
	}
}

func (s *Session) sendLoop() {
	rec.Me(s.name + ".send")
	for {
		select {
		case f := <-s.sendCh:
			var hdr [8]byte
			binary.BigEndian.PutUint32(hdr[:], f.kind)
			binary.BigEndian.PutUint32(hdr[4:], f.stream)
			if _, err := s.conn.Write(hdr[:]); err != nil {
				return
			}
		case <-s.shutdown:
			return
		}
	}
}

func (s *Session) keepalive() {
	rec.Me(s.name + ".keepalive")
	for {
		select {
		case <-time.After(30 * time.Second):
			select {
			case s.sendCh <- frame{}:
			default:
			}
		case <-s.shutdown:
			return
		}
	}
}

func (s *Session) OpenStream() (*Stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, io.ErrClosedPipe
	}
	s.nextID += 2
	st := &Stream{id: s.nextID, sess: s, in: make(chan []byte, 4)}
	s.streams[st.id] = st
	s.sendCh <- frame{1, st.id}
	return st, nil
}

func (s *Session) NumStreams() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.streams)
}

func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	close(s.shutdown)
	return s.conn.Close()
}

// Pair is a TCP connection and its peer.
func Pair() (a, b net.Conn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	ch := make(chan net.Conn)
	go func() {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		ch <- c
	}()
	if a, err = net.Dial("tcp", l.Addr().String()); err != nil {
		panic(fmt.Errorf("dial: %w", err))
	}
	return a, <-ch
}
