module example.com/gostackparse

go 1.26.8

require github.com/DataDog/gostackparse v0.7.0 // indirect
