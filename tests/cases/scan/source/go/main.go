package main

func main() {
	addr := getEnv("ADDR", ":4900")
	srv := &http.Server{Addr: ":4901", ReadTimeout: 4902}
	http.ListenAndServe(":4903", nil)
	port := flag.Int("port", 4904, "port to listen on")
	viper.SetDefault("server.port", 4905)
	Port: getEnvInt("PORT", 4906),
	t.Errorf("Port = %d, want 4907", cfg.Port)
	lis, err := net.Listen("tcp", "0.0.0.0:4908")
	const defaultPort = 4909
	time.Sleep(4910)
}
