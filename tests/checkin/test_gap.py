"""Coming back after some silent weeks: welcomed, with nothing to make up and nothing counted."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import link, make_person

WELCOME = "Welcome back. There is nothing to make up."
FIRST_SUNDAY = datetime(2026, 12, 6, 18, 0, tzinfo=UTC)  # the second check-in opens


def go_on(clock, person, weeks: int) -> None:
    """Let as many check-ins open, one after the other, with a visit in each."""
    begin = max(datetime.now(UTC) + timedelta(days=7), FIRST_SUNDAY)
    for week in range(weeks):
        clock.move_to(begin + timedelta(weeks=week, minutes=week + 1))
        person.get("/check-in/")


@pytest.fixture
def pair(either_app):
    ana, ben = make_person(either_app, "Ana"), make_person(either_app, "Ben")
    link(either_app, ana, ben)
    return ana, ben


@pytest.mark.parametrize(
    ("weeks", "is_welcomed"), [(0, False), (1, False), (2, False), (3, True), (4, True), (9, True)]
)
def test_after_three_check_ins_without_a_word_one_is_welcomed_back(pair, sheet, clock, weeks, is_welcomed):
    ana, ben = pair
    sheet(ana).save("a word")
    go_on(clock, ana, weeks)
    page = ana.text("/check-in/")
    assert (WELCOME in page) is is_welcomed
    assert WELCOME not in ben.text("/check-in/")  # who never wrote comes back from nowhere


@pytest.mark.parametrize(("weeks", "is_welcomed"), [(1, False), (2, False), (3, True)])
def test_the_weeks_of_strangers_do_not_count(either_app, pair, sheet, clock, weeks, is_welcomed):
    ana, charlie = pair[0], make_person(either_app, "Charlie")
    sheet(ana).save("a word")
    charlie.get("/check-in/")
    for _ in range(weeks):
        go_on(clock, charlie, 1)
        ana.get("/check-in/")
    assert (WELCOME in ana.text("/check-in/")) is is_welcomed


def test_the_first_word_ends_the_gap(pair, sheet, clock):
    ana, _ = pair
    sheet(ana).save("a word")
    go_on(clock, ana, 4)
    sheet(ana).save("here again")
    assert WELCOME not in ana.text("/check-in/")
    go_on(clock, ana, 2)
    assert WELCOME not in ana.text("/check-in/")
    go_on(clock, ana, 1)
    assert WELCOME in ana.text("/check-in/")


def test_what_the_other_writes_changes_nothing(pair, sheet, clock):
    ana, ben = pair
    sheet(ana).save("a word")
    go_on(clock, ana, 3)
    before = re.sub(r'csrf_token" value="[^"]*', "", ana.text("/check-in/"))
    sheet(ben).submit("a word of ben")
    assert re.sub(r'csrf_token" value="[^"]*', "", ana.text("/check-in/")) == before
    assert WELCOME in before


def test_it_says_no_number(pair, sheet, clock):
    ana, _ = pair
    sheet(ana).save("a word")
    go_on(clock, ana, 5)
    notice = re.search(r'<p class="notice">Welcome.*?</p>', ana.text("/check-in/"))[0]
    assert not re.search(r"\d", notice)
