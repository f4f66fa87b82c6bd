// Command faults is a server with known faults for the tests of tspprof diagnose.
package main

import (
	_ "expvar"
	"flag"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"runtime"
	"sort"
	"strings"
	"time"

	"example.com/faults/load"
)

// Each fault sets in at once and stays.
var faults = map[string]func(){
	"deadlock":   deadlock,
	"heldlock":   heldLock,
	"nilchannel": nilChannel,
	"chanleak":   channelLeak,
	"growing":    growingGoroutines,
	"memleak":    memoryLeak,
	"hot":        hotFunction,
	"regexp":     regexpPerCall,
	"contended":  contendedLock,
	"gc":         gcPressure,
	"threads":    threadsInSyscalls,
	"files":      fileLeak,
	"starved":    starvedCPU,
}

func main() {
	listen := flag.String("listen", "127.0.0.1:6071", "address")
	names := flag.String("fault", "", "faults, with commas between")
	healthy := flag.String("load", "light", "ordinary work: none, light, heavy")
	flag.Parse()
	runtime.SetMutexProfileFraction(1)
	runtime.SetBlockProfileRate(10_000)
	for _, name := range strings.Split(*names, ",") {
		start, ok := faults[name]
		if !ok && name != "" {
			fmt.Fprintln(os.Stderr, "no such fault; there are", known())
			os.Exit(2)
		}
		if ok {
			start()
		}
	}
	load.Start(*healthy)
	// A wait has minutes only from the first GC on that sees it.
	go func() {
		for range 3 {
			time.Sleep(time.Second)
			runtime.GC()
		}
	}()
	log.Fatal(http.ListenAndServe(*listen, nil))
}

func known() []string {
	var names []string
	for name := range faults {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
