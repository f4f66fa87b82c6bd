// Package rec notes which goroutine plays which role and writes the truth of a scenario beside its dumps.
package rec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/pprof"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

type object struct {
	Kind    string   `json:"kind"`
	Addr    string   `json:"addr,omitempty"`
	Holders []string `json:"holders"`
	Waiters []string `json:"waiters"`
	Note    string   `json:"note,omitempty"`
	ptr     any
}

type truth struct {
	Scenario     string             `json:"scenario"`
	Go           string             `json:"go"`
	Arch         string             `json:"arch"`
	Build        string             `json:"build"`
	Goroutines   map[string]uint64  `json:"goroutines"`
	Objects      map[string]*object `json:"objects"`
	Cycles       [][]string         `json:"cycles"`
	Roots        []string           `json:"roots"`
	Idle         []string           `json:"idle"`
	Stuck        []string           `json:"stuck"`
	Gone         []string           `json:"gone,omitempty"`
	Leaked       []string           `json:"leaked,omitempty"`
	NumGoroutine int                `json:"numGoroutine"`
	Notes        map[string]string  `json:"notes,omitempty"`
}

var (
	mu       sync.Mutex
	t        = truth{Goroutines: map[string]uint64{}, Objects: map[string]*object{}, Notes: map[string]string{}}
	want     = map[string]string{}
	autoIdle bool
	young    bool
)

func id() uint64 {
	var b [64]byte
	s := string(b[:runtime.Stack(b[:], false)])
	n, _ := strconv.ParseUint(strings.Fields(s)[1], 10, 64)
	return n
}

// Me says that the calling goroutine plays role.
func Me(role string) {
	mu.Lock()
	defer mu.Unlock()
	if _, dup := t.Goroutines[role]; dup {
		panic("role twice: " + role)
	}
	t.Goroutines[role] = id()
}

// N is a numbered role name.
func N(role string, i int) string { return fmt.Sprintf("%s%02d", role, i) }

func Obj(name, kind string, p any) {
	mu.Lock()
	defer mu.Unlock()
	o := &object{Kind: kind, ptr: p}
	if p != nil {
		o.Addr = fmt.Sprintf("%p", p)
	}
	t.Objects[name] = o
}

func Hold(name string, roles ...string) { t.Objects[name].Holders = roles }
func Wait(name string, roles ...string) {
	o := t.Objects[name]
	o.Waiters = append(o.Waiters, roles...)
}
func ObjNote(name, s string) { t.Objects[name].Note = s }
func Cycle(roles ...string)  { t.Cycles = append(t.Cycles, roles) }
func Root(roles ...string)   { t.Roots = append(t.Roots, roles...) }
func Idle(roles ...string)   { t.Idle = append(t.Idle, roles...) }
func Stuck(roles ...string)  { t.Stuck = append(t.Stuck, roles...) }
func Gone(roles ...string)   { t.Gone = append(t.Gone, roles...) }
func Leaked(roles ...string) { t.Leaked = append(t.Leaked, roles...) }
func Note(k, s string)       { t.Notes[k] = s }
func AutoIdle()              { autoIdle = true }
func Young()                 { young = true }

var head = regexp.MustCompile(`(?m)^goroutine (\d+) \[([^\],]*)`)

func states(dump []byte) map[uint64]string {
	m := map[uint64]string{}
	for _, h := range head.FindAllSubmatch(dump, -1) {
		n, _ := strconv.ParseUint(string(h[1]), 10, 64)
		m[n] = string(h[2])
	}
	return m
}

func all() []byte {
	b := make([]byte, 1<<20)
	for {
		if n := runtime.Stack(b, true); n < len(b) {
			return b[:n]
		}
		b = make([]byte, 2*len(b))
	}
}

// Await waits until each of the roles is registered and its goroutine is in the state.
func Await(state string, roles ...string) {
	end := time.Now().Add(90 * time.Second)
	for {
		st := states(all())
		mu.Lock()
		missing := ""
		for _, r := range roles {
			if g, ok := t.Goroutines[r]; !ok || !in(st[g], state) {
				missing = r + " is " + st[g]
				break
			}
		}
		mu.Unlock()
		if missing == "" {
			break
		}
		if time.Now().After(end) {
			fmt.Fprintf(os.Stderr, "not in state %s: %s\n", state, missing)
			os.Exit(3)
		}
		time.Sleep(5 * time.Millisecond)
	}
	for _, r := range roles {
		want[r] = state
	}
}

func in(st, states string) bool {
	for _, s := range strings.Split(states, "|") {
		if strings.HasPrefix(st, s) && st != "" {
			return true
		}
	}
	return false
}

// Split waits until one of the roles is in state one and all others in state rest; it returns the one.
func Split(one, rest string, roles []string) []string {
	for {
		time.Sleep(5 * time.Millisecond)
		st := states(all())
		mu.Lock()
		var ones, rests []string
		for _, r := range roles {
			switch s := st[t.Goroutines[r]]; {
			case in(s, one):
				ones = append(ones, r)
			case in(s, rest):
				rests = append(rests, r)
			}
		}
		mu.Unlock()
		if len(ones) == 1 && len(rests) == len(roles)-1 {
			Await(one, ones...)
			Await(rest, rests...)
			return ones
		}
	}
}

// AwaitGone waits until the goroutines of the roles have ended.
func AwaitGone(roles ...string) {
	for {
		st := states(all())
		mu.Lock()
		n := 0
		for _, r := range roles {
			g, ok := t.Goroutines[r]
			if _, live := st[g]; !ok || live {
				n++
			}
		}
		mu.Unlock()
		if n == 0 {
			Gone(roles...)
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Range is role00 … role(n-1).
func Range(role string, n int) (s []string) {
	for i := 0; i < n; i++ {
		s = append(s, N(role, i))
	}
	return
}

func expand(in []string) []string {
	out := []string{}
	seen := map[string]bool{}
	for _, p := range in {
		n := 0
		for r := range t.Goroutines {
			if ok, _ := path.Match(p, r); ok {
				n++
				if !seen[r] {
					seen[r] = true
					out = append(out, r)
				}
			}
		}
		if n == 0 {
			fmt.Fprintln(os.Stderr, "no such role", p)
			os.Exit(4)
		}
	}
	sort.Strings(out)
	return out
}

// Finish waits until the runtime shows minutes, then writes dumps and truth.
func Finish(dir, build, scenario string, wait time.Duration) {
	if young {
		time.Sleep(300 * time.Millisecond)
	} else {
		runtime.GC()
		runtime.GC()
		time.Sleep(wait / 2)
		runtime.GC()
		time.Sleep(wait - wait/2)
	}
	for n, o := range t.Objects {
		held := len(o.Holders) > 0 || strings.Contains(o.Note, "leaked") || strings.Contains(o.Note, "gone")
		if l, ok := o.ptr.(interface{ TryLock() bool }); ok && held && l.TryLock() {
			fmt.Fprintln(os.Stderr, "lock is free:", n)
			os.Exit(5)
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		panic(err)
	}
	var d2 bytes.Buffer
	for _, k := range []struct {
		name  string
		debug int
	}{{"goroutine.debug2.txt", 2}, {"goroutine.debug1.txt", 1}, {"goroutine.debug0.pb.gz", 0}} {
		var b bytes.Buffer
		if err := pprof.Lookup("goroutine").WriteTo(&b, k.debug); err != nil {
			panic(err)
		}
		if k.debug == 2 {
			d2 = b
		}
		os.WriteFile(filepath.Join(dir, k.name), b.Bytes(), 0o644)
	}
	t.NumGoroutine = runtime.NumGoroutine()
	t.Scenario, t.Build, t.Go, t.Arch = scenario, build, runtime.Version(), runtime.GOARCH
	known := map[uint64]bool{}
	for _, g := range t.Goroutines {
		known[g] = true
	}
	if autoIdle {
		for g := range states(d2.Bytes()) {
			if !known[g] {
				r := fmt.Sprintf("other%d", g)
				t.Goroutines[r] = g
				t.Idle = append(t.Idle, r)
			}
		}
	}
	for _, o := range t.Objects {
		o.Holders, o.Waiters = expand(o.Holders), expand(o.Waiters)
	}
	if t.Cycles == nil {
		t.Cycles = [][]string{}
	}
	t.Roots, t.Idle, t.Stuck, t.Gone, t.Leaked = expand(t.Roots), expand(t.Idle), expand(t.Stuck), expand(t.Gone), expand(t.Leaked)
	js, _ := json.MarshalIndent(t, "", " ")
	os.WriteFile(filepath.Join(dir, "truth.json"), append(js, '\n'), 0o644)
	js, _ = json.MarshalIndent(map[string]any{"want": want, "young": young}, "", " ")
	os.WriteFile(filepath.Join(dir, "expect.json"), append(js, '\n'), 0o644)
}
