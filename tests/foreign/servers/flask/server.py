"""Flask with Flask-CORS, served by waitress."""

import os

import waitress
from flask import Flask, jsonify, redirect, request
from flask_cors import CORS, cross_origin

CONFIGURATION = os.environ["CONFIGURATION"]
ALLOWED = os.environ["ALLOWED"]

RIGHT = {
    "origins": [ALLOWED],
    "supports_credentials": True,
    "methods": ["GET", "POST", "PUT", "DELETE"],
    "allow_headers": ["Authorization", "Content-Type", "X-Trace"],
    "expose_headers": ["X-Total"],
    "max_age": 60,
}

app = Flask(__name__)
if CONFIGURATION == "default":
    CORS(app)
elif CONFIGURATION == "right":
    CORS(app, **RIGHT)
elif CONFIGURATION == "dangerous":
    # Any origin, with credentials.
    CORS(app, supports_credentials=True)


def configured(view):
    # The decorator covers a view, and neither errors nor a login before it.
    return cross_origin(**RIGHT)(view) if CONFIGURATION == "mistake" else view


@app.before_request
def login():
    # With the decorator, a preflight needs a login.
    if request.method == "OPTIONS" and CONFIGURATION != "mistake":
        return None
    if request.path == "/private" and request.headers.get("Authorization") != "Bearer 1":
        return "Unauthorized", 401
    return None


METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]


@app.route("/items", methods=METHODS)
@app.route("/private", methods=METHODS)
@configured
def items():
    headers = {"X-Total": "3", "X-Request-Id": "7", "Cache-Control": "no-store"}
    return jsonify([1, 2, 3]), 201 if request.method == "POST" else 200, headers


@app.route("/redirect")
@configured
def redirected():
    return redirect(f"/items?{request.query_string.decode()}")


@app.route("/fails")
@configured
def fails():
    raise RuntimeError("a failure of the application")


server = waitress.create_server(app, host="127.0.0.1", port=0)
print(f"port {server.effective_port}", flush=True)
server.run()
