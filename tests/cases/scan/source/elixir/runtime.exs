config :shop, ShopWeb.Endpoint, http: [ip: {0, 0, 0, 0}, port: 4900]
port = String.to_integer(System.get_env("PORT") || "4901")
pool_size: 4902
