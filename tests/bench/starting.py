"""From nothing to the first answer, and the memory of the whole process."""

import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import servers
from tests.bench.load import ask, drive, repeat, request
from tests.bench.pages import GUIDE
from tests.bench.seed import World
from tests.bench.table import Row, at_most

AT_ONCE = 8


def start(folder: Path, bodies: Path) -> list[Row]:
    """Seconds until the guide is answered: on an empty folder, and again."""
    first, second = (_seconds(lambda: servers.starting(folder), GUIDE) for _ in range(2))
    bare = f"{_seconds(lambda: servers.bare(bodies), '/guide'):.2g} s"
    return [
        at_most("start to first answer, empty folder", first, 2, "s", bare=bare),
        at_most("start to first answer, second time", second, 2, "s", bare=bare),
    ]


def _seconds(serve: Callable[[], servers.Serving], path: str) -> float:
    began = time.perf_counter()
    with serve() as server:
        ask(server.port, request(path))
        return time.perf_counter() - began


def remember(world: World, bodies: Path) -> list[Row]:
    """Memory after 1,000 requests, eight at a time: half of them this week, a quarter saves, a quarter guide."""
    people = world.people[100 : 100 + AT_ONCE]
    with servers.starting(world.folder) as server, servers.bare(bodies) as bare:
        drive(server.port, [repeat(person.get(), 500 // AT_ONCE) for person in people])
        drive(server.port, [person.write(250 // AT_ONCE) for person in people])
        drive(server.port, [repeat(request(GUIDE), 250 // AT_ONCE) for _ in people])
        drive(bare.port, [repeat(request("/week"), 1000 // AT_ONCE) for _ in people])
        return [at_most("memory after 1,000 requests", server.memory(), 110, "MB", bare=f"{bare.memory():.3g} MB")]
