"""`python -m tests.bench`: what the README's figures come from. Some two minutes; real processes, 127.0.0.1 only."""

import argparse
import os
import tempfile
from pathlib import Path

from app.config import DEFAULTS
from tests.bench import crowds, pages, servers, starting
from tests.bench.seed import make_world
from tests.bench.table import Row, show

WEEKS = (5, 500)  # of the first two couples


def main() -> None:
    """Measure everything and print one table. A missed aim is told and is no error; something broken is."""
    options = argparse.ArgumentParser(prog="python -m tests.bench")
    options.add_argument("--accounts", type=int, default=100_000, help="of the large database (1000000 takes long)")
    accounts = options.parse_args().accounts
    for name in DEFAULTS:
        os.environ.pop(name, None)  # settings of this shell are not what is measured
    with tempfile.TemporaryDirectory(prefix="same-side-bench-") as folder:
        rows = measure(Path(folder), accounts)
    show(rows)
    load = os.getloadavg()[0]
    print(f"\nLoad of the machine: {load:.1f} on {os.cpu_count()} cores. Times mean something when it is quiet.")


def measure(folder: Path, accounts: int) -> list[Row]:
    """Every measure, the single pages first. Processes and databases live in `folder`, so choose a real disk for it."""
    bodies, disk = folder / "bodies", folder / "disk"
    for path in (bodies, disk):
        path.mkdir()
    small = make_world(folder / "small", 1000, WEEKS)
    with servers.ours(small.folder) as server:
        pages.put_bodies(server, small.people[0], bodies)
        with servers.bare(bodies) as bare:
            rows = pages.compare_guide(server, bare)
            rows += pages.compare_week(server, bare, *small.people[:2])
            rows += pages.compare_save(server, bare, small.people[40:50])
        rows += pages.visit_guide(server)
    rows += pages.count_statements(small, small.people[0])
    rows += crowds.write_at_once(small, bodies, disk)
    rows += crowds.storm(small)
    rows += starting.start(folder / "new", bodies)
    rows += starting.remember(small, bodies)
    return rows + crowds.grow(small, make_world(folder / "large", accounts), accounts)


if __name__ == "__main__":
    main()
