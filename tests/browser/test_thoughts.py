"""Keeping a paragraph while reading, and putting it into an answer of the check-in."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import Server, until
from tests.browser.steps import Stage, area, backstage, expect_saved, press, turn_to
from tests.conftest import Person
from tests.thoughts.test_list import keep, listed

pytestmark = pytest.mark.slow

Open = Callable[..., Page]
PAGE = "/guide/partner/trust"


@pytest.fixture(scope="module")
def stage(live_server: Server) -> Iterator[Stage]:
    with backstage(live_server) as app:
        yield Stage(live_server, app)


@pytest.fixture
def alice(stage: Stage) -> Person:
    return stage.couple()[0]


@pytest.fixture
def page(stage: Stage, alice: Person, phone: Page) -> Page:
    stage.sign_in(phone, alice)
    return phone


@pytest.fixture
def passage(stage: Stage) -> tuple[str, str]:
    """The id and the words of a paragraph in which nothing depends on the reading."""
    for found in stage.app.extensions["content"].guide["trust"].passages:
        if "{" not in found.text and "“" not in found.text and len(found.text) > 80:
            return found.id, found.text
    raise AssertionError("the page has no plain paragraph")


def offered(page: Page) -> list[str]:
    """The thoughts beside the answer on view."""
    summary = page.locator("[data-card]:visible summary", has_text="Thoughts you kept")
    if page.locator("[data-thoughts]").get_attribute("open") is None:
        summary.click()
    return page.locator("[data-thoughts] .words").all_inner_texts()


def test_a_paragraph_is_kept_while_reading_and_put_into_an_answer(
    stage: Stage, alice: Person, page: Page, passage: tuple[str, str]
) -> None:
    place, text = passage
    stage.open(page, f"/thoughts/new?page={PAGE}&passage={place}")
    expect(page.locator("blockquote")).to_contain_text(text)
    page.get_by_label("A line of your own").fill("Like us, in March.")
    press(page, "Keep it")
    expect(page.get_by_role("status")).to_contain_text("Kept, for you alone.")
    page.get_by_role("link", name="Back to the page").click()
    page.wait_for_url(f"**{PAGE}#{place}")

    stage.open(page)
    area(page, 1).fill("The soup on Tuesday.")
    expect_saved(page)
    turn_to(page, 2)
    area(page, 2).fill("The rota.  ")
    expect_saved(page)
    assert offered(page) == [f"“{text}”\n\nLike us, in March."]
    press(page, "Put it into this answer")
    expected = f"The rota.\n\n“{text}”\n\nLike us, in March."
    expect(area(page, 2)).to_have_value(expected)
    expect(area(page, 2)).to_be_focused()
    expect_saved(page)
    until(lambda: expected in alice.text("/check-in/").replace("&#39;", "'"))
    press(page, "Put it into this answer")
    expect(area(page, 2)).to_have_value(expected)
    expect(area(page, 1)).to_have_value("The soup on Tuesday.")


def test_after_use_it_can_be_removed_from_the_list(stage: Stage, alice: Person, page: Page) -> None:
    keep(alice, "the roof", "the rota")
    stage.open(page)
    offered(page)
    expect(page.get_by_role("button", name="Remove it from the list")).to_have_count(0)
    page.get_by_role("button", name="Put it into this answer").first.click()
    press(page, "Remove it from the list")
    expect(page.locator("[data-count]")).to_have_text("1")
    expect(page.locator("[data-thoughts] summary")).to_be_focused()
    assert listed(alice) == ["the roof"]
    expect(area(page)).to_have_value("the rota")
    assert "the rota" in alice.text("/check-in/")
    press(page, "Put it into this answer")
    press(page, "Remove it from the list")
    expect(page.locator("[data-thoughts]")).to_be_hidden()
    expect(area(page)).to_be_focused()
    assert listed(alice) == []


def test_what_is_not_saved_yet_stays_in_the_list(stage: Stage, alice: Person, page: Page) -> None:
    keep(alice, "the roof")
    stage.open(page)
    offered(page)
    page.context.set_offline(True)
    press(page, "Put it into this answer")
    press(page, "Remove it from the list")
    expect(page.locator("[data-status]")).to_contain_text("Not saved yet")
    assert listed(alice) == ["the roof"]
    page.context.set_offline(False)
    expect_saved(page)
    press(page, "Remove it from the list")
    until(lambda: listed(alice) == [])


def test_without_a_script_it_is_kept_copied_and_removed(
    stage: Stage, alice: Person, open_phone: Open, passage: tuple[str, str]
) -> None:
    page = open_phone(java_script_enabled=False)
    stage.sign_in(page, alice)
    stage.open(page, f"/thoughts/new?page={PAGE}&passage={passage[0]}")
    page.get_by_label("A line of your own").fill("Like us, in March.")
    press(page, "Keep it")
    page.get_by_role("link", name="To this week").click()
    page.locator("summary", has_text="Thoughts you kept").click()
    expect(page.get_by_text("Copy what you want to say into an answer.")).to_be_visible()
    expect(page.get_by_role("button", name="Put it into this answer")).to_have_count(0)
    copied = page.locator("[data-thoughts] .words").inner_text()
    area(page).fill(copied)
    press(page, "Save for later")
    expect(area(page)).to_have_value(copied)
    page.locator("summary", has_text="Thoughts you kept").click()
    page.get_by_role("link", name="All your thoughts").click()
    press(page, "Remove")
    expect(page.get_by_text("Nothing is kept yet")).to_be_visible()


def test_without_a_connection_the_words_stay_on_the_form(stage: Stage, alice: Person, page: Page) -> None:
    stage.open(page, "/thoughts/new")
    page.get_by_label("Your thought").fill("the roof")
    page.context.set_offline(True)
    press(page, "Keep it")
    expect(page.get_by_role("alert")).to_contain_text("the server cannot be reached")
    expect(page.get_by_label("Your thought")).to_have_value("the roof")
    page.context.set_offline(False)
    press(page, "Keep it")
    page.get_by_role("heading", name="Thoughts you kept").wait_for()
    assert listed(alice) == ["the roof"]


def test_typed_words_do_not_go_without_a_question_but_help_is_always_open(stage: Stage, page: Page) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    stage.open(page, "/thoughts/new")
    page.get_by_label("Your thought").press_sequentially("the roof")
    page.get_by_role("link", name="Guide", exact=True).click(no_wait_after=True)
    until(lambda: page.evaluate("1") and asked)
    expect(page.get_by_label("Your thought")).to_have_value("the roof")
    page.get_by_role("link", name="Help", exact=True).click()
    page.wait_for_url("**/help/")
    assert asked == ["beforeunload"]


def test_tapping_twice_keeps_it_once(stage: Stage, alice: Person, page: Page) -> None:
    stage.open(page, "/thoughts/new")
    page.get_by_label("Your thought").fill("the roof")
    page.get_by_role("button", name="Keep it").dblclick()
    page.get_by_role("heading", name="Thoughts you kept").wait_for()
    assert listed(alice) == ["the roof"]


def test_it_survives_signing_out_in_another_tab(stage: Stage, alice: Person, page: Page) -> None:
    stage.open(page, "/thoughts/new")
    page.get_by_label("Your thought").fill("the roof")
    page.context.clear_cookies(name="sign-in")
    press(page, "Keep it")
    page.get_by_role("heading", name="Sign in to keep it").wait_for()
    page.get_by_label("Mail address").fill(alice.email)
    page.get_by_label("Password").fill("a quiet kitchen table")
    press(page, "Sign in and keep it")
    expect(page.get_by_role("status")).to_contain_text("Kept, for you alone.")
    expect(page.get_by_text("the roof")).to_be_visible()
