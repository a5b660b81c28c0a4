"""Reading on a phone: whom the guide speaks of, the size of the text, where the reader was, a paragraph to pass on."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Server, until
from tests.browser.test_pwa import visit_until_kept

pytestmark = pytest.mark.slow
TRUST = "/guide/trust"


def stored(page: Page, name: str) -> Any:
    return json.loads(page.evaluate("(name) => localStorage.getItem(name)", name) or "null")


def choose(page: Page, server: Server, reading: str) -> None:
    page.goto(server.url + "/guide/")
    page.locator(f"[data-reading={reading}]").click()
    page.wait_for_url(f"**/guide/{reading}/")


def read_as_far_as(page: Page, number: int) -> str:
    """Scroll until a paragraph stands at the top, and return its id once the place is noted."""
    page.evaluate("(number) => document.querySelectorAll('.prose [id^=p-]')[number].scrollIntoView()", number)
    return str(until(lambda: stored(page, "places"))["last"])


def addresses(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        "a[href^='/guide']:not([data-reading])", "(links) => links.map((link) => link.getAttribute('href'))"
    )
    return found


def test_a_reading_is_chosen_once_and_holds_on_every_page(live_server: Server, phone: Page) -> None:
    choose(phone, live_server, "wife")
    for address in ("/", "/about/", "/help/", "/join", "/guide/wife/trust"):
        phone.goto(live_server.url + address)
        assert addresses(phone), address
        assert all(link.startswith("/guide/wife/") for link in addresses(phone)), address
    phone.goto(live_server.url + "/guide/trust?from=mail#own-part")
    phone.wait_for_url("**/guide/wife/trust?from=mail#own-part")


def test_an_address_that_names_its_reading_is_left_as_it_was_sent(live_server: Server, phone: Page) -> None:
    choose(phone, live_server, "wife")
    phone.goto(live_server.url + "/guide/partner/trust")
    assert "your partner" in phone.locator(".options summary").inner_text()
    phone.goto(live_server.url + "/guide/")
    phone.locator("[data-reading=husband]").click()
    until(lambda: stored(phone, "reading") == "husband")
    phone.goto(live_server.url + TRUST)
    assert "your husband" in phone.locator(".options summary").inner_text()


def test_the_chosen_reading_holds_without_a_server(own_server: Server, phone: Page) -> None:
    visit_until_kept(phone, own_server, "/", "/guide/trust")
    choose(phone, own_server, "partner")
    visit_until_kept(phone, own_server, "/guide/partner/", "/guide/partner/conclusion")
    own_server.kill()
    phone.goto(own_server.url + "/guide/empathy")
    phone.wait_for_url("**/guide/partner/empathy")
    assert "your partner" in phone.locator(".options summary").inner_text()


def test_the_text_grows_with_the_browsers_own_size_and_stays_so(live_server: Server, phone: Page) -> None:
    def size() -> float:
        return float(phone.evaluate("parseFloat(getComputedStyle(document.querySelector('.prose p')).fontSize)"))

    phone.goto(live_server.url + TRUST)
    before = size()
    phone.locator(".options summary").click()
    for _ in range(2):
        phone.get_by_role("button", name="Larger text").click()
    assert size() == pytest.approx(before * 1.25)
    phone.goto(live_server.url + "/guide/wife/empathy")
    assert size() == pytest.approx(before * 1.25)
    phone.context.new_cdp_session(phone).send("Emulation.setPageScaleFactor", {"pageScaleFactor": 1})
    phone.locator(".options summary").click()
    for _ in range(9):
        phone.get_by_role("button", name="Smaller text").click()
    assert size() == before


def test_the_contents_and_the_page_know_where_the_reader_was(live_server: Server, phone: Page) -> None:
    phone.goto(live_server.url + TRUST)
    assert read_as_far_as(phone, 8) == TRUST
    place = stored(phone, "places")[TRUST]
    phone.goto(live_server.url + "/guide/wife/")
    assert place["part"] in phone.locator(f"[data-place='{TRUST}']").inner_text()
    phone.locator("[data-last] a").click()
    phone.wait_for_url(f"**/guide/wife/trust#{place['at']}")
    assert phone.locator(f"[id='{place['at']}']").is_visible()
    phone.goto(live_server.url + TRUST)
    phone.get_by_role("link", name=f"Go on at “{place['part']}”").click()
    assert phone.evaluate("location.hash") == f"#{place['at']}"
    assert phone.locator("[data-resume]").is_hidden()


def test_what_was_read_to_the_end_says_so_and_can_be_forgotten(live_server: Server, phone: Page) -> None:
    phone.goto(live_server.url + TRUST)
    phone.evaluate("scrollTo(0, document.body.scrollHeight)")
    until(lambda: (stored(phone, "places") or {}).get(TRUST, {}).get("isDone"))
    phone.goto(live_server.url + "/guide/")
    assert "read to the end" in phone.locator(f"[data-place='{TRUST}']").inner_text()
    assert phone.locator("[data-last]").is_hidden()
    phone.get_by_role("button", name="Forget it").click()
    assert phone.locator(f"[data-place='{TRUST}']").is_hidden()
    assert stored(phone, "places") == {}


def test_the_section_about_violence_leaves_no_trace(live_server: Server, phone: Page) -> None:
    phone.goto(live_server.url + "/guide/professional-help")
    phone.evaluate("scrollTo(0, document.body.scrollHeight)")
    phone.wait_for_timeout(1000)  # longer than the pause after which a place is noted
    assert stored(phone, "places") is None


def test_no_server_learns_where_the_reader_is(live_server: Server, phone: Page) -> None:
    phone.goto(live_server.url + TRUST)
    phone.wait_for_load_state("networkidle")
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    read_as_far_as(phone, 12)
    assert asked == []


def test_a_paragraph_is_shared_by_its_own_address(live_server: Server, phone: Page) -> None:
    phone.add_init_script("navigator.share = async (what) => { window.shared = what; };")
    phone.goto(live_server.url + "/guide/wife/trust")
    phone.locator(".options summary").click()
    phone.get_by_role("button", name="Share or keep a paragraph").click()
    passage = phone.locator(".prose > p[id^='p-']").nth(3)
    passage.get_by_role("button", name="Share a link").click()
    name = passage.get_attribute("id")
    assert phone.evaluate("window.shared.url") == f"{live_server.url}/guide/wife/trust#{name}"
    keep = passage.get_by_role("link", name="Keep for our check-in").get_attribute("href")
    assert keep == f"/thoughts/new?page=%2Fguide%2Fwife%2Ftrust&passage={name}"
    assert phone.locator(".safety .pick").count() == 0
    phone.get_by_role("button", name="Share or keep a paragraph").click()
    assert phone.locator(".pick").count() == 0


@pytest.mark.parametrize("may_copy", [True, False])
def test_without_a_share_sheet_the_link_is_copied_or_stands_in_the_address(
    live_server: Server, phone: Page, may_copy: bool
) -> None:
    refuse = "navigator.clipboard.writeText = async () => { throw new Error('no'); };"
    keep = "navigator.clipboard.writeText = async (text) => { window.copied = text; };"
    phone.add_init_script("navigator.share = undefined;" + (keep if may_copy else refuse))
    phone.goto(live_server.url + TRUST)
    phone.locator(".options summary").click()
    phone.get_by_role("button", name="Share or keep a paragraph").click()
    passage = phone.locator(".prose > p[id^='p-']").nth(3)
    passage.get_by_role("button", name="Share a link").click()
    address = f"{live_server.url}{TRUST}#{passage.get_attribute('id')}"
    until(lambda: phone.evaluate("window.copied" if may_copy else "location.href") == address)
    assert ("copied" if may_copy else "address") in phone.locator("[data-said]").inner_text()


def test_the_contents_say_what_is_on_the_device_and_how_large_it_is(live_server: Server, phone: Page) -> None:
    visit_until_kept(phone, live_server, "/guide/", "/guide/trust")
    state = phone.locator("[data-shelf] [role=status]")
    until(lambda: "The whole guide is on this device" in state.inner_text())
    kept = phone.evaluate(
        """async () => {
          let bytes = 0;
          for (const name of await caches.keys()) for (const response of await (await caches.open(name)).matchAll())
            bytes += (await response.arrayBuffer()).byteLength;
          return bytes;
        }"""
    )
    assert f"{round(kept / 1024):,} KB" in state.inner_text()
    assert phone.get_by_role("button", name="Save the whole guide").is_hidden()


def test_a_part_of_the_guide_says_so_and_the_rest_comes_when_asked_for(live_server: Server, phone: Page) -> None:
    visit_until_kept(phone, live_server, "/guide/", "/guide/trust")
    until(lambda: "The whole guide" in phone.locator("[data-shelf] [role=status]").inner_text())
    phone.evaluate(
        """async () => {
          for (const name of await caches.keys()) for (const page of ["trust", "empathy"])
            await (await caches.open(name)).delete(`/guide/${page}`);
        }"""
    )
    phone.context.service_workers[0].evaluate(
        "navigator.__defineGetter__('connection', () => ({ saveData: true }))"
    )  # by itself it would fetch nothing
    phone.reload()
    button = phone.get_by_role("button", name="Save the whole guide")
    button.wait_for()
    assert "10 of 12 texts are on this device" in phone.locator("[data-shelf] [role=status]").inner_text()
    button.click()
    until(lambda: "The whole guide is on this device" in phone.locator("[data-shelf] [role=status]").inner_text())


def test_a_device_that_remembers_nothing_reads_as_well(live_server: Server, phone: Page) -> None:
    phone.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked'); } });")
    errors: list[str] = []
    phone.on("pageerror", lambda error: errors.append(str(error)))
    phone.goto(live_server.url + "/guide/")
    phone.locator("[data-reading=wife]").click()
    phone.wait_for_url("**/guide/wife/")
    phone.goto(live_server.url + TRUST)
    phone.locator(".options summary").click()
    phone.get_by_role("button", name="Larger text").click()
    phone.evaluate("scrollTo(0, 2000)")
    assert phone.locator("html").get_attribute("data-text") == "1"
    assert errors == []
