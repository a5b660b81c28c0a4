"""Hundreds of slow clients and a flood of wrong sign-ins, all on this machine: the other pages stay what they were."""

import http.client
import re
import secrets
import signal
import socket
import statistics
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest

from tests.faults.conftest import Start
from tests.relay import free_port

pytestmark = pytest.mark.slow
CROWD = 400
READINGS = 40
PATIENCE = 20  # seconds for one page: a server that is stopped shows as an error, not as a test without end
SLOWER = 15  # times: far more than a busy machine explains, far less than waiting for a slow client

HEADERS = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
BODY = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: 5000\r\n\r\n"
READER = b"GET /guide/long-term HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20


@pytest.fixture
def server(start: Start) -> Iterator[Callable[..., tuple[int, int]]]:
    """Start the server with some settings and return its port and process id."""
    processes = []

    def serve(**settings: str) -> tuple[int, int]:
        port = free_port()
        process = start("wsgi.py", PORT=port, SCHEDULER="off", **settings)
        processes.append(process)
        assert process.stdout.readline().startswith("Same Side is at ")
        return port, process.pid

    yield serve
    for process in processes:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def get(port: int, path: str) -> float:
    """Read a page over a connection of its own, as a new visitor would; the seconds it took."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, f"{path}: {answer.status}"
    finally:
        connection.close()
    return time.perf_counter() - begun


def usual_seconds(port: int) -> float:
    """The median over a page that is kept ready, one that is made for the reader, and one that asks the database."""
    return statistics.median(get(port, path) for _ in range(READINGS) for path in ("/guide/", "/sign-in", "/readyz"))


@contextmanager
def crowd(port: int, greeting: bytes, *, trickle: bytes) -> Iterator[list[socket.socket]]:
    """So many clients that begin a request, go on a byte at a time, and never read an answer."""
    clients, leaving = [], threading.Event()
    for _ in range(CROWD):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(PATIENCE)
        client.connect(("127.0.0.1", port))
        client.sendall(greeting)
        client.setblocking(False)
        clients.append(client)

    def dawdle() -> None:
        while trickle and not leaving.wait(0.5):
            for client in clients:
                client.send(trickle)

    thread = threading.Thread(target=dawdle)
    thread.start()
    try:
        yield clients
    finally:
        leaving.set()
        thread.join()
        for client in clients:
            client.close()


@pytest.mark.parametrize(
    ("greeting", "trickle"),
    [
        pytest.param(HEADERS, b"X", id="that never end their headers"),
        pytest.param(BODY, b"x", id="that never end their form"),
        pytest.param(READER, b"", id="that never read the answer"),
    ],
)
def test_hundreds_of_clients_stop_nobody(server, greeting, trickle):
    port, _ = server()
    usual_seconds(port)
    alone = usual_seconds(port)
    with crowd(port, greeting, trickle=trickle) as clients:
        beside_them = usual_seconds(port)
        assert len(clients) == CROWD
    assert beside_them < SLOWER * alone
    assert usual_seconds(port) < SLOWER * alone


@contextmanager
def flood(port: int, answers: Counter[int]) -> Iterator[None]:
    """Sixteen who try passwords without end, each try from another address as far as the server can tell."""
    leaving = threading.Event()

    def guess() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/sign-in")
        page = connection.getresponse()
        cookie = (page.headers["Set-Cookie"] or "").split(";")[0]
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.read().decode())[1]
        while not leaving.is_set():
            form = {"csrf_token": token, "email": f"{secrets.token_hex(4)}@example.org", "password": "a guess of mine"}
            connection.request(
                "POST",
                "/sign-in",
                urlencode(form),
                {
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Cookie": cookie,
                    "X-Forwarded-For": f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}",
                },
            )
            answer = connection.getresponse()
            answer.read()
            answers[answer.status] += 1
        connection.close()

    threads = [threading.Thread(target=guess) for _ in range(16)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        leaving.set()
        for thread in threads:
            thread.join()


def memory(pid: int) -> int:
    """Kilobytes that a process holds."""
    return int(subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=True).stdout)


def test_a_flood_of_wrong_sign_ins_stops_nobody_who_reads(server):
    port, pid = server(TRUSTED_PROXIES="1", HASH_COST="2,19456,1")
    usual_seconds(port)
    alone, small = usual_seconds(port), memory(pid)
    answers: Counter[int] = Counter()
    with flood(port, answers):
        while answers.total() < 20:
            time.sleep(0.01)
        beside_it = usual_seconds(port)
    assert memory(pid) < 2.5 * small
    assert beside_it < SLOWER * alone
    assert set(answers) <= {422, 429, 503}
    assert answers[422] > 0
