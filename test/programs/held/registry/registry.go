// Package registry keeps services and tells watchers about them.
package registry

import (
	"sync"
	"time"

	"example.com/held/witness"
)

type Service struct {
	Name  string
	Addrs []string
	Tags  map[string]string
}

type Watcher interface {
	Changed(s *Service, kind int)
}

type Registry struct {
	zone     string
	services map[string]*Service
	watchers []Watcher
	*sync.RWMutex
}

func New(zone string) *Registry {
	r := &Registry{zone: zone, services: map[string]*Service{}, RWMutex: new(sync.RWMutex)}
	witness.Obj("Registry", "RWMutex", r.RWMutex)
	return r
}

func (r *Registry) Watch(w Watcher) {
	r.Lock()
	r.watchers = append(r.watchers, w)
	r.Unlock()
}

func (r *Registry) Register(s *Service) {
	r.Lock()
	r.services[s.Name] = s
	r.Unlock()
}

// Touch tells all watchers below the read lock.
func (r *Registry) Touch(name string) int {
	r.RLock()
	defer r.RUnlock()
	s := r.services[name]
	for _, w := range r.watchers {
		w.Changed(s, 2)
	}
	return len(r.watchers)
}

func (r *Registry) Find(name string) (*Service, bool) {
	r.RLock()
	defer r.RUnlock()
	s, ok := r.services[name]
	return s, ok
}

// Reaper is a watcher that removes services without address.
type Reaper struct{ R *Registry }

func (p Reaper) Changed(s *Service, kind int) {
	if len(s.Addrs) == 0 {
		p.remove(s.Name)
	}
}

func (p Reaper) remove(name string) {
	p.R.Lock()
	defer p.R.Unlock()
	delete(p.R.services, name)
}

// Ping is a watcher that asks the registry again.
type Ping struct {
	R    *Registry
	Wait time.Duration
}

func (p *Ping) Changed(s *Service, kind int) {
	time.Sleep(p.Wait)
	if _, ok := p.R.Find(s.Name); !ok {
		return
	}
}

// Relay is a watcher that passes services on.
type Relay struct{ To chan<- *Service }

func (y Relay) Changed(s *Service, kind int) { y.To <- s }
