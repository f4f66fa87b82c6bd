// Package catalog has the products.
package catalog

import (
	"fmt"
	"regexp"
	"sort"
	"strings"
)

type Product struct {
	ID    int
	Name  string
	Text  string
	Cents int
}

// Catalog is read only after New.
type Catalog struct {
	products []Product
}

var words = strings.Fields("red blue green small large chair table lamp shelf bed oak pine steel glass soft round")

func New(n int) *Catalog {
	c := &Catalog{}
	for i := range n {
		a, b, d := words[i%5], words[5+i%5], words[10+i%6]
		c.products = append(c.products, Product{i, a + " " + b, fmt.Sprintf("%s %s of %s, no. %d", a, b, d, i), 100 + i*37%9000})
	}
	return c
}

func (c *Catalog) Len() int { return len(c.products) }

func (c *Catalog) Get(id int) Product { return c.products[id%len(c.products)] }

// Find returns the products that have the word in their text.
func (c *Catalog) Find(word string, limit int) []Product {
	var found []Product
	for _, p := range c.products {
		if strings.Contains(p.Text, word) {
			if found = append(found, p); len(found) == limit {
				break
			}
		}
	}
	return found
}

// FindPattern is Find for regular expressions. It compiles the pattern for each product.
func (c *Catalog) FindPattern(pattern string, limit int) []Product {
	var found []Product
	for _, p := range c.products {
		if matches(pattern, p.Text) {
			if found = append(found, p); len(found) == limit {
				break
			}
		}
	}
	return found
}

func matches(pattern, text string) bool {
	re, err := regexp.Compile(pattern)
	return err == nil && re.MatchString(text)
}

// Ranked returns n products from the cheapest on.
func (c *Catalog) Ranked(n int) []Product {
	ranked := append([]Product(nil), c.products[:min(n, len(c.products))]...)
	sort.Slice(ranked, func(i, j int) bool { return ranked[i].Cents < ranked[j].Cents })
	return ranked
}
