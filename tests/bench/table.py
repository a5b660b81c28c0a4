"""The one table that `make bench` prints, and how two servers are compared."""

from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 25


@dataclass(frozen=True)
class Row:
    """One measure. `value` is what the aim is about; without an aim it is told and not judged."""

    measure: str
    ours: str
    bare: str = ""
    ratio: str = ""
    aim: str = ""
    is_met: bool | None = None


def at_most(measure: str, value: float, limit: float, unit: str, *, bare: str = "") -> Row:
    """A measure that stands by itself."""
    return Row(measure, f"{value:,.4g} {unit}".strip(), bare, "", f"at most {limit:,g}", value <= limit)


def at_least(measure: str, value: float, limit: float, unit: str, *, bare: str = "") -> Row:
    return Row(measure, f"{value:,.4g} {unit}".strip(), bare, "", f"at least {limit:,g}", value >= limit)


def compare(measure: str, ours: Callable[[], float], other: Callable[[], float], limit: float) -> Row:
    """Measure two things in turns, A B A B, and hold the ratio of the least of each against `limit`.

    The least, because whatever else runs on the machine only ever adds.
    """
    pairs = [(ours(), other()) for _ in range(ROUNDS)]
    mine, theirs = (min(side) * 1e6 for side in zip(*pairs, strict=True))
    ratio = mine / theirs
    return Row(
        measure, f"{mine:,.0f} us", f"{theirs:,.0f} us", f"{ratio:.2f} x", f"at most {limit:g} x", ratio <= limit
    )


def show(rows: list[Row]) -> None:
    """Print the rows as a Markdown table."""
    heads = ("measure", "ours", "bare", "ratio", "aim", "met")
    cells = [heads] + [
        (row.measure, row.ours, row.bare, row.ratio, row.aim, {True: "yes", False: "no", None: ""}[row.is_met])
        for row in rows
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(heads))]
    for place, line in enumerate(cells):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |")
        if place == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
