"""Talking a revealed check-in through on one phone: touched, turned round, timed, paused, and without a script."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.conftest import Server
from tests.browser.looks import expect_no_fault, faults
from tests.browser.steps import Stage, backstage, press
from tests.checkin.conftest import Sheet
from tests.conftest import Person

pytestmark = pytest.mark.slow

LARGE_ENOUGH = 19  # pixels of the longest answers; short ones are larger
EVENING = datetime(2026, 11, 29, 19, 42)
ON_VIEW = "[data-screen]:not([hidden])"


@pytest.fixture(scope="module")
def stage(live_server: Server) -> Iterator[Stage]:
    with backstage(live_server) as app:
        yield Stage(live_server, app)


class Couple:
    """Two people, and their check-in that has just been revealed: four cards, of which one is for another week."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.alice, self.bob = stage.couple()
        mine, theirs = Sheet(self.alice), Sheet(self.bob)
        mind = mine.prompts[1]
        self.address = f"/check-in/{mine.hidden['check-in']}"
        mine.submit("The soup on Tuesday.", "The roof. " * 12, "Enough is a full tin.", **{f"want-{mind}": "comfort"})
        theirs.submit("You took the early train so that I could sleep. " * 9, "My mother.", **{f"want-{mind}": "heard"})

    def open(self, page: Page, more: str = "/together", who: Person | None = None) -> Page:
        self.stage.sign_in(page, who or self.alice)
        return self.stage.open(page, self.address + more)

    def begin(self, page: Page, more: str = "/together") -> Page:
        """Open the page and go to the first card."""
        self.open(page, more)
        page.get_by_role("link", name="One of us holds the phone").tap()
        expect_card(page, 1)
        return page


@pytest.fixture
def couple(stage: Stage) -> Couple:
    return Couple(stage)


def card(page: Page) -> Locator:
    """What is on view."""
    return page.locator(ON_VIEW)


def expect_card(page: Page, number: int) -> None:
    expect(card(page)).to_have_attribute("id", f"card-{number}")


def pad(page: Page, person: Person) -> Locator:
    return page.locator("[data-pad]", has_text=person.name)


def turn_to_end(page: Page, number: int = 1) -> None:
    """Page forward from a card."""
    expect_card(page, number)
    last = page.locator('[id^="card-"]').count()
    for after in range(number + 1, last + 1):
        press(page, "Next")
        expect_card(page, after)
    press(page, "Next")
    expect(page.get_by_role("heading", name="Thank each other")).to_be_focused()


@pytest.mark.parametrize("first", ["alice", "bob"])
def test_both_press_in_either_order_and_talk_to_the_end(couple: Couple, phone: Page, first: str) -> None:
    couple.open(phone, "")
    phone.get_by_role("link", name="Talk it through").tap()
    expect(phone.locator(".pager")).to_be_hidden()
    one, other = (couple.alice, couple.bob) if first == "alice" else (couple.bob, couple.alice)
    pad(phone, one).tap()
    expect(pad(phone, one)).to_have_attribute("aria-pressed", "true")
    pad(phone, one).tap()
    expect(pad(phone, one)).to_have_attribute("aria-pressed", "false")
    pad(phone, one).tap()
    pad(phone, other).tap()
    expect_card(phone, 1)
    expect(card(phone)).to_contain_text("The soup on Tuesday.")
    expect(card(phone)).to_contain_text("You took the early train")
    expect(card(phone).get_by_role("heading", level=2)).to_be_focused()
    speakers = []
    for number in (1, 2):
        expect_card(phone, number)
        speakers.append(card(phone).locator(".first strong").inner_text())
        sizes = card(phone).locator(".words").evaluate_all("(all) => all.map((it) => getComputedStyle(it).fontSize)")
        assert min(float(size.removesuffix("px")) for size in sizes) >= LARGE_ENOUGH
        press(phone, "Next")
    assert set(speakers) == {couple.alice.name, couple.bob.name}
    expect_card(phone, 3)
    press(phone, "Next")
    expect(phone.get_by_role("button", name="Pause")).to_be_hidden()
    expect(phone.get_by_role("link", name="Make an agreement")).to_have_attribute("href", "/check-in/#agree")
    expect(phone.locator("[data-next]")).to_be_hidden()


def test_back_turns_one_card_back_and_at_last_leaves(couple: Couple, phone: Page) -> None:
    couple.open(phone, "")
    phone.get_by_role("link", name="Talk it through").tap()
    for one in (couple.alice, couple.bob):
        pad(phone, one).tap()
    expect_card(phone, 1)
    press(phone, "Next")
    expect_card(phone, 2)
    phone.reload()
    expect_card(phone, 2)
    press(phone, "Next")
    expect_card(phone, 3)
    press(phone, "Back")
    expect_card(phone, 2)
    phone.go_back()
    expect_card(phone, 1)
    phone.go_back()
    expect(pad(phone, couple.alice)).to_have_attribute("aria-pressed", "false")
    phone.go_back()
    phone.wait_for_url(re.compile(rf"{couple.address}$"))


def test_what_the_other_wrote_can_be_turned_round(couple: Couple, phone: Page) -> None:
    couple.begin(phone)

    def rotated() -> list[str]:
        ways = "(all) => all.map((it) => getComputedStyle(it).rotate)"
        return [card(phone).locator(f".voices > {side}").evaluate_all(ways)[0] for side in (".mine", ".yours")]

    turn = phone.get_by_role("button", name="Turn round")
    assert rotated() == ["none", "none"]
    turn.tap()
    expect(turn).to_have_attribute("aria-pressed", "true")
    assert rotated() == ["none", "180deg"]
    tops = [card(phone).locator(f".voices > {side}").bounding_box() for side in (".mine", ".yours")]
    assert tops[1]["y"] < tops[0]["y"]  # type: ignore[index]  # both are on view
    press(phone, "Next")
    expect_card(phone, 2)
    assert rotated() == ["none", "180deg"]
    turn.tap()
    assert rotated() == ["none", "none"]


def test_a_clock_runs_calmly_for_one_at_a_time(couple: Couple, phone: Page) -> None:
    phone.clock.install(time=EVENING)
    couple.open(phone)
    expect(phone.locator("[data-minutes]")).to_have_value("0")
    phone.get_by_text("A clock for each of you").tap()
    phone.get_by_label("On each card").select_option("2 minutes each")
    phone.get_by_role("link", name="One of us holds the phone").tap()
    expect_card(phone, 1)
    bars = card(phone).locator("progress")
    first, second = card(phone).locator("[data-clock] button").all()
    name = card(phone).locator("[data-clock]").first.get_attribute("data-clock")
    said = phone.locator("[data-said]")
    first.tap()
    expect(said).to_have_text(f"{name}’s clock runs, 2 minutes.")
    phone.clock.run_for(60_000)
    assert bars.first.evaluate("(bar) => bar.value") == pytest.approx(0.5, abs=0.02)
    first.tap()
    expect(first).to_have_text(f"{name}: go on")
    phone.clock.run_for(60_000)
    assert bars.first.evaluate("(bar) => bar.value") == pytest.approx(0.5, abs=0.02)
    first.tap()
    second.tap()  # holds the first
    phone.clock.run_for(30_000)
    assert bars.first.evaluate("(bar) => bar.value") == pytest.approx(0.5, abs=0.02)
    assert bars.last.evaluate("(bar) => bar.value") == pytest.approx(0.25, abs=0.02)
    first.tap()
    phone.clock.run_for(61_000)
    expect(said).to_have_text(f"{name}, the time is over. Finish your sentence, then change.")
    expect(first).to_have_text(f"{name}: time to finish")
    press(phone, "Next")
    expect_card(phone, 2)
    assert card(phone).locator("progress").evaluate_all("(all) => all.map((bar) => bar.value)") == [0, 0]


def test_there_is_no_clock_unless_it_was_chosen(couple: Couple, phone: Page) -> None:
    couple.begin(phone)
    expect(card(phone).locator(".clocks")).to_be_hidden()


def test_a_pause_has_a_time_to_come_back_and_leaves_no_words(couple: Couple, phone: Page) -> None:
    phone.clock.install(time=EVENING - timedelta(minutes=1))
    couple.begin(phone)
    press(phone, "Next")
    expect_card(phone, 2)
    phone.clock.pause_at(EVENING)
    asked: list[Request] = []
    phone.on("request", lambda request: asked.append(request))
    press(phone, "Pause")
    expect(phone.get_by_role("heading", name="Pause, and come back at …")).to_be_focused()
    offered = phone.locator("[data-times] button:visible").all_inner_texts()
    assert offered == ["In 20 minutes, at 20:02", "Later today, at 22:00", "Tomorrow, at 19:42"]
    press(phone, offered[0])
    expect(phone.get_by_role("heading", name="Pause until 20:02")).to_be_visible()
    expect(card(phone)).to_have_count(0)
    expect(phone.locator("[data-times]")).to_be_hidden()
    assert asked == []
    kept = phone.evaluate("JSON.parse(Object.values(sessionStorage).join())")
    assert sorted(kept) == ["at", "isTurned", "until"]
    assert not any(isinstance(value, str) for value in kept.values())
    phone.reload()
    expect(phone.get_by_role("heading", name="Pause until 20:02")).to_be_visible()
    phone.clock.run_for(21 * 60_000)
    expect(phone.get_by_role("heading", name="It is past 20:02")).to_be_visible()
    expect(phone.locator("[data-said]")).to_have_text("It is past 20:02. Go on when you are both ready.")
    press(phone, "Go on")
    expect_card(phone, 2)
    assert phone.evaluate("JSON.parse(Object.values(sessionStorage).join()).until") is None


def test_a_pause_until_tomorrow_leads_back_to_its_card(couple: Couple, phone: Page) -> None:
    phone.clock.install(time=EVENING)
    couple.begin(phone)
    press(phone, "Next")
    expect_card(phone, 2)
    press(phone, "Pause")
    phone.get_by_role("button", name="Tomorrow").tap()
    expect(phone.get_by_role("heading", name="Pause until Monday, 19:42")).to_be_visible()
    couple.open(phone, "")
    phone.get_by_role("link", name="Talk it through").tap()
    expect(phone.locator("[data-paused]")).to_contain_text("You two paused until Monday, 19:42.")
    press(phone, "Go on where you stopped")
    expect_card(phone, 2)
    press(phone, "Back")
    expect_card(phone, 1)
    phone.go_back()
    expect(phone.locator("[data-paused]")).to_be_hidden()


def test_late_in_the_evening_later_today_is_not_offered(couple: Couple, phone: Page) -> None:
    phone.clock.install(time=EVENING.replace(hour=22))
    couple.begin(phone)
    press(phone, "Pause")
    expect(phone.locator("[data-times] button:visible")).to_have_count(2)
    press(phone, "Go on without a pause")
    expect_card(phone, 1)


def test_sentences_are_one_tap_away(couple: Couple, phone: Page) -> None:
    couple.begin(phone)
    press(phone, "Sentences")
    expect(phone.get_by_role("dialog").get_by_text("Can I start again?")).to_be_visible()
    expect(phone.get_by_role("heading", name="Sentences for when it gets hard")).to_be_focused()
    press(phone, "Close")
    expect(phone.get_by_role("dialog")).to_be_hidden()
    expect_card(phone, 1)


def test_the_format_is_remembered_on_the_device(couple: Couple, phone: Page) -> None:
    couple.open(phone, "")
    phone.get_by_role("link", name="Talk it through").tap()
    phone.get_by_text("The usual way, about").tap()
    phone.get_by_role("link", name="RADAR").tap()
    phone.wait_for_url(re.compile(r"format=radar$"))
    phone.go_back()
    phone.wait_for_url(re.compile(rf"{couple.address}$"))
    phone.get_by_role("link", name="Talk it through").tap()
    phone.wait_for_url(re.compile(r"format=radar$"))
    phone.get_by_role("link", name="One of us holds the phone").tap()
    expect(card(phone).get_by_role("heading", level=2)).to_contain_text("Review.")
    expect(card(phone).locator(".first")).to_contain_text("begins.")
    turn_to_end(phone)


def test_without_a_script_the_cards_stand_below_each_other(couple: Couple, open_phone: Callable[..., Page]) -> None:
    page = open_phone(java_script_enabled=False)
    couple.open(page)
    for number in (1, 2, 3):
        expect(page.locator(f"#card-{number}")).to_be_visible()
    expect(page.locator("#card-2")).to_contain_text("would like to be heard: ask two things about it")
    expect(page.locator("#card-2 .hint")).to_be_visible()
    page.get_by_text("Sentences for when it gets hard").first.tap()
    expect(page.get_by_text("Can I start again?").first).to_be_visible()
    expect(page.get_by_role("link", name="Make an agreement")).to_be_visible()
    for hidden in (".pads", ".pager", ".clocks", "[data-pause]", "[data-clock-choice]", ".sheet"):
        for found in page.locator(hidden).all():
            expect(found).to_be_hidden()
    page.get_by_text("The usual way, about").tap()
    page.get_by_role("link", name="Three minutes").tap()
    expect(page.get_by_text("The three-minute").or_(page.get_by_text("Three minutes, about 3 minutes"))).to_be_visible()


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_cards_move_only_where_motion_is_welcome(couple: Couple, open_phone: Callable[..., Page], motion: str) -> None:
    page = open_phone(reduced_motion=motion)
    page.add_init_script(
        """const begin = Document.prototype.startViewTransition;
        Document.prototype.startViewTransition = function (update) {
          window.moved = true;
          return begin.call(this, update);
        };"""
    )
    couple.begin(page)
    assert bool(page.evaluate("window.moved")) is (motion == "no-preference")


def test_the_phone_stays_awake_on_a_card_and_may_sleep_in_a_pause(couple: Couple, phone: Page) -> None:
    phone.add_init_script(
        """window.held = 0;
        const release = async () => { window.held -= 1; };
        navigator.wakeLock.request = async () => { window.held += 1; return { release }; };"""
    )
    couple.open(phone)
    assert phone.evaluate("window.held") == 0
    phone.get_by_role("link", name="One of us holds the phone").tap()
    expect_card(phone, 1)
    press(phone, "Next")
    assert phone.evaluate("window.held") == 1
    press(phone, "Pause")
    expect(card(phone)).to_have_count(0)
    assert phone.evaluate("window.held") == 0
    press(phone, "Go on without a pause")
    turn_to_end(phone, 2)
    assert phone.evaluate("window.held") == 0


def test_alone_the_week_is_read_back_card_by_card(stage: Stage, phone: Page) -> None:
    sam = stage.solo()
    address = f"/check-in/{Sheet(sam).hidden['check-in']}"
    Sheet(sam).submit("The soup on Tuesday.", "The roof.")
    stage.sign_in(phone, sam)
    stage.open(phone, address)
    phone.get_by_role("link", name="Read it card by card").tap()
    phone.locator(".paged").wait_for()
    expect_card(phone, 1)
    expect(phone.get_by_role("button", name="Pause")).to_have_count(0)
    press(phone, "Next")
    expect(card(phone)).to_contain_text("The roof.")
    press(phone, "Next")
    expect(phone.get_by_role("heading", name="That was the week")).to_be_visible()
    phone.go_back()
    expect_card(phone, 2)
    assert faults(phone) == []


States = dict[str, Callable[[Couple, Page], None]]


def at_the_start(couple: Couple, page: Page) -> None:
    couple.open(page)
    pad(page, couple.bob).click()
    for summary in page.locator(".option > summary").all():
        summary.click()


def on_a_card_with_clocks(couple: Couple, page: Page) -> None:
    couple.open(page)
    page.get_by_text("A clock for each of you").click()
    page.get_by_label("On each card").select_option("1 minute each")
    page.get_by_role("link", name="One of us holds the phone").click()
    press(page, "Next")
    expect_card(page, 2)
    card(page).locator("[data-clock] button").first.click()


def turned_round(couple: Couple, page: Page) -> None:
    couple.open(page)
    page.get_by_role("link", name="One of us holds the phone").click()
    page.get_by_role("button", name="Turn round").click()


def on_a_spoken_step(couple: Couple, page: Page) -> None:
    couple.open(page, "/together?format=radar")
    page.get_by_role("link", name="One of us holds the phone").click()


def with_sentences(couple: Couple, page: Page) -> None:
    turned_round(couple, page)
    press(page, "Sentences")


def choosing_a_pause(couple: Couple, page: Page) -> None:
    turned_round(couple, page)
    press(page, "Pause")


def paused(couple: Couple, page: Page) -> None:
    choosing_a_pause(couple, page)
    page.locator("[data-times] button").first.click()


def at_the_end(couple: Couple, page: Page) -> None:
    couple.open(page, "/together?format=three-minute")
    page.get_by_role("link", name="One of us holds the phone").click()
    turn_to_end(page)
    card(page).locator("summary").click()


STATES: States = {
    reach.__name__.replace("_", " "): reach
    for reach in (
        *(at_the_start, on_a_card_with_clocks, turned_round, on_a_spoken_step),
        *(with_sentences, choosing_a_pause, paused, at_the_end),
    )
}


@pytest.mark.parametrize("name", STATES)
def test_the_page_has_no_fault(couple: Couple, open_phone: Callable[..., Page], name: str) -> None:
    """Nothing for axe in either scheme, large targets, and room on the smallest screen, lying down, with large type."""
    page = open_phone(reduced_motion="reduce", is_mobile=False)
    told: list[str] = []
    page.on("console", lambda message: told.append(str(message)))
    page.on("pageerror", lambda error: told.append(str(error)))
    STATES[name](couple, page)
    assert told == []
    expect_no_fault(page, ((780, 360), (320, 640)))
