"""The embedded default: database brought up to date, one server of many threads, the scheduler beside it."""

import logging
import signal
import socket
from types import FrameType

import flask_migrate
from flask import Flask
from waitress.server import create_server

from app import keys
from app.config import ConfigError
from app.mail import FileTransport
from app.reminders import scheduler

THREADS = 24  # slow readers cost none; the rest wait for the database or a password hash
CONNECTIONS = 2000  # waitress stops at 100 by default, which a hundred slow phones can hold


def serve(app: Flask) -> None:
    """Serve until SIGTERM or Ctrl-C, then finish what is in hand. Raises ConfigError when it cannot begin."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    listener = _listen(app.config["HOST"], app.config["PORT"])
    _bring_up_to_date(app)
    ticker = scheduler.start(app) if app.config["SCHEDULER"] == "embedded" else None
    server = create_server(
        app,
        sockets=[listener],
        threads=THREADS,
        connection_limit=CONNECTIONS,
        channel_timeout=60,
        ident=None,
        clear_untrusted_proxy_headers=False,  # ProxyFix decides, by TRUSTED_PROXIES
    )
    signal.signal(signal.SIGTERM, _stop)
    print(f"Same Side is at {app.config['BASE_URL']}", flush=True)
    if isinstance(app.extensions["postman"].transport, FileTransport):
        outbox = app.extensions["postman"].transport.folder
        print(f"SMTP_URL is not set: mails become files in {outbox}, and new accounts need no code.", flush=True)
    try:
        server.run()  # returns after KeyboardInterrupt or SystemExit, with the requests in hand answered
    finally:
        server.close()
        if ticker is not None:
            ticker.stop()


def _stop(signum: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # one is enough
    raise SystemExit(0)


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket, so that a port in use is told before anything else is done."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"PORT: {host}:{port} cannot be used ({error.strerror}). Choose another PORT or HOST."
        ) from None
    return listener


def _bring_up_to_date(app: Flask) -> None:
    try:
        with app.app_context():
            flask_migrate.upgrade()
        keys.check_server_key(app)
    except ConfigError:
        raise
    except Exception as error:
        reason = type(getattr(error, "orig", None) or error).__name__
        raise ConfigError(f"DATABASE_URL: the database cannot be opened or brought up to date ({reason}).") from error
