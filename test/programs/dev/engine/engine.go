// Package engine: containers whose state has its own lock, networks with theirs, a daemon over both.
package engine

import (
	"sync"
	"time"

	"example.com/dev/rec"
)

type State struct {
	sync.Mutex
	Running bool
	Pid     int
}

type Config struct {
	Image string
	Env   []string
}

type Container struct {
	ID     string
	Config *Config
	State  *State
}

type Endpoint struct {
	id string
	c  *Container
}

type Network struct {
	name string
	ctl  *Controller
	eps  map[string]*Endpoint
}

type Controller struct {
	driver string
	guard  *sync.Mutex
}

type Daemon struct {
	root       string
	containers map[string]*Container
	net        *Network
	delay      time.Duration
}

func NewDaemon(delay time.Duration, ids ...string) *Daemon {
	d := &Daemon{root: "/var/lib/engine", containers: map[string]*Container{}, delay: delay}
	d.net = &Network{name: "bridge", ctl: &Controller{"veth", new(sync.Mutex)}, eps: map[string]*Endpoint{}}
	rec.Obj("ctl.guard", "Mutex", d.net.ctl.guard)
	for _, id := range ids {
		c := &Container{ID: id, Config: &Config{Image: "alpine"}, State: &State{}}
		rec.Obj("state."+id, "Mutex", c.State)
		d.containers[id] = c
	}
	return d
}

// Stop holds the state of the container and leaves the network.
func (d *Daemon) Stop(id string, seconds int) error {
	c := d.containers[id]
	c.State.Lock()
	defer c.State.Unlock()
	c.State.Running = false
	time.Sleep(d.delay)
	return d.net.leave(c)
}

func (n *Network) leave(c *Container) error {
	n.ctl.guard.Lock()
	defer n.ctl.guard.Unlock()
	delete(n.eps, c.ID)
	return nil
}

// Prune holds the network and looks at the state of every container.
func (d *Daemon) Prune(filter map[string]string) (dead []string) {
	d.net.ctl.guard.Lock()
	defer d.net.ctl.guard.Unlock()
	time.Sleep(d.delay)
	for id, c := range d.containers {
		if !c.IsRunning() {
			dead = append(dead, id)
		}
	}
	return
}

func (c *Container) IsRunning() bool {
	c.State.Lock()
	defer c.State.Unlock()
	return c.State.Running
}

func (d *Daemon) Inspect(id string) (running bool, pid int) {
	c, ok := d.containers[id]
	if !ok {
		return
	}
	c.State.Lock()
	running, pid = c.State.Running, c.State.Pid
	c.State.Unlock()
	return
}

// Attach waits on the stream of the container while it holds its state: the fault of scenario state_attach.
func (d *Daemon) Attach(id string, stream <-chan []byte) int {
	c := d.containers[id]
	c.State.Lock()
	n := 0
	for b := range stream {
		n += len(b)
	}
	c.State.Unlock()
	return n
}
