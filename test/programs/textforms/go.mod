module example.com/textforms

go 1.22
