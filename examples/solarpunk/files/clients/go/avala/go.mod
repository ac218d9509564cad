module solarpunk.example/clients/go/avala

go 1.22
