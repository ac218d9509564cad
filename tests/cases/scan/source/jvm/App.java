private static final int PORT = 4900;
@Value("${server.port:4901}") int port;
int p = Integer.parseInt(System.getProperty("http.port", "4902"));
new ServerSocket(4903);
new InetSocketAddress("localhost", 4904);
embeddedServer(Netty, port = 4905)
val port = System.getenv("PORT")?.toInt() ?: 4906
server.setPort(4907);
Thread.sleep(4908);
