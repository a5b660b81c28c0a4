"""Single pages: CPU a request against the bare view, statements, and the bytes of a first visit."""

import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, event
from werkzeug.test import TestResponse

from tests.bench.load import Answer, Script, ask, drive, repeat, request
from tests.bench.seed import Person, World
from tests.bench.servers import Server
from tests.bench.table import Row, at_most, compare

GUIDE = "/guide/communication"
STATEMENT_AIMS = {GUIDE: 0, "/check-in/": 5}
OTHER_PAGES = ("/check-in/history", "/space/", "/reminders/", "/settings/")
AS_BROWSERS_DO = "gzip, deflate, br"


def cpu(server: Server, script: Callable[[], Script]) -> Callable[[], float]:
    """A function that runs the script on one connection and returns the server's CPU seconds a request."""

    def measure() -> float:
        before = server.cpu()
        answers = drive(server.port, [script()])
        used = server.cpu() - before
        if any(answer.status >= 400 for answer in answers):
            raise RuntimeError("a page that is measured was refused")
        return used / len(answers)

    return measure


def get(content: bytes, times: int, status: int = 200) -> Callable[[], Script]:
    return lambda: repeat(content, times, status)


def put_bodies(server: Server, person: Person, folder: Path) -> None:
    """Let the bare view answer with just the bytes that our pages have."""
    (folder / "guide").write_bytes(ask(server.port, _guide()).body)
    (folder / "week").write_bytes(drive(server.port, [person.look()])[0].body)
    (folder / "save").write_bytes(drive(server.port, [person.write(1)])[0].body)


def compare_guide(server: Server, bare: Server) -> list[Row]:
    """The guide page, brotli, and the same page when the reader has it already."""
    tag = ask(server.port, _guide()).header("Etag")
    page, known = cpu(server, get(_guide(), 300)), cpu(server, get(_guide(If_None_Match=tag), 300, 304))
    return [
        compare("guide page, CPU", page, cpu(bare, get(request("/guide"), 300)), 0.6),
        compare("guide page, 304 against 200", known, page, 1.0),
    ]


def compare_week(server: Server, bare: Server, young: Person, old: Person) -> list[Row]:
    """This week with eight answers, of a couple with few weeks behind it, and of one with many."""
    drive(server.port, [young.look(), old.look()])
    week = cpu(server, get(young.get(), 30))
    return [
        compare("this week, 8 answers, CPU", week, cpu(bare, get(request("/week"), 100)), 9),
        compare("this week, 500 weeks against 5", cpu(server, get(old.get(), 30)), week, 1.2),
    ]


def compare_save(server: Server, bare: Server, people: list[Person]) -> list[Row]:
    """One draft saved, by a few people in turns."""
    turns = itertools.cycle(people)
    ours = cpu(server, lambda: next(turns).write(20))
    theirs = cpu(bare, get(request("/save", {"answer": people[0].saved}), 100))
    return [compare("save of one draft, CPU", ours, theirs, 9)]


def count_statements(world: World, person: Person) -> list[Row]:
    """Statements of a page; BEGIN and COMMIT are none."""
    client = world.app.test_client()
    client.set_cookie("sign-in", person.token)
    counts = {path: _count(lambda path=path: client.get(path)) for path in (*STATEMENT_AIMS, *OTHER_PAGES)}
    vouched = {"Accept": "application/json", "Sec-Fetch-Site": "same-origin"}
    saved = _count(lambda: client.post("/check-in/", data=person.form(f"{person.saved} And more."), headers=vouched))
    rows = [at_most(f"{path}, statements", counts.pop(path), limit, "") for path, limit in STATEMENT_AIMS.items()]
    counts["a save"] = saved
    return rows + [Row(f"{path}, statements", str(count)) for path, count in counts.items()]


def _count(act: Callable[[], TestResponse]) -> int:
    with _noting() as statements:
        status = act().status_code
    if status != 200:
        raise RuntimeError(f"a page whose statements are counted was answered {status}")
    return len(statements)


@contextmanager
def _noting() -> Iterator[list[str]]:
    """The statements that any engine of this process runs meanwhile."""
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def visit_guide(server: Server) -> list[Row]:
    """What a browser fetches for its first guide page: the page and all it names, the worker, the icon of the app."""
    page = ask(server.port, _guide()).decoded()
    head = page[: page.index("</head>")]
    named = re.findall(r'(?:src|href)="(/[^"]+)"', head)
    addresses = [address for address in named if "apple-touch" not in address]  # one kind of phone asks for it alone
    fetched = {address: ask(server.port, _get(address)) for address in [GUIDE, *addresses, "/sw.js"]}
    icon = json.loads(fetched["/manifest.webmanifest"].decoded())["icons"][0]["src"]
    fetched[icon] = ask(server.port, _get(icon))
    code = sum(len(answer.body) for address, answer in fetched.items() if re.search(r"\.(css|js)(\?|$)", address))
    return [
        at_most("first guide visit, over the wire", _kilobytes(fetched.values()), 40, "KB"),
        at_most("first guide visit, requests", len(fetched), 8, ""),
        at_most("script, worker and style, brotli", code / 1000, 12, "KB"),
        _kept_offline(server, fetched["/sw.js"].decoded()),
    ]


def _kept_offline(server: Server, worker: str) -> Row:
    """What the worker fetches behind the reader's back, so that the guide opens without a connection."""
    lists = re.findall(r"^const (?:START|GUIDE) = (\[.*\]);$", worker, re.MULTILINE)
    answers = [ask(server.port, _get(address)) for found in lists for address in json.loads(found)]
    return Row("kept for offline reading, over the wire", f"{_kilobytes(answers):.4g} KB in {len(answers)} requests")


def _kilobytes(answers: Iterable[Answer]) -> float:
    return sum(answer.size for answer in answers) / 1000


def _get(address: str) -> bytes:
    return request(address, Accept_Encoding=AS_BROWSERS_DO)


def _guide(**headers: str) -> bytes:
    return request(GUIDE, Accept_Encoding=AS_BROWSERS_DO, **headers)
