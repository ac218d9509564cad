const DEFAULT_PORT: u16 = 4900;
let port = env::var("PORT").unwrap_or("4901".to_string());
let port = env::var("SHOP_PORT").ok().and_then(|p| p.parse().ok()).unwrap_or(4902);
#[arg(long, env = "PORT", default_value_t = 4903)]
let addr = SocketAddr::from(([127, 0, 0, 1], 4904));
let listener = TcpListener::bind("127.0.0.1:4905").await?;
.set_default("server.port", 4906)?
let buffer = Vec::with_capacity(4907);
