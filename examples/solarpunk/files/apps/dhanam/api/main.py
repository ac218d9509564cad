"""Dhanam API."""
import os

import uvicorn
from fastapi import FastAPI

app = FastAPI(title="dhanam-api")


@app.get("/health")
def health():
    return {"ok": True}


if __name__ == "__main__":
    uvicorn.run("main:app", host="0.0.0.0", port=int(os.getenv("PORT", 4000)))
