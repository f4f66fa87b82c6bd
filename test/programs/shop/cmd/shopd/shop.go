package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"

	"example.com/shop/audit"
	"example.com/shop/cart"
	"example.com/shop/catalog"
	"example.com/shop/events"
	"example.com/shop/images"
	"example.com/shop/mail"
	"example.com/shop/orders"
	"example.com/shop/pricing"
	"example.com/shop/render"
	"example.com/shop/report"
	"example.com/shop/session"
	"example.com/shop/spool"
	"example.com/shop/stock"
)

const products = 2000

type shop struct {
	url      string
	catalog  *catalog.Catalog
	stock    *stock.Warehouse
	book     *orders.Book
	carts    *cart.Carts
	outbox   *events.Outbox
	pool     *images.Pool
	picture  *images.Image
	sessions *session.Store
	audit    *audit.Log
	quotes   *pricing.Quotes
	table    *pricing.Table
	daily    *report.Daily
	mail     *mail.Sender
	spool    *spool.Dir
}

func newShop(url string, fault map[string]bool) *shop {
	s := &shop{url: url, catalog: catalog.New(products), stock: stock.NewWarehouse(products), carts: cart.New(),
		outbox: events.NewOutbox(), pool: images.NewPool(2), picture: images.Sample(200, 160),
		sessions: session.NewStore(), audit: &audit.Log{}, quotes: pricing.NewQuotes(0), table: pricing.NewTable(),
		mail: mail.NewSender()}
	s.book = orders.NewBook(s.stock)
	s.daily = report.NewDaily(s.catalog, 200)
	var err error
	if s.spool, err = spool.New("spool"); err != nil {
		log.Fatal(err)
	}
	events := int64(0)
	if fault["leak-senders"] {
		events = 20
	}
	go s.outbox.Relay(events)
	go s.mail.Run()

	http.HandleFunc("/health", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("/product", s.product)
	http.HandleFunc("/search", s.search)
	http.HandleFunc("/cart", s.cart)
	http.HandleFunc("/order", s.order)
	http.HandleFunc("/thumb", s.thumb)
	return s
}

func (s *shop) product(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.FormValue("id"))
	p := s.catalog.Get(id)
	json.NewEncoder(w).Encode(map[string]any{"product": p, "eur": s.quotes.Cached("EUR", p.Cents), "cents": s.table.Of(id)})
}

func (s *shop) search(w http.ResponseWriter, r *http.Request) {
	json.NewEncoder(w).Encode(s.catalog.Find(r.FormValue("q"), 10))
}

func (s *shop) cart(w http.ResponseWriter, r *http.Request) {
	customer := r.FormValue("customer")
	if err := s.carts.Add(customer, rand.IntN(products), 1); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	fmt.Fprintln(w, s.carts.Count(customer), render.Page(2, 4))
}

func (s *shop) order(w http.ResponseWriter, r *http.Request) {
	id := rand.IntN(products)
	if err := s.book.Place(id, 1); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	s.outbox.Publish(events.Event{Kind: "order", ID: id})
	if id%20 == 0 {
		s.mail.Send("thank you")
	}
	s.book.Send(id)
}

func (s *shop) thumb(w http.ResponseWriter, r *http.Request) {
	w.Write(s.pool.Scale(s.picture).Pix)
}

// customers make requests, each about perSecond of them.
func (s *shop) customers(n, perSecond int) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: n}}
	for i := range n {
		go s.customer(client, i, time.Second/time.Duration(perSecond))
	}
}

func (s *shop) customer(client *http.Client, name int, pause time.Duration) {
	for i := name; ; i++ {
		paths := []string{fmt.Sprint("/product?id=", rand.IntN(products)), "/search?q=pine", fmt.Sprint("/cart?customer=c", name), "/order", "/thumb"}
		if answer, err := client.Get(s.url + paths[i%len(paths)]); err == nil {
			io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
		}
		time.Sleep(pause)
	}
}

// every calls f so often per second, on a goroutine of its own.
func every(perSecond int, f func()) {
	go func() {
		for range time.Tick(time.Second / time.Duration(perSecond)) {
			f()
		}
	}()
}

// loop calls f for ever on n goroutines.
func loop(n int, f func()) {
	for range n {
		go func() {
			for {
				f()
			}
		}()
	}
}

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
