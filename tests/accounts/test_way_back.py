"""Where joining and signing in lead to: a path of this app, or the start, whatever the form says."""

import pytest

from app.accounts import rules
from tests.accounts.steps import Visitor
from tests.conftest import Person

PATHS = [
    "/",
    "/settings/",
    "/invitation/abc-DEF_123",
    "/check-in/42?from=mail&x=%C3%A9#top",
    "/guide/?q=https://example.org//x",
    "/@alice",
]

ELSEWHERE = [
    "",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example/",
    "HTTPS://evil.example",
    "http://localhost@evil.example",
    "http:///evil.example",
    "@evil.example",
    "evil.example",
    "javascript:alert(1)",
    "data:text/html,hello",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    " /settings/",
    "/ /evil.example",
    "/settings/\r\nSet-Cookie: a=b",
    "/settings//evil.example",
    "/settings\\..\\evil",
    "%2f%2fevil.example",
    "%5cevil.example",
    "/\x00/evil.example",
    "/\x7f/evil.example",
    "/\u2028/evil.example",
    "\u3000//evil.example",
    "/\uff0fevil.example",
    "/" + "a" * 500,
    "?next=//evil.example",
    "#//evil.example",
    ".//evil.example",
    "../evil",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_path_of_this_app_is_kept(visitor: Visitor, alice: Person, path: str) -> None:
    assert rules.safe_next(path) == path
    assert visitor.sign_in(alice.email, next=path).location == path


@pytest.mark.parametrize("address", ELSEWHERE)
def test_everything_else_becomes_the_start(visitor: Visitor, alice: Person, address: str) -> None:
    assert rules.safe_next(address) == "/"
    assert visitor.sign_in(alice.email, next=address).location == "/"


@pytest.mark.parametrize("address", ELSEWHERE)
def test_the_hidden_field_never_carries_it(visitor: Visitor, address: str) -> None:
    page = visitor.get("/sign-in", query_string={"next": address}).get_data(as_text=True)
    assert 'name="next" value="/"' in page


@pytest.mark.parametrize("address", ["//evil.example", "/\\evil.example", "https://evil.example"])
def test_nor_does_joining_or_being_signed_in_already_lead_elsewhere(
    visitor: Visitor, alice: Person, address: str
) -> None:
    assert visitor.join(next=address).location == "/"
    assert alice.get("/sign-in", query_string={"next": address}).location == "/"
    assert alice.get("/join", query_string={"next": address}).location == "/"


def test_the_link_between_joining_and_signing_in_keeps_the_way_back(visitor: Visitor) -> None:
    assert 'href="/join?next=/invitation/abc"' in visitor.get("/sign-in?next=/invitation/abc").get_data(as_text=True)
    assert 'href="/sign-in?next=/invitation/abc"' in visitor.get("/join?next=/invitation/abc").get_data(as_text=True)
