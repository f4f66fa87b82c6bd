package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"syscall"
	"time"

	"example.com/held/witness"
)

type scene struct {
	name string
	play func()
}

func scenes() []scene {
	return slices.Concat(lockScenes(), cycleScenes(), leakScenes(), calmScenes())
}

func main() {
	if len(os.Args) == 2 {
		for _, s := range scenes() {
			fmt.Println(s.name)
		}
		return
	}
	name, dir, build := os.Args[1], os.Args[2], os.Args[3]
	secs, _ := strconv.Atoi(os.Args[4])
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	witness.Me("main")
	witness.Idle("main")
	go director(name, dir, build, time.Duration(secs)*time.Second)
	<-ctx.Done()
}

// director plays the scene and ends; only then the recorder asks for dumps.
func director(name, dir, build string, wait time.Duration) {
	for _, s := range scenes() {
		if s.name == name {
			s.play()
		}
	}
	witness.Settle(dir, build, name, wait)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go (&http.Server{}).Serve(l)
	os.WriteFile(dir+"/addr.tmp", []byte(l.Addr().String()), 0o644)
	os.Rename(dir+"/addr.tmp", dir+"/addr")
}
