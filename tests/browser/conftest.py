"""A real server process and a real browser, for what a person does on a phone."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, Route, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 780},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}


class Server:
    """`python wsgi.py` on a free port, with an instance folder of its own. May be killed and started again."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process and return when it answers."""
        chosen = {"INSTANCE_PATH": str(self.folder), "PORT": str(self.port), "SCHEDULER": "off", "HASH_COST": "1,8,1"}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "wsgi.py"], cwd=ROOT, env=os.environ | chosen | self._settings, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 30
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                pytest.fail(f"the server did not start:\n{self._log.read_text()}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End the process as a power cut would: nothing in hand is finished."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End the process as `systemctl stop` would."""
        self._end(signal.SIGTERM)

    @property
    def log(self) -> str:
        """What the server has printed so far."""
        return self._log.read_text()

    @property
    def _log(self) -> Path:
        return self.folder / "server.log"

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", "/robots.txt")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def live_server() -> Iterator[Server]:
    """A running server for all tests of this process: use accounts of your own, and leave it running."""
    with tempfile.TemporaryDirectory(prefix="same-side-") as folder:
        server = Server(Path(folder))
        server.start()
        yield server
        server.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A running server that the test may kill."""
    server = Server(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture
def open_phone(playwright: Playwright) -> Iterator[Callable[..., Page]]:
    """Opens a phone with a profile of its own: `open_phone(color_scheme="dark", java_script_enabled=False)`.

    The profile is on disk, as an installed app needs it. No request leaves this machine: an address elsewhere gets an
    empty page whose title is its host.
    """
    opened: list[tuple[BrowserContext, tempfile.TemporaryDirectory[str]]] = []

    def open_one(**options: Any) -> Page:
        profile = tempfile.TemporaryDirectory(prefix="same-side-phone-", ignore_cleanup_errors=True)
        context = playwright.chromium.launch_persistent_context(
            profile.name, executable_path=CHROMIUM, headless=True, args=FLAGS, **(PHONE | options)
        )
        context.set_default_timeout(60_000)  # against hanging, not a measure
        context.route(re.compile(r"^https?://(?!127\.0\.0\.1[:/])"), _stay_here)
        opened.append((context, profile))
        return context.pages[0]

    yield open_one
    for context, profile in opened:
        context.close()
        profile.cleanup()


@pytest.fixture
def phone(open_phone: Callable[..., Page]) -> Page:
    """A page of Chromium, 360 by 780, as a phone shows it."""
    return open_phone()


def _stay_here(route: Route) -> None:
    title = urlsplit(route.request.url).hostname or ""
    route.fulfill(content_type="text/html", body=f"<!doctype html><title>{title}</title>")


def until(holds: Callable[[], Any], seconds: float = 10) -> Any:
    """Ask `holds` until it is true, and return what it answered. The CSP forbids playwright's own wait_for_function."""
    deadline = time.monotonic() + seconds
    while not (answer := holds()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)
    return answer
