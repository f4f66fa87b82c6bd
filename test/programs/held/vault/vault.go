// Package vault: secrets behind stripes, lockers by name, lazily made keys.
package vault

import (
	"fmt"
	"sync"

	"example.com/held/witness"
)

type stripe struct {
	sync.RWMutex
	vals map[string]string
	_    [32]byte
}

type Vault struct {
	name    string
	stripes []*stripe
}

func New(name string, n int) *Vault {
	v := &Vault{name: name}
	for i := 0; i < n; i++ {
		s := &stripe{vals: map[string]string{}}
		witness.Obj(fmt.Sprintf("stripe%02d", i), "RWMutex", &s.RWMutex)
		v.stripes = append(v.stripes, s)
	}
	return v
}

func (v *Vault) at(key string) *stripe { return v.stripes[len(key)%len(v.stripes)] }

// Rotate makes a new value below the lock of the stripe.
func (v *Vault) Rotate(key string, make func(old string) (string, error)) error {
	s := v.at(key)
	s.Lock()
	defer s.Unlock()
	val, err := make(s.vals[key])
	if err != nil {
		return fmt.Errorf("rotate %s: %w", key, err)
	}
	s.vals[key] = val
	return nil
}

func (v *Vault) Read(key string) string {
	s := v.at(key)
	s.RLock()
	defer s.RUnlock()
	return s.vals[key]
}

// Lockers hands out a locker for each name.
type Lockers struct {
	m sync.Map
}

func (l *Lockers) For(name string) sync.Locker {
	v, known := l.m.LoadOrStore(name, new(sync.Mutex))
	if !known {
		witness.Obj("locker."+name, "Mutex", v)
	}
	return v.(sync.Locker)
}

func (l *Lockers) Do(name string, f func()) {
	k := l.For(name)
	k.Lock()
	defer k.Unlock()
	f()
}

// Key is made at its first use.
type Key struct {
	id   string
	once sync.Once
	bits []byte
	gen  func(*Key) []byte
}

func NewKey(id string, gen func(*Key) []byte) *Key {
	k := &Key{id: id, gen: gen}
	witness.Obj("Key.once", "Once", &k.once)
	return k
}

func (k *Key) Bits() []byte {
	k.once.Do(func() { k.bits = k.gen(k) })
	return k.bits
}

func (k *Key) Len() int { return len(k.Bits()) }

// Sealed is copied; its copies share the lock.
type Sealed struct {
	label string
	mu    *sync.Mutex
	data  *[]byte
}

func Seal(label string) Sealed {
	s := Sealed{label, new(sync.Mutex), new([]byte)}
	witness.Obj("Sealed.mu", "Mutex", s.mu)
	return s
}

func (s Sealed) As(label string) Sealed { s.label = label; return s }

func (s Sealed) Fill(from <-chan byte) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for b := range from {
		*s.data = append(*s.data, b)
	}
	return len(*s.data)
}

func (s Sealed) Size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(*s.data)
}

// Store is generic over its entities.
type Entity interface{ Key() string }

type Store[T Entity] struct {
	kind string
	all  map[string]T
	mu   sync.Mutex
}

func NewStore[T Entity](kind string) *Store[T] {
	s := &Store[T]{kind: kind, all: map[string]T{}}
	witness.Obj("Store.mu", "Mutex", &s.mu)
	return s
}

func (s *Store[T]) Update(e T, check func(T) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := check(e); err != nil {
		return err
	}
	s.all[e.Key()] = e
	return nil
}

func (s *Store[T]) Load(key string) (e T, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok = s.all[key]
	return
}

type User struct {
	Mail string
	Age  int
}

func (u User) Key() string { return u.Mail }

// The configuration of the process.
var (
	confLock sync.RWMutex
	conf     = map[string]string{}
)

func Declare() { witness.Obj("confLock", "RWMutex", &confLock) }

func Reload(read func() (map[string]string, error)) error {
	confLock.Lock()
	defer confLock.Unlock()
	m, err := read()
	if err == nil {
		conf = m
	}
	return err
}

func Setting(k string) string {
	confLock.RLock()
	defer confLock.RUnlock()
	return conf[k]
}
