"""A week that was left, on a phone: the sentence that leads there, the choices, and what the other sees of them."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.looks import expect_no_fault
from tests.browser.steps import Stage, area, backstage, expect_saved, press, turn_to
from tests.browser.test_agreements import let_weeks_pass
from tests.browser.test_axe_private import browser, page  # noqa: F401  # fixtures, too
from tests.checkin.conftest import Sheet
from tests.conftest import Person

pytestmark = pytest.mark.slow

Open = Callable[..., Page]
WORDS = "You sat up with me on Tuesday."
LEADS = "Choose what happens to it"


@pytest.fixture(scope="module")
def stage(live_server: Server) -> Iterator[Stage]:
    with backstage(live_server) as app:
        yield Stage(live_server, app)


@pytest.fixture
def couple(stage: Stage) -> tuple[Person, Person]:
    """Two in a new week. The first of them had finished the one before, the other has written a draft."""
    pair = stage.couple()
    Sheet(pair[0]).submit(WORDS, "I worry about the rent.", **{"rating-together": "5"})
    Sheet(pair[1]).save("A draft that stays his.")
    let_weeks_pass(stage, pair[0])
    return pair


def go_to_the_week(stage: Stage, page: Page, person: Person) -> None:  # noqa: F811
    stage.sign_in(page, person)
    stage.open(page)
    page.get_by_role("link", name=LEADS).click()
    page.get_by_role("heading", name="What happens to it is up to you").wait_for()


@pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without"])
def test_sharing_it_shows_it_to_the_other(
    stage: Stage, couple: tuple[Person, Person], open_phone: Open, has_script: bool
) -> None:
    mine, theirs = (open_phone(java_script_enabled=has_script) for _ in couple)
    go_to_the_week(stage, mine, couple[0])
    mine.get_by_role("link", name="Share it").click()
    expect(mine.get_by_text("as with a letter")).to_be_visible()
    press(mine, "Share it")
    expect(mine.get_by_text("You have shared what you wrote.")).to_be_visible()
    stage.sign_in(theirs, couple[1])
    stage.open(theirs, "/check-in/history")
    theirs.get_by_role("link", name="shared by").click()
    expect(theirs.get_by_text(WORDS)).to_be_visible()
    expect(theirs.get_by_text("A draft that stays his.")).to_be_visible()


@pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without"])
def test_taking_it_along_puts_it_on_a_card_of_ones_own(
    stage: Stage, couple: tuple[Person, Person], open_phone: Open, has_script: bool
) -> None:
    mine = open_phone(java_script_enabled=has_script)
    go_to_the_week(stage, mine, couple[0])
    press(mine, "Take it along into this week")
    mine.locator("[data-check-in]").wait_for()
    fields = mine.locator("main textarea")
    texts = [fields.nth(number).input_value() for number in range(fields.count())]
    place = next(number for number, text in enumerate(texts, 1) if WORDS in text)
    if has_script:
        turn_to(mine, place)
        area(mine, place).fill("You sat up with me, twice.")
        expect_saved(mine)
    else:
        area(mine, place).fill("You sat up with me, twice.")
        press(mine, "Save for later")
    stage.open(mine)
    assert area(mine, place).input_value() == "You sat up with me, twice."


@pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without"])
def test_deleting_it_can_be_undone(
    stage: Stage, couple: tuple[Person, Person], open_phone: Open, has_script: bool
) -> None:
    mine = open_phone(java_script_enabled=has_script)
    go_to_the_week(stage, mine, couple[0])
    press(mine, "Delete it")
    expect(mine.get_by_text("What you wrote in this week is deleted.")).to_be_visible()
    expect(mine.get_by_text(WORDS)).to_have_count(0)
    press(mine, "Bring it back")
    expect(mine.get_by_text(WORDS)).to_be_visible()


# States of the pages, each reached from a couple in which one had finished alone.


def sentence(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    stage.sign_in(page, pair[0])
    stage.open(page)


def choices(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    go_to_the_week(stage, page, pair[0])


def asked(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    choices(stage, page, pair)
    page.get_by_role("link", name="Share it").click()
    page.get_by_role("heading", name="Share this week").wait_for()


def shared(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    asked(stage, page, pair)
    press(page, "Share it")
    page.get_by_text("You have shared").wait_for()


def received(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    shared(stage, page, pair)
    address = page.url
    stage.sign_in(page, pair[1])
    page.goto(address)
    page.get_by_text("has shared this with you").wait_for()


def carried(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    choices(stage, page, pair)
    press(page, "Take it along into this week")
    page.get_by_role("button", name="Show all questions at once").click()
    page.get_by_text("You brought this along").first.wait_for()


def deleted(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    choices(stage, page, pair)
    press(page, "Delete it")
    page.get_by_role("button", name="Bring it back").wait_for()


def welcomed(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    for _ in range(3):
        pair[0].get("/check-in/")
        let_weeks_pass(stage, pair[0])
    sentence(stage, page, pair)
    page.get_by_text("Welcome back.").wait_for()


def adding(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    for person in pair:
        Sheet(person).submit("A word for the week.")
    stage.sign_in(page, pair[0])
    stage.open(page)
    page.get_by_role("link", name="Add something").click()
    press(page, "Add it")
    page.locator(".error-summary").wait_for()


def added(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    adding(stage, page, pair)
    page.get_by_label("What you want to add").fill("What I meant was the whole of it.")
    press(page, "Add it")
    page.get_by_text("Added on").wait_for()


def asked_to_discard(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    added(stage, page, pair)
    let_weeks_pass(stage, pair[0])
    stage.open(page)
    stage.open(page, "/check-in/history")
    page.locator(".weeks a").first.click()
    page.get_by_text("Discard my copy").first.click()
    page.get_by_role("button", name="Discard my copy").wait_for()


def discarded(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    asked_to_discard(stage, page, pair)
    press(page, "Discard my copy")
    page.get_by_role("button", name="Bring it back").wait_for()


STATES = (
    *(sentence, choices, asked, shared, received, carried, deleted, welcomed),
    *(adding, added, asked_to_discard, discarded),
)


@pytest.mark.parametrize("reach", STATES, ids=lambda reach: reach.__name__)
def test_the_page_has_no_fault_in(
    stage: Stage,
    couple: tuple[Person, Person],
    page: Page,  # noqa: F811
    reach: Callable[..., None],
) -> None:
    reach(stage, page, couple)
    expect_no_fault(page)
