"""From nothing to the first answer, and the memory of the whole process."""

import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import servers
from tests.bench.load import ask, drive, request
from tests.bench.pages import GUIDE, get
from tests.bench.seed import World
from tests.bench.table import Row, at_most


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
    """Memory after 1,000 requests: half of them this week, a quarter saves, a quarter guide."""
    people = world.people[100:200]
    with servers.starting(world.folder) as server, servers.bare(bodies) as bare:
        drive(server.port, [get(person.get(), 5)() for person in people])
        drive(server.port, [person.write(25) for person in people[:10]])
        drive(server.port, [get(request(GUIDE), 25)() for _ in range(10)])
        drive(bare.port, [get(request("/week"), 100)() for _ in range(10)])
        return [at_most("memory after 1,000 requests", server.memory(), 110, "MB", bare=f"{bare.memory():.3g} MB")]
