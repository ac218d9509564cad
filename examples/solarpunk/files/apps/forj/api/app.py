"""Forj API: catalogue, carts, orders."""
import os

from flask import Flask

app = Flask(__name__)
AVALA_API_URL = os.getenv("AVALA_API_URL", "http://localhost:4900")


@app.get("/health")
def health():
    return "ok"


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=int(os.getenv("PORT", "8400")))
