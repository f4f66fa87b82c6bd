// shopd is an online shop that makes its own customers. It is healthy, unless -fault says otherwise.
package main

import (
	_ "expvar"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"
)

func main() {
	names := flag.String("fault", "", "what goes wrong, with commas between: "+strings.Join(keys(faults), " "))
	load := flag.String("load", "http", "what it does otherwise: "+strings.Join(keys(loads), " "))
	listen := flag.String("listen", "127.0.0.1:0", "host:port; port 0 takes a free one")
	hold := flag.Bool("hold", false, "start only what hangs; the rest waits for SIGUSR1")
	flag.Parse()
	log.SetFlags(0)

	runtime.SetMutexProfileFraction(5)
	runtime.SetBlockProfileRate(100_000)
	runtime.GOMAXPROCS(2)

	later := make(chan os.Signal, 1)
	if *hold {
		signal.Notify(later, syscall.SIGUSR1)
	}
	chosen := map[string]bool{}
	for _, name := range strings.FieldsFunc(*names, func(r rune) bool { return r == ',' }) {
		if _, ok := faults[name]; !ok {
			log.Fatalf("no such fault: %s", name)
		}
		chosen[name] = true
	}
	start, ok := loads[*load]
	if !ok {
		log.Fatalf("no such load: %s", *load)
	}

	// Before anything is open, so that the limit is what the fault says.
	for name := range chosen {
		limitFiles(faults[name].files)
	}
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	s := newShop("http://"+l.Addr().String(), chosen)
	go http.Serve(l, nil)
	fmt.Println("listening on", l.Addr())

	s.startFaults(chosen, true)
	go collectGarbage()
	if *hold {
		<-later
		signal.Stop(later)
	}
	start(s)
	s.startFaults(chosen, false)
	select {}
}

// collectGarbage runs a few early: a wait is dated from the first GC that sees it.
func collectGarbage() {
	for range 5 {
		time.Sleep(time.Second)
		runtime.GC()
	}
}

// limitFiles lowers RLIMIT_NOFILE, which Go's start has put to the hard limit.
func limitFiles(n uint64) {
	if n == 0 {
		return
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: n, Max: n}); err != nil {
		log.Fatal(err)
	}
}
