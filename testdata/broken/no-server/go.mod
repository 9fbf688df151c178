module example.com/no-server

go 1.25.0
