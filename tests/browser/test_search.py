"""Searching the guide on a phone: found on the device, offline too, and nobody learns what was looked for."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.conftest import Server
from tests.browser.looks import LARGE_TYPE, faults
from tests.browser.test_help import LEFT_BEHIND
from tests.browser.test_pwa import visit_until_kept

pytestmark = pytest.mark.slow

STATES = {
    "empty": "",
    "found": "listen to me",
    "in danger": "afraid",
    "some words": "trust xylophone",
    "nothing": "xylophone",
}


def field(page: Page) -> Locator:
    return page.get_by_label("Words to look for")


def said(page: Page) -> Locator:
    return page.get_by_role("status")


def results(page: Page) -> Locator:
    return page.locator(".found li a")


def open_search(page: Page, server: Server, address: str = "/guide/search") -> None:
    """Open the page and wait until its texts are there."""
    with page.expect_response(lambda answer: answer.url.endswith("/search.json")):
        page.goto(server.url + address)


def test_typing_finds_a_sentence_and_leads_to_its_paragraph(live_server: Server, phone: Page) -> None:
    open_search(phone, live_server, "/guide/wife/search")
    field(phone).press_sequentially("listened")
    expect(said(phone)).to_have_text(re.compile(r"^\d+ places$"))
    first = results(phone).filter(has=phone.locator("mark")).filter(has_text="Listening, in five habits").first
    expect(first.locator("mark").first).to_have_text(re.compile("^listen", re.IGNORECASE))
    first.click()
    phone.wait_for_url(re.compile(r"/guide/wife/communication#p-[0-9a-f]{8}$"))
    paragraph = phone.locator(":target")
    expect(paragraph).to_be_in_viewport()
    plain = phone.locator(".prose > p:not(:target)").first
    colours = [row.evaluate("(row) => getComputedStyle(row).backgroundColor") for row in (paragraph, plain)]
    assert colours[0] != colours[1]


def test_the_search_is_reached_without_a_pointer(live_server: Server, phone: Page) -> None:
    open_search(phone, live_server)
    field(phone).focus()
    phone.keyboard.type("apologising")
    phone.keyboard.press("Enter")
    expect(results(phone)).not_to_have_count(0)
    phone.keyboard.press("Tab")  # the button
    phone.keyboard.press("Tab")
    assert phone.evaluate("document.activeElement.closest('.found') !== null")
    phone.keyboard.press("Enter")
    phone.wait_for_url(re.compile(r"/guide/[a-z-]+$"))


def test_nothing_leaves_the_device_while_typing_and_nothing_is_left_on_it(live_server: Server, phone: Page) -> None:
    open_search(phone, live_server)
    field(phone).fill("warm up")
    expect(said(phone)).not_to_be_empty()
    phone.evaluate("navigator.serviceWorker.ready.then(() => null)")  # it has fetched the guide by then
    before = phone.evaluate(LEFT_BEHIND)
    asked: list[Request] = []
    phone.context.on("request", lambda request: asked.append(request))
    field(phone).press_sequentially(", he hits me")
    field(phone).press("Enter")
    field(phone).fill("money")
    expect(results(phone)).not_to_have_count(0)
    phone.wait_for_timeout(500)
    assert [request.url for request in asked if request.url.startswith("http")] == []
    assert phone.evaluate(LEFT_BEHIND) == before
    assert phone.url == live_server.url + "/guide/search"


def test_it_works_without_a_server_after_the_first_visit(own_server: Server, phone: Page) -> None:
    visit_until_kept(phone, own_server, "/", "/guide/search.json")
    own_server.kill()
    phone.goto(own_server.url + "/guide/search")
    field(phone).fill("apologising")
    expect(results(phone)).not_to_have_count(0)
    results(phone).first.click()
    phone.wait_for_url(re.compile(r"#p-"))
    expect(phone.locator(":target")).to_be_in_viewport()


def test_where_the_texts_cannot_be_had_it_says_so_and_tries_again(live_server: Server, phone: Page) -> None:
    phone.route("**/search.json", lambda route: route.abort())
    phone.goto(live_server.url + "/guide/search")
    expect(said(phone)).to_contain_text("not on this device yet")
    phone.unroute("**/search.json")
    field(phone).fill("trust")
    expect(results(phone)).not_to_have_count(0)


def test_clearing_the_field_shows_the_beginning_again(live_server: Server, phone: Page) -> None:
    open_search(phone, live_server)
    field(phone).fill("afraid")
    expect(phone.locator("[data-alarming]")).to_be_visible()
    field(phone).fill("")
    expect(phone.locator("[data-empty]")).to_be_visible()
    expect(phone.locator("[data-alarming]")).to_be_hidden()
    expect(results(phone)).to_have_count(0)


def test_without_a_script_the_words_stand_in_no_address_or_log(
    own_server: Server, open_phone: Callable[..., Page]
) -> None:
    page = open_phone(java_script_enabled=False)
    page.goto(own_server.url + "/guide/wife/search")
    field(page).fill("listened kingfisher")
    page.get_by_role("button", name="Search").click()
    expect(said(page)).to_contain_text("None has all of these words")
    assert page.url == own_server.url + "/guide/wife/search"
    results(page).first.click()
    assert "/guide/wife/" in page.url
    assert "kingfisher" not in own_server.log


class Seen(HTMLParser):
    """What a page's results say, without what only lays them out."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[Any] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("a", "mark", "section"):
            self.rows.append((tag, dict(attrs).get("href")))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.rows.append(" ".join(data.split()))


TYPED = (
    *(
        "trust",
        "listened",
        "apologising",
        "APOLOGIES",
        "husband's money",
        "check-in",
        "long term",
        "the",
        "your",
        "xylophone",
    ),
    *(
        "tru",
        "pl",
        "tru\u0301st",
        "dont you",
        "money, secrets & quarrels",
        "trust xylophone",
        "fear",
        "he hits",
        "sorry sorry",
    ),
    *("Ärger", "2015", "gottman", "silence at dinner", "week", "“but”", "I’m not ready", "repair attempts", "x"),
)


@pytest.mark.parametrize("reading", ["", "wife/"], ids=["husband", "wife"])
def test_the_device_and_the_server_find_the_same(live_server: Server, phone: Page, reading: str) -> None:
    address = f"/guide/{reading}search"
    open_search(phone, live_server, address)
    for typed in TYPED:
        field(phone).fill(typed)
        field(phone).press("Enter")  # without the pause after the last letter
        html = phone.request.post(live_server.url + address, form={"q": typed}).text()
        theirs = html.split("<div data-found>")[1].split("<div data-nothing")[0]
        assert Seen(phone.locator("[data-found]").inner_html()).rows == Seen(theirs).rows, typed
        assert said(phone).inner_text() == html.split('role="status">')[1].split("</p>")[0], typed
        for name in ("alarming", "nothing"):
            assert phone.locator(f"[data-{name}]").is_hidden() is (f"data-{name} hidden" in html), typed


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state(live_server: Server, open_phone: Callable[..., Page], scheme: str) -> None:
    page = open_phone(color_scheme=scheme)
    open_search(page, live_server)
    for name, typed in STATES.items():
        field(page).fill(typed)
        page.wait_for_timeout(300)
        assert faults(page) == [], name


def test_twice_the_type_fits_320_pixels_in_every_state(live_server: Server, open_phone: Callable[..., Page]) -> None:
    page = open_phone(viewport={"width": 320, "height": 640}, is_mobile=False)
    open_search(page, live_server)
    page.evaluate(LARGE_TYPE)
    for name, typed in STATES.items():
        field(page).fill(typed)
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name


def test_everything_to_touch_is_large_enough(live_server: Server, phone: Page) -> None:
    open_search(phone, live_server)
    for name, typed in STATES.items():
        field(phone).fill(typed)
        phone.wait_for_timeout(300)
        touched = phone.locator("main a:not(.notice a), main button, main input").all()
        heights = [row.bounding_box()["height"] for row in touched if row.is_visible()]  # type: ignore[index]
        assert min(heights) >= 47.5, name


def test_no_rule_of_the_page_is_broken_by_the_search_or_by_data_for_machines(live_server: Server, phone: Page) -> None:
    """The CSP and Trusted Types tell of every breach on the console."""
    told: list[str] = []
    phone.on("console", lambda message: told.append(message.text))
    phone.on("pageerror", lambda error: told.append(str(error)))
    open_search(phone, live_server)
    field(phone).fill("trust")
    expect(results(phone)).not_to_have_count(0)
    for address in ("/", "/guide/", "/guide/trust", "/guide/articles/if-you-came-for-the-novel"):
        phone.goto(live_server.url + address)
        assert phone.locator('script[type="application/ld+json"]').count() == 1
    assert told == []
