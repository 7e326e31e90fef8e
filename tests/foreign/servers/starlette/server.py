"""Starlette with its `CORSMiddleware`, served by uvicorn."""

import os
import socket

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Route

CONFIGURATION = os.environ["CONFIGURATION"]
ALLOWED = os.environ["ALLOWED"]

RIGHT = {
    "allow_origins": [ALLOWED],
    "allow_credentials": True,
    "allow_methods": ["GET", "POST", "PUT", "DELETE"],
    "allow_headers": ["Authorization", "Content-Type", "X-Trace"],
    "expose_headers": ["X-Total"],
    "max_age": 60,
}
OPTIONS = {
    "default": {},
    "right": RIGHT,
    # A browser sends no slash at the end of an origin.
    "mistake": {**RIGHT, "allow_origins": [f"{ALLOWED}/"]},
    # Any origin, with credentials.
    "dangerous": {**RIGHT, "allow_origins": ["*"]},
}


async def login(request, call_next):
    if request.url.path == "/private" and request.headers.get("authorization") != "Bearer 1":
        return PlainTextResponse("Unauthorized", status_code=401)
    return await call_next(request)


async def items(request):
    headers = {"X-Total": "3", "X-Request-Id": "7", "Cache-Control": "no-store"}
    return JSONResponse([1, 2, 3], status_code=201 if request.method == "POST" else 200, headers=headers)


async def redirect(request):
    return RedirectResponse(f"/items?{request.url.query}", status_code=302)


async def fails(request):
    raise RuntimeError("a failure of the application")


METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]
app = Starlette(
    routes=[
        Route("/items", items, methods=METHODS),
        Route("/private", items, methods=METHODS),
        Route("/redirect", redirect),
        Route("/fails", fails),
    ],
    middleware=[
        Middleware(CORSMiddleware, **OPTIONS[CONFIGURATION]),
        Middleware(BaseHTTPMiddleware, dispatch=login),
    ],
)

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
print(f"port {listener.getsockname()[1]}", flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="critical")).run(sockets=[listener])
