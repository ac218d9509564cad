PORT = int(os.getenv("PORT", "4900"))
port = int(os.environ.get("SHOP_PORT", 4901))
port: int = 4902
parser.add_argument("--port", type=int, default=4903)
class Settings(BaseSettings):
    api_port: int = Field(default=4904, env="API_PORT")
    timeout: int = Field(default=4905)
uvicorn.run(app, host="0.0.0.0", port=4906)
app.run(port=4907, debug=True)
sock.bind(("127.0.0.1", 4908))
for port in range(4909, 4920):
    pass
start_http_server(4911)
redis = os.environ.get("REDIS_URL", "redis://cache:6390/0")
time.sleep(4912)
