"""Real server processes, and what the system says about them: CPU time and memory."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from app.config import DEFAULTS, ROOT
from app.server import THREADS


class Server:
    """A process that serves on 127.0.0.1 at a port of its own."""

    def __init__(self, command: list[str], port: int, **settings: object) -> None:
        environment = {name: value for name, value in os.environ.items() if name not in DEFAULTS}
        environment |= {"PORT": str(port), **{name: str(value) for name, value in settings.items()}}
        self.port = port
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def cpu(self) -> float:
        """Seconds of CPU that the process has used: the clock of another process (clock_gettime, Linux)."""
        return time.clock_gettime((~self._process.pid << 3) | 2)

    def memory(self) -> float:
        """Resident memory in MB, now."""
        return self._status("VmRSS")

    def peak(self) -> float:
        """The most resident memory in MB that the process ever had."""
        return self._status("VmHWM")

    def _status(self, name: str) -> float:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.findall(rf"{name}:\s+(\d+) kB", status)[0]) / 1024

    def wait(self) -> None:
        """Return when the port answers. Raises RuntimeError when the process has died or is silent for a minute."""
        deadline = time.monotonic() + 60
        while not _answers(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("a server did not start")
            time.sleep(0.005)

    def settle(self) -> None:
        """Return when the process is idle: after its start it renders every public page."""
        deadline, used = time.monotonic() + 60, -1.0
        while self.cpu() - used > 0.002 and time.monotonic() < deadline:
            used = self.cpu()
            time.sleep(0.3)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it without a chance to tidy up, as a power cut would (kill -9)."""
        self._process.kill()
        self._process.wait()


Serving = AbstractContextManager[Server]


@contextmanager
def ours(folder: Path, **settings: object) -> Iterator[Server]:
    """The app as `make run` serves it, on the database in `folder`."""
    with starting(folder, SCHEDULER="off", **settings) as server:
        server.settle()
        yield server


@contextmanager
def starting(folder: Path, **settings: object) -> Iterator[Server]:
    """The same, handed over as soon as it can be asked."""
    with _running(Server([sys.executable, "wsgi.py"], free_port(), INSTANCE_PATH=folder, **settings)) as server:
        yield server


@contextmanager
def bare(folder: Path) -> Iterator[Server]:
    """The bare Flask view, answering /NAME with the bytes of each file in `folder`."""
    port = free_port()
    with _running(
        Server([sys.executable, "tests/bench/bare.py", str(port), str(THREADS), str(folder)], port)
    ) as server:
        yield server


@contextmanager
def _running(server: Server) -> Iterator[Server]:
    try:
        server.wait()
        yield server
    finally:
        server.stop()


def free_port() -> int:
    """A port of this machine that nothing uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
