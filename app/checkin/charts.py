"""Small charts of one member's ratings: where lines and dots go. Pure geometry; words and colours are the page's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

HIGHEST = 7  # of a rating; the lowest is 1
LONGEST = 200  # weeks drawn at most: on a small phone each has a pixel and a half
ROOMY = 60  # weeks up to which every rating has a dot; beyond, dots would run into one another


@dataclass(frozen=True)
class Chart:
    """One rating over the weeks. `line` and `dots` are path data: a week is 2 wide, and 7 lies 6 above 1.

    A line joins neighbouring weeks only; a week without a rating is a gap. `points` holds what is drawn, newest first.
    """

    line: str
    dots: str
    points: tuple[tuple[date, int], ...]


@dataclass(frozen=True)
class Charts:
    """Charts by name over the same weeks, from the first with any rating to the last.

    `new_years` is path data too. `is_roomy`: every point has its dot; else only those without a neighbour.
    """

    first_on: date
    last_on: date
    width: int
    new_years: str
    is_roomy: bool
    each: Mapping[str, Chart]


def draw(ratings: Mapping[date, Mapping[str, int]], names: Sequence[str]) -> Charts | None:
    """One chart for each name, of ratings from 1 to 7 by the Monday of their week; None where there is none.

    What lies 200 weeks or more before the last is left out.
    """
    weeks = sorted(week_on for week_on, given in ratings.items() if given)
    if not weeks:
        return None
    last_on = weeks[-1]
    drawn = [week_on for week_on in weeks if last_on - week_on < timedelta(weeks=LONGEST)]
    first_on = drawn[0]
    span = _weeks_between(first_on, last_on) + 1
    return Charts(
        first_on=first_on,
        last_on=last_on,
        width=2 * span,
        new_years=_new_years(first_on, last_on),
        is_roomy=span <= ROOMY,
        each={
            name: _chart(
                [(week_on, ratings[week_on][name]) for week_on in drawn if name in ratings[week_on]],
                first_on,
                has_all_dots=span <= ROOMY,
            )
            for name in names
        },
    )


def _chart(points: Sequence[tuple[date, int]], first_on: date, *, has_all_dots: bool) -> Chart:
    runs: list[list[str]] = []
    last = None
    for week_on, value in points:
        week = _weeks_between(first_on, week_on)
        if last is None or week - last > 1:
            runs.append([])
        runs[-1].append(f"{2 * week + 1} {HIGHEST - value}")
        last = week
    return Chart(
        line="".join("M" + "L".join(run) for run in runs if len(run) > 1),
        # A stroke of no length is drawn as its round end, but not by every browser: hence the thousandth.
        dots="".join(f"M{place}h.001" for run in runs for place in run if has_all_dots or len(run) == 1),
        points=tuple(reversed(points)),
    )


def _new_years(first_on: date, last_on: date) -> str:
    """Path data of an upright line where a year begins, the first one aside."""
    begins = [date(year, 1, 1) for year in range(first_on.year + 1, last_on.year + 1)]
    return "".join(f"M{2 * -((first_on - begin).days // 7)} 0v6" for begin in begins)  # before its first Monday


def _weeks_between(first_on: date, week_on: date) -> int:
    return (week_on - first_on).days // 7
