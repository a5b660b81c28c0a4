"""Public pages and assets are answered before Flask: rendered once, compressed once, the same for everybody."""

import gzip
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client, TestResponse

from app.front import PublicFront, choose_coding
from tests.conftest import Person

PAGE = "/guide/trust"
ASSET = "/static/css/app.css"


def fetch(client: FlaskClient, address: str, **headers: str) -> TestResponse:
    return client.get(address, headers={name.replace("_", "-"): value for name, value in headers.items()})


CODINGS = {
    "nothing said": ("", "identity"),
    "brotli": ("br", "br"),
    "gzip": ("gzip", "gzip"),
    "a browser": ("gzip, deflate, br, zstd", "br"),
    "small print": ("GZIP , Br ; q=0.5", "br"),
    "an unknown coding": ("zstd", "identity"),
    "an unknown and a known one": ("zstd, gzip;q=0.2", "gzip"),
    "brotli refused": ("br;q=0, gzip", "gzip"),
    "brotli refused to three places": ("br;q=0.000,gzip", "gzip"),
    "a very small weight is no refusal": ("br;q=0.001", "br"),
    "all refused": ("br;q=0, gzip;q=0", "identity"),
    "anything": ("*", "br"),
    "anything but brotli": ("*, br;q=0", "gzip"),
    "nothing but plain": ("identity, *;q=0", "identity"),
    "not a header at all": (";;,,q=0", "identity"),
}


@pytest.mark.parametrize(("accepted", "coding"), CODINGS.values(), ids=CODINGS.keys())
def test_the_reader_gets_a_coding_they_take(accepted: str, coding: str) -> None:
    assert choose_coding(accepted, ("identity", "gzip", "br")) == coding


def test_a_coding_that_is_not_offered_is_not_chosen() -> None:
    assert choose_coding("br, gzip", ("identity",)) == "identity"


def test_the_three_codings_hold_the_same_page(client: FlaskClient) -> None:
    plain, zipped, squeezed = (fetch(client, PAGE, Accept_Encoding=coding) for coding in ("identity", "gzip", "br"))
    assert gzip.decompress(zipped.data) == brotli.decompress(squeezed.data) == plain.data
    assert b"<h1>" in plain.data
    assert [answer.headers.get("Content-Encoding") for answer in (plain, zipped, squeezed)] == [None, "gzip", "br"]
    assert len(squeezed.data) < len(zipped.data) < len(plain.data)
    for answer in (plain, zipped, squeezed):
        assert answer.content_length == len(answer.data)
        assert answer.headers["Vary"] == "Accept-Encoding"


def test_a_picture_is_not_compressed_again(client: FlaskClient) -> None:
    assert "Content-Encoding" not in fetch(client, "/static/icons/icon-192.png", Accept_Encoding="br").headers


def test_a_page_that_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    tag = client.get(PAGE).headers["ETag"]
    for asked in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        answer = fetch(client, PAGE, If_None_Match=asked, Accept_Encoding="br")
        assert answer.status_code == 304
        assert answer.data == b""
        assert answer.headers["ETag"] == tag
        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert "Content-Encoding" not in answer.headers
    assert fetch(client, PAGE, If_None_Match='"other"').status_code == 200


def test_head_has_the_headers_and_no_body(client: FlaskClient) -> None:
    whole, head = client.get(PAGE), client.head(PAGE)
    assert head.status_code == 200
    assert head.data == b""
    assert dict(head.headers) == dict(whole.headers)


def test_a_page_carries_the_headers_of_every_page(client: FlaskClient) -> None:
    headers = client.get(PAGE).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Public"] == "1"
    assert headers["Content-Type"] == "text/html; charset=utf-8"


def test_an_asset_may_be_kept_for_ever_only_at_its_own_version(client: FlaskClient) -> None:
    version = client.get(ASSET).headers["ETag"].strip('W/"')
    kept = "public, max-age=31536000, immutable"
    assert client.get(f"{ASSET}?v={version}").headers["Cache-Control"] == kept
    assert fetch(client, f"{ASSET}?v={version}", If_None_Match="*").headers["Cache-Control"] == kept
    for address in (ASSET, f"{ASSET}?v=stale", f"{ASSET}?v="):
        assert client.get(address).headers["Cache-Control"] == "public, max-age=0, must-revalidate"


def test_every_asset_that_a_page_names_is_there_at_that_version(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        asset = app.jinja_env.globals["asset"]
        for name in ("css/app.css", "js/app.js", "js/exit.js", "icons/mark.svg", "icons/apple-touch-icon.png"):
            assert "immutable" in client.get(asset(name)).headers["Cache-Control"]  # type: ignore[operator]


UNKNOWN = ["/guide/nothing", "/guide/articles/nothing", "/guide/wife/nothing", "/static/nothing.css", "/guide/husband/"]


@pytest.mark.parametrize("address", UNKNOWN)
def test_an_unknown_address_is_not_there_and_not_remembered(app: Flask, client: FlaskClient, address: str) -> None:
    before = len(app.extensions["front"]._pages)
    assert [client.get(address).status_code for _ in range(2)] == [404, 404]
    assert len(app.extensions["front"]._pages) == before


ASIDE = [
    "/static/./css/app.css",
    "/static/css/../css/app.css",
    "/static//css/app.css",
    "/guide/trust/",
    "/guide//trust",
]


@pytest.mark.parametrize("address", ASIDE)
def test_other_spellings_of_an_address_are_not_remembered(app: Flask, client: FlaskClient, address: str) -> None:
    """Otherwise anybody could fill the memory with copies of one page."""
    before = len(app.extensions["front"]._pages)
    client.get(address).close()
    assert len(app.extensions["front"]._pages) == before


def test_only_reading_is_answered_from_memory(client: FlaskClient) -> None:
    assert client.post(PAGE).status_code == 405
    assert client.delete(ASSET).status_code == 405


def as_sent(answer: TestResponse) -> tuple[int, list[tuple[str, str]], bytes]:
    return answer.status_code, list(answer.headers), answer.data


def test_a_page_is_the_same_for_everybody(client: FlaskClient, alice: Person, bob: Person, charlie: Person) -> None:
    with bob.client.session_transaction() as session:
        session["_flashes"] = [("message", "Bob has been here")]
    for address in ("/guide/", PAGE, "/guide/wife/long-term", "/offline", "/manifest.webmanifest", ASSET):
        answers = [as_sent(browser.get(address)) for browser in (client, alice.client, bob.client, charlie.client)]
        assert answers.count(answers[0]) == 4, address
        assert "Set-Cookie" not in dict(answers[0][1])


def test_the_start_sends_who_is_signed_in_to_this_week(client: FlaskClient, alice: Person) -> None:
    assert client.get("/").status_code == 200
    answer = alice.get("/")
    assert (answer.status_code, answer.location) == (303, "/check-in/")
    assert client.get("/").headers["Vary"] == "Accept-Encoding, Cookie"


SIGN_INS = {"one that has ended": "a" * 43, "an empty one": "", "a broken one": '"\\'}


@pytest.mark.parametrize("token", SIGN_INS.values(), ids=SIGN_INS.keys())
def test_a_sign_in_that_opens_nothing_gets_the_start(app: Flask, client: FlaskClient, token: str) -> None:
    client.set_cookie("sign-in", token)
    assert client.get("/").data == app.test_client().get("/").data


class Texts:
    """A tiny app behind a front: what it answers, and how often it was asked."""

    def __init__(self, **pages: str) -> None:
        self.pages = {f"/{name}": text for name, text in pages.items()}
        self.asked: list[str] = []
        self.headers: list[tuple[str, str]] = []
        self.seconds = 0.0  # how long an answer takes

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append(path)
        time.sleep(self.seconds)
        status = "200 OK" if path in self.pages else "404 Not Found"
        start_response(status, [("Content-Type", "text/html"), *self.headers])
        return [self.pages.get(path, "").encode()]

    def front(self) -> PublicFront:
        return PublicFront(self, addresses=[*self.pages, "/sw.js"], cookie="sign-in", base_url="http://localhost")


def test_the_version_changes_with_any_page() -> None:
    versions = {
        Texts(one="Hello", two="there").front().version(),
        Texts(one="Hello", two="you").front().version(),
        Texts(two="Hello", one="there").front().version(),
    }
    assert len(versions) == 3
    assert Texts(one="Hello", two="there").front().version() in versions


def test_the_worker_that_carries_the_version_does_not_change_it() -> None:
    texts = Texts(one="Hello")
    front = texts.front()
    version = front.version()
    texts.pages["/sw.js"] = f"version {version}"
    assert front.version() == version
    assert "/sw.js" not in texts.asked


def test_after_warming_no_reader_is_the_first() -> None:
    texts = Texts(one="Hello", two="there")
    front = texts.front()
    front.warm()
    texts.asked.clear()
    assert Client(front).get("/one").text == "Hello"
    assert texts.asked == []


def test_readers_who_come_at_once_share_one_rendering() -> None:
    texts = Texts(one="Hello")
    texts.seconds = 0.01
    front = texts.front()
    with ThreadPoolExecutor(8) as readers:
        pages = list(readers.map(front.find, ["/one"] * 40))
    assert len({id(page) for page in pages}) == 1
    assert texts.asked == ["/one"]


def test_an_answer_that_sets_a_cookie_is_never_kept() -> None:
    texts = Texts(one="Hello")
    texts.headers = [("Set-Cookie", "session=Alice")]
    front = texts.front()
    Client(front).get("/one")
    texts.headers = []
    assert "Set-Cookie" not in Client(front).get("/one").headers


@pytest.fixture
def writing(app: Flask) -> Any:
    """The app as somebody runs it who is writing the guide: in debug mode."""
    front = app.extensions["front"]
    app.debug, front.remembers = True, False
    yield app
    app.debug, front.remembers = False, True
    app.extensions.pop("content_edited_at", None)


def test_a_page_holds_nothing_of_a_person_even_without_the_front(writing: Flask, bob: Person) -> None:
    with bob.client.session_transaction() as session:
        session["_flashes"] = [("message", "Bob has been here")]
    for address in ("/guide/", PAGE, "/offline"):
        assert bob.get(address).data == writing.test_client().get(address).data


def test_in_debug_mode_nothing_comes_from_memory(writing: Flask) -> None:
    client = writing.test_client()
    known = writing.extensions["content"]
    assert client.get(PAGE).status_code == 200
    assert "ETag" not in client.get(PAGE).headers
    writing.extensions["content_edited_at"] = 0.0  # as if a file had been saved since
    client.get(PAGE)
    assert writing.extensions["content"] is not known
