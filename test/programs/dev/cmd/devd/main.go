package main

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"time"

	"example.com/dev/health"
	"example.com/dev/rec"
)

var scenarios = map[string]func(){}

func main() {
	if len(os.Args) < 2 || os.Args[1] == "list" {
		var n []string
		for k := range scenarios {
			n = append(n, k)
		}
		sort.Strings(n)
		for _, k := range n {
			fmt.Println(k)
		}
		return
	}
	if os.Args[1] == "dial" {
		n, _ := strconv.Atoi(os.Args[3])
		health.DialMany(os.Args[2], n)
		return
	}
	name, dir, build := os.Args[1], os.Args[2], os.Args[3]
	secs, _ := strconv.Atoi(os.Args[4])
	rec.Me("main")
	rec.Idle("main")
	scenarios[name]()
	rec.Finish(dir, build, name, time.Duration(secs)*time.Second)
	if build == "sigquit" {
		os.WriteFile(dir+"/ready", nil, 0o644)
		time.Sleep(time.Minute)
	}
}
