module solarpunk.example/coforma

go 1.22
