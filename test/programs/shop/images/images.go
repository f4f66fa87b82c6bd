// Package images makes small pictures of large ones.
package images

// Image has one byte per pixel.
type Image struct {
	W, H int
	Pix  []byte
}

func Sample(w, h int) *Image {
	m := &Image{w, h, make([]byte, w*h)}
	for i := range m.Pix {
		m.Pix[i] = byte(i * 7)
	}
	return m
}

// Scale averages squares of n × n.
func Scale(m *Image, n int) *Image {
	small := &Image{m.W / n, m.H / n, make([]byte, m.W/n*(m.H/n))}
	for y := range small.H {
		for x := range small.W {
			sum := 0
			for dy := range n {
				for dx := range n {
					sum += int(m.Pix[(y*n+dy)*m.W+x*n+dx])
				}
			}
			small.Pix[y*small.W+x] = byte(sum / (n * n))
		}
	}
	return small
}

// Pool scales on its own goroutines, until Close.
type Pool struct {
	jobs chan job
}

type job struct {
	image *Image
	done  chan *Image
}

func NewPool(workers int) *Pool {
	p := &Pool{make(chan job)}
	for range workers {
		go p.work()
	}
	return p
}

func (p *Pool) work() {
	for j := range p.jobs {
		j.done <- Scale(j.image, 4)
	}
}

func (p *Pool) Scale(m *Image) *Image {
	done := make(chan *Image, 1)
	p.jobs <- job{m, done}
	return <-done
}

func (p *Pool) Close() { close(p.jobs) }
