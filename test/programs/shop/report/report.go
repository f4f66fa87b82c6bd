// Package report writes what the shop sold.
package report

import (
	"bytes"
	"compress/gzip"
	"encoding/json"

	"example.com/shop/catalog"
)

type Daily struct {
	Products []catalog.Product
	Sold     map[string]int
}

func NewDaily(c *catalog.Catalog, n int) *Daily {
	d := &Daily{c.Ranked(n), map[string]int{}}
	for _, p := range d.Products {
		d.Sold[p.Text] = p.Cents
	}
	return d
}

func (d *Daily) JSON() int {
	text, _ := json.Marshal(d)
	return len(text)
}

// Squeeze is how long the texts are when packed.
func (d *Daily) Squeeze() int {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	for _, p := range d.Products {
		w.Write([]byte(p.Text))
	}
	w.Close()
	return out.Len()
}
