"""The embedded default: database brought up to date, one server of many threads, the scheduler beside it."""

import ctypes
import logging
import resource
import signal
import socket
import threading
from contextlib import suppress
from types import FrameType

from alembic import command
from alembic.util import CommandError
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import WSGITask

from app import keys
from app.config import ConfigError, database_problem
from app.extensions import migrate
from app.mail import FileTransport
from app.reminders import scheduler

THREADS = 24  # slow readers cost none; the rest wait for the database or a password hash
CONNECTIONS = 2000  # waitress stops at 100 by default, which a hundred slow phones can hold
OTHER_FILES = 200  # what is open beside connections: the database, the outbox, long requests on disk
PATIENCE = 10  # seconds that stopping waits for account mails
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8  # of glibc's malloc.h


class Task(WSGITask):  # type: ignore[misc]  # waitress carries no types
    """Keeps the connection after an answer without a body, such as a 304; waitress itself would end it.

    Such an answer ends with its head (RFC 9112, section 6.3), so the reader knows where the next one begins.
    """

    def set_close_on_finish(self) -> None:
        is_asked_to = self.version == "1.0" or self.request.headers.get("CONNECTION", "").lower() == "close"
        if self.has_body or is_asked_to:
            super().set_close_on_finish()


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection whose requests become tasks of ours."""

    task_class = Task


def serve(app: Flask) -> None:
    """Serve until SIGTERM or Ctrl-C, then finish what is in hand. Raises ConfigError when it cannot begin."""
    _spare_memory()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a line for each request that waits helps nobody
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    with _listen(app.config["HOST"], app.config["PORT"]) as listener:
        _bring_up_to_date(app)
        server = create_server(
            app,
            sockets=[listener],
            threads=THREADS,
            connection_limit=_connections(),
            asyncore_use_poll=True,  # select() breaks at the 1024th open file
            channel_timeout=60,
            max_request_body_size=4 * app.config["MAX_CONTENT_LENGTH"],  # a little too long gets our page, not a cut
            ident=None,
            clear_untrusted_proxy_headers=False,  # ProxyFix decides, by TRUSTED_PROXIES
        )
        server.channel_class = Channel
        ticker = scheduler.start(app) if app.config["SCHEDULER"] == "embedded" else None
        try:
            _greet(app)
            threading.Thread(target=app.extensions["front"].warm, name="warm", daemon=True).start()
            server.run()  # returns when _stop was called, with the requests in hand answered
        finally:
            server.close()
            if ticker is not None:
                ticker.stop()
            app.extensions["postman"].wait(PATIENCE)


def _stop(signum: int, frame: FrameType | None) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # one is enough
    raise SystemExit(0)


def _greet(app: Flask) -> None:
    print(f"Same Side is at {app.config['BASE_URL']}", flush=True)
    transport = app.extensions["postman"].transport
    if isinstance(transport, FileTransport):
        print(
            f"SMTP_URL is not set: mails become files in {transport.folder}, and new accounts need no code.", flush=True
        )


def _spare_memory() -> None:
    """Let glibc keep two pools of freed memory instead of one for most threads, and give back what a hash took.

    Saves 15 MB after a thousand pages and 40 after a flood of sign-ins. Other C libraries have no such choice.
    """
    with suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_ARENA_MAX, 2)
        mallopt(M_MMAP_THRESHOLD, 1 << 20)


def _connections() -> int:
    """How many connections to hold at once: as many as we like, or as the machine lets this process open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + OTHER_FILES
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(min(CONNECTIONS, soft - OTHER_FILES), 50)


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
        name = "HOST" if isinstance(error, socket.gaierror) else "PORT"
        raise ConfigError(
            f"{name}: {host}:{port} cannot be used ({error.strerror}). Choose another HOST or PORT."
        ) from None
    return listener


def _bring_up_to_date(app: Flask) -> None:
    try:
        with app.app_context():
            command.upgrade(migrate.get_config(), "head")
    except CommandError:
        raise ConfigError(
            "DATABASE_URL: this database is of another version of Same Side than this one. Start that version."
        ) from None
    except SQLAlchemyError as error:
        raise database_problem(error) from None
    keys.check_server_key(app)
