"""Many at once: writers, a flood of sign-ins beside slow clients, and tables with many accounts."""

import itertools
import re
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app import clock
from app.reminders import sending
from tests.bench import servers
from tests.bench.load import Answer, Script, drive, percentile, repeat, request
from tests.bench.pages import AS_BROWSERS_DO, GUIDE, cpu
from tests.bench.seed import Person, World
from tests.bench.servers import Server
from tests.bench.table import Row, at_least, at_most, compare

WRITERS = 32
SAVES = 40  # of each writer
SLOW = 400
FLOODERS = 16
FLOOD_SECONDS = 12


def write_at_once(world: World, bodies: Path, disk: Path) -> list[Row]:
    """32 members save at the same time; then the server is killed, and every acknowledged word must be there.

    Raises RuntimeError when one is gone.
    """
    writers = world.people[2 : 2 + WRITERS]
    with servers.ours(world.folder) as server, servers.bare(bodies) as bare:
        drive(server.port, [writer.write(1) for writer in writers])
        answers, rate = _at_once(server, [writer.write(SAVES) for writer in writers])
        server.kill()
        form = request("/save", {"answer": writers[0].saved})
        theirs, bare_rate = _at_once(bare, [repeat(form, SAVES) for _ in writers])
    if any(writer.saved not in _read_back(world, writer) for writer in writers):
        raise RuntimeError("words that were acknowledged are gone")
    failed = sum(answer.status != 200 for answer in answers)
    return [
        at_most("32 writers, errors", failed, 0, ""),
        at_most("32 writers, p99", percentile(answers, 0.99), 200, "ms", bare=f"{percentile(theirs, 0.99):.3g} ms"),
        at_least("32 writers, acknowledged", rate, 400, "/s", bare=f"{bare_rate:,.0f} /s"),
        Row("32 writers, acknowledged and gone after kill -9", "0"),
        Row("durable commits of this disk, one after the other", "", f"{commits_a_second(disk):,.0f} /s"),
    ]


def _at_once(server: Server, scripts: list[Script]) -> tuple[list[Answer], float]:
    """The answers to all scripts at once, and how many of them came a second."""
    began = time.perf_counter()
    answers = drive(server.port, scripts)
    return answers, len(answers) / (time.perf_counter() - began)


def _read_back(world: World, person: Person) -> str:
    client = world.app.test_client()
    client.set_cookie("sign-in", person.token)
    return client.get("/check-in/").get_data(as_text=True)


def commits_a_second(folder: Path, times: int = 200) -> float:
    """How many commits a second this disk takes from the smallest program that makes each one durable."""
    database = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE words (words TEXT)")
    began = time.perf_counter()
    for _ in range(times):
        database.execute("INSERT INTO words VALUES (?)", ("so that I could sleep" * 15,))
    seconds = time.perf_counter() - began
    database.close()
    return times / seconds


def grow(small: World, large: World, accounts: int) -> list[Row]:
    """This week, a save and the poll for due reminders, with a thousand accounts and with many."""
    name = f"{accounts:,} accounts against {1000:,}"
    with servers.ours(small.folder) as few, servers.ours(large.folder) as many:
        rows = [
            compare(f"this week, {name}", cpu(many, _visits(large)), cpu(few, _visits(small)), 2),
            compare(f"save, {name}", cpu(many, _saves(large)), cpu(few, _saves(small)), 2),
        ]
    return [*rows, compare(f"poll for due reminders, {name}", _poll(large), _poll(small), 2)]


def _visits(world: World) -> Callable[[], Script]:
    """Each script opens this week of people all over the tables."""
    people = itertools.cycle(world.people)

    def visit() -> Script:
        for _ in range(20):
            yield next(people).get()

    return visit


def _saves(world: World) -> Callable[[], Script]:
    people = itertools.cycle(world.people[40:])

    def save() -> Script:
        for _ in range(20):
            yield from next(people).write(1)

    return save


def _poll(world: World) -> Callable[[], float]:
    """CPU seconds of one pass over what is due, when nothing is."""

    def poll() -> float:
        began = time.process_time()
        with world.app.app_context():
            for _ in range(10):
                sending.open_and_plan(clock.utcnow)
                sending.send_due(clock.utcnow)
        return (time.process_time() - began) / 10

    return poll


def storm(world: World) -> list[Row]:
    """Wrong sign-ins from everywhere and 400 clients that dawdle; what do the readers and writers beside them feel?"""
    reader = world.people[0]
    with servers.ours(world.folder, TRUSTED_PROXIES=1) as server:
        drive(server.port, [_read(reader, 1)])
        calm = drive(server.port, [_read(reader, 3)])
        with _dawdling(server.port), _flooding(server.port) as flood:
            answers = drive(server.port, [_read(reader, FLOOD_SECONDS)])
        peak = server.peak()
    tries = f"{len(flood) / FLOOD_SECONDS:,.0f} tries/s"
    return [
        Row("pages beside a login flood and 400 slow clients, p50", f"{percentile(answers, 0.5):.3g} ms", tries),
        at_most("the same, p99", percentile(answers, 0.99), 100, "ms", bare=f"calm: {percentile(calm, 0.99):.3g} ms"),
        at_most("the same, peak of memory", peak, 150, "MB"),
    ]


def _read(reader: Person, seconds: float) -> Script:
    """One reader who opens the guide and this week in turns, forty times a second."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for content in (reader.get(), request(GUIDE, Accept_Encoding=AS_BROWSERS_DO)):
            answer = yield content
            if answer.status != 200:
                raise RuntimeError(f"a reader beside the flood was answered {answer.status}")
            time.sleep(0.025)


@contextmanager
def _flooding(port: int) -> Iterator[list[Answer]]:
    """Wrong sign-ins meanwhile, as fast as they are answered; each from another network, so that no limit helps."""
    stop = threading.Event()
    answers: list[Answer] = []
    flood = threading.Thread(target=lambda: answers.extend(drive(port, [_sign_in(n, stop) for n in range(FLOODERS)])))
    flood.start()
    try:
        yield answers
    finally:
        stop.set()
        flood.join()


def _sign_in(flooder: int, stop: threading.Event) -> Script:
    page = yield request("/sign-in")
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.decoded())
    cookie, token, tries = page.header("Set-Cookie").partition(";")[0], found[1] if found else "", 0
    while not stop.is_set():
        tries += 1
        form = {"csrf_token": token, "email": f"nobody-{flooder}-{tries}@example.org", "password": "wrong wrong wrong"}
        sender = f"10.{flooder}.{tries // 250 % 250}.{tries % 250}"
        yield request("/sign-in", form, Cookie=cookie, X_Forwarded_For=sender)


@contextmanager
def _dawdling(port: int) -> Iterator[None]:
    """400 connections meanwhile: heads and bodies that come a byte at a time, and readers who take a byte at a time."""
    stop = threading.Event()
    dawdlers = [_dawdler(port, number) for number in range(SLOW)]
    thread = threading.Thread(target=_dawdle, args=(dawdlers, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        for dawdler in dawdlers:
            dawdler.close()


def _dawdler(port: int, number: int) -> socket.socket:
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    slow.connect(("127.0.0.1", port))
    whole = request("/sign-in", {"email": "a" * 4000})
    slow.sendall((whole[:20], whole[: whole.index(b"\r\n\r\n") + 8], request("/guide/long-term"))[number % 3])
    slow.setblocking(False)
    return slow


def _dawdle(dawdlers: list[socket.socket], stop: threading.Event) -> None:
    while not stop.wait(1):
        for number, slow in enumerate(dawdlers):
            try:
                slow.recv(1) if number % 3 == 2 else slow.send(b"a")
            except OSError:
                continue  # the server may hang up on who dawdles
