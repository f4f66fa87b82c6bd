// Package render makes pages: a tree of nodes, then text.
package render

import (
	"strconv"
	"strings"
)

type node struct {
	tag  string
	text *string
	kids []*node
}

func tree(depth, width int) *node {
	text := strconv.Itoa(depth)
	n := &node{tag: "div", text: &text}
	if depth > 0 {
		for range width {
			n.kids = append(n.kids, tree(depth-1, width))
		}
	}
	return n
}

func (n *node) write(out *strings.Builder) {
	out.WriteString("<" + n.tag + ">" + *n.text)
	for _, k := range n.kids {
		k.write(out)
	}
	out.WriteString("</" + n.tag + ">")
}

// Page is about width^depth nodes.
func Page(depth, width int) string {
	var out strings.Builder
	tree(depth, width).write(&out)
	return out.String()
}
