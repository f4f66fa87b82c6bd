package main

import (
	"time"
)

type Job struct{ id int }

//go:noinline
func WaitForNothing() {
	var never chan Job
	<-never
}

func nilChannel() { go WaitForNothing() }

//go:noinline
func SendResult(results chan<- Job, id int) { results <- Job{id} }

//go:noinline
func askAll() {
	results := make(chan Job)
	for i := range 8 {
		go SendResult(results, i)
	}
	// The first answer counts; nobody takes the others.
	<-results
}

func channelLeak() {
	for range 20 {
		go askAll()
	}
}

//go:noinline
func Subscribe(events <-chan Job) {
	for range events {
	}
}

func growingGoroutines() {
	go func() {
		for {
			// Nobody closes it.
			go Subscribe(make(chan Job))
			time.Sleep(5 * time.Millisecond)
		}
	}()
}
