"""The peer: the smallest Flask view, on the same server with the same threads. `bare.py PORT THREADS FOLDER`."""

import sys
from pathlib import Path

from flask import Flask
from waitress import serve

PORT, THREADS, FOLDER = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
BODIES = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
app = Flask(__name__)


@app.route("/<name>", methods=["GET", "POST"])
def answer(name: str) -> bytes:
    return BODIES[name]


serve(app, host="127.0.0.1", port=PORT, threads=THREADS)
