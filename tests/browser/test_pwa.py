"""The app on a phone's home screen: it can be installed, and the guide opens without a server."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Server, until

pytestmark = pytest.mark.slow

# Every entry of every cache: its address, the marks it was kept under, and its text.
DUMP = """async () => {
  const entries = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const response = await cache.match(request);
      entries.push({
        cache: name, url: request.url, public: response.headers.get("X-Public"),
        control: response.headers.get("Cache-Control"), text: await response.text(),
      });
    }
  }
  return entries;
}"""


def kept(page: Page) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = page.evaluate(DUMP)
    return entries


def paths(page: Page, server: Server) -> set[str]:
    return {entry["url"].removeprefix(server.url) for entry in kept(page)}


def visit_until_kept(page: Page, server: Server, address: str, wanted: str) -> None:
    """Open a page and wait until the worker has kept another one."""
    page.goto(server.url + address)
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    until(lambda: wanted in paths(page, server))


def test_chromium_finds_nothing_that_speaks_against_installing(live_server: Server, phone: Page) -> None:
    phone.goto(live_server.url + "/")
    devtools = phone.context.new_cdp_session(phone)
    devtools.send("Page.enable")
    manifest = devtools.send("Page.getAppManifest")
    assert devtools.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    assert manifest["errors"] == []
    assert devtools.send("Page.getAppId")["appId"] == live_server.url + "/"


def test_the_first_visit_is_enough_to_read_the_guide_with_the_server_gone(own_server: Server, phone: Page) -> None:
    visit_until_kept(phone, own_server, "/guide/", "/guide/trust")
    own_server.kill()
    for address in (
        "/guide/trust",
        "/guide/long-term?from=mail",
        "/guide/",
        "/guide/articles/if-you-came-for-the-novel",
    ):
        phone.goto(own_server.url + address)
        assert phone.locator("main h1").is_visible()
        assert phone.locator("body").get_attribute("data-page") != "offline"
        assert phone.evaluate("getComputedStyle(document.querySelector('.reading')).maxInlineSize") != "none"


def test_the_installed_app_opens_without_a_connection(own_server: Server, phone: Page) -> None:
    visit_until_kept(phone, own_server, "/", "/guide/trust")
    own_server.kill()
    start = phone.request.get  # the worker does not see this one: the server really is gone
    with pytest.raises(Exception, match="ECONNREFUSED"):
        start(own_server.url + "/manifest.webmanifest")
    manifest = phone.evaluate("fetch('/manifest.webmanifest').then((answer) => answer.json())")
    phone.goto(own_server.url + manifest["start_url"])
    assert phone.locator("body").get_attribute("data-page") == "start"


@pytest.mark.parametrize("address", ["/check-in/", "/help/", "/settings/", "/guide/nothing-here"])
def test_what_is_not_kept_shows_the_offline_page_and_says_so(own_server: Server, phone: Page, address: str) -> None:
    visit_until_kept(phone, own_server, "/", "/offline")
    phone.goto(own_server.url + address)
    own_server.kill()
    answer = phone.goto(own_server.url + address)
    assert answer is not None
    assert answer.status == 503
    assert phone.locator("body").get_attribute("data-page") == "offline"
    assert phone.get_by_role("link", name="112").first.is_visible()
    assert phone.get_by_role("link", name="findahelpline.com").is_visible()


def test_a_reader_of_another_reading_keeps_that_one_whole(own_server: Server, phone: Page) -> None:
    visit_until_kept(phone, own_server, "/", "/offline")
    visit_until_kept(phone, own_server, "/guide/wife/trust", "/guide/wife/empathy")
    own_server.kill()
    phone.goto(own_server.url + "/guide/wife/empathy")
    assert "wife" in phone.locator(".options summary").inner_text()


def test_only_public_pages_are_kept(live_server: Server, phone: Page) -> None:
    visit_until_kept(phone, live_server, "/", "/guide/trust")
    for address in ("/help/", "/help/self-check", "/about/", "/join", "/sign-in", "/check-in/"):
        phone.goto(live_server.url + address)
    for entry in kept(phone):
        assert entry["public"] == "1", entry["url"]
        assert "no-store" not in entry["control"], entry["url"]
        assert "private" not in entry["control"], entry["url"]
    assert not {path for path in paths(phone, live_server) if path.startswith(("/help", "/join", "/sign", "/check"))}


def test_no_word_of_a_member_is_in_any_cache(live_server: Server, phone: Page) -> None:
    visit_until_kept(phone, live_server, "/", "/guide/trust")
    words = {"name": "Wren Canary", "email": "wren@example.org", "password": "a kettle and two cups"}
    phone.goto(live_server.url + "/join")
    for field, word in words.items():
        phone.locator(f"[name={field}]").fill(word)
    phone.locator("main form button[type=submit], main form button:not([type])").first.click()
    phone.wait_for_url(lambda address: "/join" not in address)
    phone.goto(live_server.url + "/check-in/")
    phone.locator("textarea").first.fill("the heron on the roof")
    for address in (
        "/",
        "/check-in/",
        "/check-in/history",
        "/space/",
        "/settings/",
        "/reminders/",
        "/guide/",
        "/help/",
    ):
        phone.goto(live_server.url + address)
        assert phone.locator("main").is_visible()
    for entry in kept(phone):
        for word in (*words.values(), "Wren", "heron", 'name="csrf_token"'):
            assert word not in entry["text"], entry["url"]


def test_caches_of_an_older_version_are_removed(live_server: Server, phone: Page) -> None:
    phone.goto(live_server.url + "/healthz")  # of this origin, and without a script that brings the worker
    phone.evaluate("caches.open('public-of-last-year').then((cache) => cache.put('/old', new Response('old')))")
    visit_until_kept(phone, live_server, "/guide/", "/offline")
    until(lambda: "public-of-last-year" not in phone.evaluate("caches.keys()"))


def test_a_reader_who_saves_data_keeps_only_what_was_read(live_server: Server, phone: Page) -> None:
    visit_until_kept(phone, live_server, "/", "/guide/trust")
    worker = phone.context.service_workers[0]
    for saves_data in (True, False):
        worker.evaluate("(yes) => { navigator.__defineGetter__('connection', () => ({ saveData: yes })); }", saves_data)
        worker.evaluate("keepReading('/guide/partner/')")
        assert ("/guide/partner/trust" in paths(phone, live_server)) is not saves_data


def test_the_worker_refuses_to_keep_what_is_not_public(live_server: Server, phone: Page) -> None:
    visit_until_kept(phone, live_server, "/", "/guide/trust")
    worker = phone.context.service_workers[0]
    for address in ("/help/", "/check-in/", "/sign-in", "/guide/nothing-here", "/static/css/app.css?v=stale"):
        assert worker.evaluate("(address) => keep(address).catch((error) => error.message)", address) == (
            f"not kept: {address}"
        )


def test_a_listed_page_is_not_kept_when_the_server_calls_it_private(live_server: Server, phone: Page) -> None:
    """The second gate by itself: the address is on the worker's list, the answer is not for everybody."""
    visit_until_kept(phone, live_server, "/", "/guide/trust")
    worker = phone.context.service_workers[0]
    for headers in ({"X-Public": "1", "Cache-Control": "private, no-store"}, {"Cache-Control": "public"}):
        worker.evaluate("(headers) => { self.fetch = async () => new Response('Alice', { headers }); }", headers)
        worker.evaluate("keep('/guide/trust').catch(() => {})")
        assert not [entry for entry in kept(phone) if entry["text"] == "Alice"]
