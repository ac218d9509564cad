module solarpunk.example/enclii

go 1.22
