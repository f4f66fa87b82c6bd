// The peer of the suite dumps: the best of five scans of a file by gostackparse, in seconds.
//
//	go build -o gostackparse . && GOSTACKPARSE=$PWD/gostackparse npm run bench -- dumps
package main

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"github.com/DataDog/gostackparse"
)

func main() {
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	best := time.Hour
	count := 0
	for i := 0; i < 5; i++ {
		start := time.Now()
		goroutines, _ := gostackparse.Parse(bytes.NewReader(data))
		count = len(goroutines)
		if took := time.Since(start); took < best {
			best = took
		}
	}
	fmt.Printf("{\"count\": %d, \"seconds\": %f}\n", count, best.Seconds())
}
