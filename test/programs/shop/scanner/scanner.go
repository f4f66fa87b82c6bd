// Package scanner reads the barcode scanners of the warehouse: system calls that block a thread each.
package scanner

import "syscall"

type Device struct {
	in, out int
}

func Open() (*Device, error) {
	var ends [2]int
	if err := syscall.Pipe(ends[:]); err != nil {
		return nil, err
	}
	return &Device{ends[0], ends[1]}, nil
}

// Read waits for the next code, in read(2) itself: the runtime's poller does not know the descriptor.
func (d *Device) Read() (string, error) {
	var code [64]byte
	for {
		n, err := syscall.Read(d.in, code[:])
		if err != syscall.EINTR {
			return string(code[:max(n, 0)]), err
		}
	}
}

// Poll looks at the device every two seconds, and sleeps in nanosleep(2).
func (d *Device) Poll() {
	for {
		left := syscall.Timespec{Sec: 2}
		for syscall.Nanosleep(&left, &left) == syscall.EINTR {
		}
	}
}
