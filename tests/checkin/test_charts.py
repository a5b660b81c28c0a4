"""Where the lines and dots of a chart go: rows of weeks and ratings in, path data out."""

from datetime import date, timedelta
from itertools import cycle, islice

import pytest

from app.checkin.charts import LONGEST, ROOMY, Charts, draw

FIRST = date(2026, 3, 2)


def weekly(*values: int | None, first_on: date = FIRST) -> dict[date, dict[str, int]]:
    """One rating a week; None is a week without."""
    return {first_on + timedelta(weeks=week): {"together": value} if value else {} for week, value in enumerate(values)}


def drawn(*values: int | None, first_on: date = FIRST) -> Charts:
    charts = draw(weekly(*values, first_on=first_on), ["together"])
    assert charts is not None
    return charts


@pytest.mark.parametrize("ratings", [{}, weekly(None), weekly(None, None)], ids=["no week", "one week", "two weeks"])
def test_without_a_rating_there_is_no_chart(ratings):
    assert draw(ratings, ["together"]) is None


@pytest.mark.parametrize(
    ("values", "width", "line", "dots"),
    [
        pytest.param([4], 2, "", "M1 3h.001", id="one point is a dot in the middle"),
        pytest.param([7, 1], 4, "M1 0L3 6", "M1 0h.001M3 6h.001", id="7 is on top and 1 at the bottom"),
        pytest.param([4, None, 5], 6, "", "M1 3h.001M5 2h.001", id="no line over a gap"),
        pytest.param([4, 5, None, 6, 7], 10, "M1 3L3 2M7 1L9 0", None, id="two lines beside a gap"),
        pytest.param([4, 5, None, None, 6], 10, "M1 3L3 2", None, id="a wide gap, then a point alone"),
        pytest.param([5] * 4, 8, "M1 2L3 2L5 2L7 2", None, id="all equal is a level line"),
        pytest.param([None, 5, None], 2, "", "M1 2h.001", id="it begins and ends with a rating"),
    ],
)
def test_lines_join_neighbouring_weeks_only(values, width, line, dots):
    charts = drawn(*values)
    chart = charts.each["together"]
    assert (charts.width, chart.line) == (width, line)
    assert chart.dots.count("M") == sum(value is not None for value in values)
    assert dots in (None, chart.dots)


def test_with_many_weeks_only_a_point_alone_has_a_dot():
    charts = drawn(*[4, 5] * (ROOMY // 2), None, 6, None, 7, 7)
    assert not charts.is_roomy
    assert charts.each["together"].dots == f"M{2 * ROOMY + 3} 1h.001"
    assert drawn(*[4] * ROOMY).is_roomy


def test_two_hundred_points_are_drawn_in_order_and_within_the_frame():
    values = list(islice(cycle([1, 4, 7, 2]), LONGEST))
    charts = drawn(*values)
    chart = charts.each["together"]
    places = [tuple(map(int, place.split())) for place in chart.line.removeprefix("M").split("L")]
    assert places == [(2 * week + 1, 7 - value) for week, value in enumerate(values)]
    assert charts.width == 2 * LONGEST
    assert all(0 < x < charts.width and 0 <= y <= 6 for x, y in places)


def test_what_lies_further_back_than_two_hundred_weeks_is_left_out():
    charts = drawn(7, 6, *[None] * (LONGEST - 2), 5)
    assert charts.first_on == FIRST + timedelta(weeks=1)
    assert [value for _, value in charts.each["together"].points] == [5, 6]


def test_all_charts_share_their_weeks_and_one_may_be_empty():
    ratings = {
        FIRST: {"together": 3},
        FIRST + timedelta(weeks=2): {"understood": 6},
    }
    charts = draw(ratings, ["together", "understood", "appreciated"])
    assert charts is not None
    assert (charts.first_on, charts.last_on) == (FIRST, FIRST + timedelta(weeks=2))
    assert [chart.dots for chart in charts.each.values()] == ["M1 4h.001", "M5 1h.001", ""]
    assert charts.each["appreciated"].points == ()


def test_the_table_has_each_point_the_newest_first():
    assert drawn(3, None, 5).each["together"].points == ((FIRST + timedelta(weeks=2), 5), (FIRST, 3))


@pytest.mark.parametrize(
    ("first_on", "weeks", "lines"),
    [
        pytest.param(date(2026, 3, 2), 20, "", id="within one year"),
        pytest.param(date(2026, 12, 21), 3, "M4 0v6", id="before the first Monday of the year"),
        pytest.param(date(2023, 12, 25), 2, "M2 0v6", id="a year that begins on a Monday"),
        pytest.param(date(2024, 12, 23), 60, "M4 0v6M108 0v6", id="two years later"),
    ],
)
def test_an_upright_line_stands_where_a_year_begins(first_on, weeks, lines):
    assert drawn(*[4] * weeks, first_on=first_on).new_years == lines
