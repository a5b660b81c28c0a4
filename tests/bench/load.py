"""Requests over real connections that stay open, all from one thread, so that the load disturbs little."""

import re
import selectors
import socket
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

import brotli


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many seconds."""

    status: int
    head: bytes
    body: bytes
    seconds: float

    @property
    def size(self) -> int:
        """Bytes over the wire."""
        return len(self.head) + len(self.body)

    def header(self, name: str) -> str:
        found = re.search(rf"^{name}: (.*)\r$", self.head.decode("latin-1"), re.MULTILINE | re.IGNORECASE)
        return found[1] if found else ""

    def decoded(self) -> str:
        is_packed = self.header("Content-Encoding") == "br"
        return (brotli.decompress(self.body) if is_packed else self.body).decode()


Script = Generator[bytes, Answer, None]  # what one client sends; it is handed each answer before the next request


def request(path: str, form: dict[str, object] | None = None, **headers: str) -> bytes:
    """The bytes of a GET, or of a POST of `form`."""
    body = urlencode(form).encode() if form is not None else b""
    lines = [f"{'GET' if form is None else 'POST'} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if form is not None:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def repeat(content: bytes, times: int, status: int = 200) -> Script:
    """The same request again and again; another status than the expected one is an error."""
    for _ in range(times):
        answer = yield content
        if answer.status != status:
            raise RuntimeError(f"{content.split(b' HTTP')[0].decode()} was answered {answer.status}")


def ask(port: int, content: bytes) -> Answer:
    """Send one request; anything but 200 is an error."""
    return drive(port, [repeat(content, 1)])[0]


def percentile(answers: list[Answer], share: float) -> float:
    """Milliseconds within which this share of the answers came."""
    ordered = sorted(answer.seconds for answer in answers)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


def drive(port: int, scripts: Iterable[Script], patience: float = 120) -> list[Answer]:
    """Run every script on a connection of its own until all have ended. Returns the answers as they came.

    Raises TimeoutError when that takes more than `patience` seconds.
    """
    deadline = time.monotonic() + patience
    answers: list[Answer] = []
    with selectors.DefaultSelector() as selector:
        for script in scripts:
            Talk(port, script, selector)
        while selector.get_map():
            if time.monotonic() > deadline:
                raise TimeoutError("a server answers too slowly")
            for key, _ in selector.select(timeout=1):
                key.data.receive(answers.append)
    return answers


class Talk:
    """One connection and the script that it follows. A server that says it closes gets a new connection."""

    def __init__(self, port: int, script: Script, selector: selectors.BaseSelector) -> None:
        self._port, self._script, self._selector = port, script, selector
        self._connect()
        self._send(next(script))

    def _connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(self._socket, selectors.EVENT_READ, self)

    def _close(self) -> None:
        self._selector.unregister(self._socket)
        self._socket.close()

    def _send(self, content: bytes) -> None:
        self._received = b""
        self._sent_at = time.perf_counter()
        self._socket.sendall(content)

    def receive(self, keep: Callable[[Answer], None]) -> None:
        """Take in what has come; a whole answer is kept and handed to the script, which says what to send next."""
        received = self._socket.recv(1 << 18)
        if not received:
            raise ConnectionError("a server hung up")
        self._received += received
        if (answer := self._read()) is None:
            return
        keep(answer)
        try:
            content = self._script.send(answer)
        except StopIteration:
            self._close()
            return
        if b"\r\nConnection: close" in answer.head:
            self._close()
            self._connect()
        self._send(content)

    def _read(self) -> Answer | None:
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return None
        length = re.search(rb"\r\nContent-Length: (\d+)", head)
        status = int(head[9:12])
        if len(body) < (int(length[1]) if length and status != 304 else 0):
            return None
        return Answer(status, head + end, body, time.perf_counter() - self._sent_at)
