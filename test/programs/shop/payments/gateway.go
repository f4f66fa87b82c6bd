// Package payments talks to the bank, over one connection.
package payments

import (
	"bufio"
	"fmt"
	"net"
	"sync"
	"time"
)

type Gateway struct {
	mu   sync.Mutex
	conn net.Conn
	in   *bufio.Reader
}

func Dial(address string) (*Gateway, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &Gateway{conn: conn, in: bufio.NewReader(conn)}, nil
}

// Charge has the lock until the bank answers, without a deadline.
func (g *Gateway) Charge(customer string, cents int) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, err := fmt.Fprintf(g.conn, "charge %s %d\n", customer, cents); err != nil {
		return "", err
	}
	return g.in.ReadString('\n')
}

// Bank answers each line after some time; never, when that is negative.
func Bank(takes time.Duration) (address string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go answer(conn, takes)
		}
	}()
	return l.Addr().String(), nil
}

func answer(conn net.Conn, takes time.Duration) {
	in := bufio.NewScanner(conn)
	for in.Scan() {
		if takes >= 0 {
			time.Sleep(takes)
			fmt.Fprintln(conn, "paid")
		}
	}
}
