"""Janua API: sign-in and tokens."""
import os

import uvicorn
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

PORT = int(os.environ.get("PORT", "4100"))
TOKEN_BYTES_MAX = 4000

ALLOWED_ORIGINS = [
    "http://localhost:4101",  # dashboard
    "http://localhost:3060",  # avala web
]

app = FastAPI(title="janua-api")
app.add_middleware(CORSMiddleware, allow_origins=ALLOWED_ORIGINS)


@app.get("/health")
def health():
    return {"ok": True}


if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=PORT)
