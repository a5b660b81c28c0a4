"""Whatever is typed or forged: 422 or one recipient, never an error of ours, and the same on both databases."""

from io import BytesIO
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.addresses import find_address, read_address
from app.accounts.models import Joining, Member
from app.accounts.rules import is_visible, is_whole
from app.db import db
from tests.accounts.steps import OTHER_PASSWORD, Visitor, member_of, sent
from tests.conftest import PASSWORD, make_person, token_for

FULL = {"name": b"Nora", "email": b"nora@example.org", "password": PASSWORD.encode(), "zone": b"UTC", "next": b"/"}

HOSTILE = {
    "a lone surrogate": b"\xed\xa0\x80",
    "NUL": b"a\x00b",
    "invalid UTF-8": b"a\xff\xfeb",
    "UTF-16": "nora@example.org".encode("utf-16"),
    "a line break": b"a\r\nBcc: mallory@example.org",
    "a header": b"a\nSubject: hello",
    "C1 controls": b"a\xc2\x85\xc2\x9bb",
    "a line separator": "a\u2028b".encode(),
    "far too long": b"a" * 300_000,
    "nothing": b"",
    "spaces": b"   \t ",
    "characters of no width": "\u200b\u200d\ufeff\u2060".encode(),
}


def send(visitor: Visitor, address: str, form: dict[str, bytes]) -> Any:
    """Send raw bytes as the parts of a form, as no browser would."""
    fields = {**form, "csrf_token": token_for(visitor.client).encode()}
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (k.encode(), v) for k, v in fields.items()
    ]
    body = b"".join([*parts, b"--x--\r\n"])
    return visitor.client.post(address, data=body, content_type="multipart/form-data; boundary=x")


def count(app: Flask, table: type) -> int:
    with app.app_context():
        rows: int = db.session.execute(select(func.count()).select_from(table)).scalar_one()
        db.session.remove()
    return rows


@pytest.mark.parametrize("typed", HOSTILE.values(), ids=HOSTILE)
def test_joining_refuses_it_in_every_field(either_mailing: Flask, typed: bytes) -> None:
    for field in ("name", "email", "password"):
        answer = send(Visitor(either_mailing), "/join", FULL | {field: typed})
        assert answer.status_code == 422, field
        assert f'id="{field}-error"' in answer.get_data(as_text=True)
    for field in ("zone", "next"):
        answer = send(Visitor(either_mailing), "/join", FULL | {field: typed})
        assert (answer.status_code, answer.location) == (303, "/join/code"), field
    assert count(either_mailing, Joining) == 2
    assert {message["To"] for message in sent(either_mailing)} == {"nora@example.org"}


@pytest.mark.parametrize("typed", HOSTILE.values(), ids=HOSTILE)
def test_the_other_forms_refuse_it_too(either_mailing: Flask, typed: bytes) -> None:
    app = either_mailing
    alice = make_person(app, "Alice")
    visitor, browser = Visitor(app), Visitor(app)
    browser.client = alice.client
    right = PASSWORD.encode()
    assert send(visitor, "/sign-in", {"email": typed, "password": right}).status_code == 422
    assert send(visitor, "/sign-in", {"email": alice.email.encode(), "password": typed}).status_code == 422
    assert send(visitor, "/forgot", {"email": typed}).status_code == 422
    visitor.join()
    assert send(visitor, "/join/code", {"code": typed}).status_code == 422
    assert send(browser, "/settings/name", {"name": typed}).status_code == 422
    assert send(browser, "/settings/zone", {"zone": typed}).status_code == 422
    assert send(browser, "/settings/address", {"email": typed, "password": right}).status_code == 422
    assert send(browser, "/settings/address", {"email": b"new@example.org", "password": typed}).status_code == 422
    assert send(browser, "/settings/address", {"code": typed}).status_code in (303, 422)
    assert send(browser, "/settings/password", {"current_password": right, "new_password": typed}).status_code == 422
    new = OTHER_PASSWORD.encode()
    assert send(browser, "/settings/password", {"current_password": typed, "new_password": new}).status_code == 422
    assert send(browser, "/settings/sign-ins", {"sign_in": typed}).status_code == 404
    member = member_of(app, alice.email)
    assert member is not None
    assert (member.name, member.zone) == ("Alice", "Europe/Zurich")
    assert [message["To"] for message in sent(app)] == ["nora@example.org"]


@pytest.mark.parametrize("typed", [b"\xed\xa0\x80", b"a\xff\xfeb"])
def test_broken_bytes_in_a_urlencoded_form_are_text_like_any(either_app: Flask, typed: bytes) -> None:
    """Werkzeug leaves what it cannot decode as it was written, with percent signs."""
    visitor = Visitor(either_app)
    body = f"name={quote_from_bytes(typed)}&csrf_token={token_for(visitor.client)}&email=nora@example.org&password="
    answer = visitor.client.post(
        "/join", data=body + PASSWORD.replace(" ", "+"), content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 303
    member = member_of(either_app, "nora@example.org")
    assert member is not None
    assert member.name == quote_from_bytes(typed)


def test_a_forgotten_password_works_on_both_databases(either_app: Flask) -> None:
    alice = make_person(either_app, "Alice")
    for address in (alice.email, "nobody@example.org"):
        assert Visitor(either_app).post("/forgot", {"email": address}).status_code == 303
    assert [message["To"] for message in sent(either_app)] == [alice.email]


@pytest.mark.parametrize(
    "name",
    [
        "N",
        "A" * 60,
        "Zoë",
        "\U0001f469\u200d\U0001f467 Ana",
        "\u202eNora",
        "ノラ",
        "نورا",
        "N" + "\u0301" * 59,
        "<script>alert(1)</script>",
        "{{7*7}}",
        "'; DROP TABLE member; --",
    ],
)
def test_a_name_is_kept_as_it_was_typed(either_app: Flask, name: str) -> None:
    visitor = Visitor(either_app)
    assert visitor.join(name=name).status_code == 303
    member = member_of(either_app, "nora@example.org")
    assert member is not None
    assert member.name == name.replace("N\u0301", "\u0143")
    page = visitor.get("/settings/").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "{{" not in name or name in page


@pytest.mark.parametrize("name", ["A" * 61, "\u0301\u0301", "\u00a0"])
def test_a_name_that_is_too_long_or_cannot_be_seen_is_refused(visitor: Visitor, name: str) -> None:
    assert visitor.join(name=name).status_code == 422


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("nora@example.org", "nora@example.org"),
        (" Nora@Example.ORG ", "nora@example.org"),
        ("nora+same.side@example.org", "nora+same.side@example.org"),
        ("nora@b\u00fccher.example.org", "nora@xn--bcher-kva.example.org"),
        ("nora@bu\u0308cher.example.org", "nora@xn--bcher-kva.example.org"),
        ("nora@xn--bcher-kva.example.org", "nora@xn--bcher-kva.example.org"),
        ("no\u212aa@example.org", "noka@example.org"),
        ("nora@house.test", "nora@house.test"),
        ("nora@mail.lan", "nora@mail.lan"),
        ("o'nora@example.org", "o'nora@example.org"),
    ],
)
def test_an_address_has_one_spelling(typed: str, stored: str) -> None:
    assert read_address(typed) == stored
    assert find_address(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "nora",
        "nora@",
        "@example.org",
        "a@b",
        "nora@localhost",
        "nora@example..org",
        "nora@-example.org",
        "nora@[127.0.0.1]",
        '"no ra"@example.org',
        "no ra@example.org",
        "nora@example.org, mallory@example.org",
        "nora@example.org;mallory@example.org",
        "Nora <nora@example.org>",
        "nora@example.org\nBcc: mallory@example.org",
        "nora@example.org%0aBcc:mallory@example.org",
        "nora@@example.org",
        "n\u00f6ra@example.org",
        "nora\x00@example.org",
        "\ud800@example.org",
        "n" * 65 + "@example.org",
        "n@" + "e" * 64 + ".org",
        "n@" + "e.f." * 63 + "org",
        "n@" + "\u00fc" * 60 + "." + "\u00fc" * 60 + ".org",
        "(hello)nora@example.org",
    ],
)
def test_what_no_mail_can_be_sent_to_is_no_address(visitor: Visitor, typed: str) -> None:
    with pytest.raises(ValueError):
        read_address(typed)
    assert find_address(typed) == ""
    if "\ud800" not in typed:
        assert visitor.join(typed).status_code == 422


def test_every_address_that_is_accepted_gets_exactly_one_mail(either_mailing: Flask) -> None:
    for typed in ("nora+a=b@example.org", "nora@b\u00fccher.example.org", "o'nora@example.org", "nora@house.test"):
        Visitor(either_mailing).join(typed)
    messages = sent(either_mailing)
    assert [message["To"].addresses[0].addr_spec for message in messages] == [
        "nora+a=b@example.org",
        "nora@xn--bcher-kva.example.org",
        "o'nora@example.org",
        "nora@house.test",
    ]
    for message in messages:
        assert len(message["To"].addresses) == 1
        assert message["Bcc"] is None
        assert message.as_bytes().count(b"\nSubject: ") == 1


def test_a_request_of_another_shape_is_refused(either_app: Flask) -> None:
    for address in ("/join", "/sign-in", "/forgot"):
        visitor = Visitor(either_app)
        token = token_for(visitor.client)
        headers = {"X-CSRFToken": token}
        for body, kind in [
            (b"[]", "application/json"),
            (b"null", "application/json"),
            (b"[" * 100_000, "application/json"),
            (b"\x00" * 50, "multipart/form-data; boundary=x"),
            (b"--x\r\n", "multipart/form-data"),
            (b"", ""),
        ]:
            answer = visitor.client.post(address, data=body, content_type=kind, headers=headers)
            assert answer.status_code in (400, 415, 422), (address, body[:10], kind)
        files = {"csrf_token": token, "email": (BytesIO(b"x"), "x.txt"), "name": (BytesIO(b"x"), "x.txt")}
        assert visitor.client.post(address, data=files, content_type="multipart/form-data").status_code == 422
        parts = {f"field{turn}": "x" for turn in range(250)} | {"csrf_token": token}
        assert visitor.client.post(address, data=parts, content_type="multipart/form-data").status_code == 413
        assert visitor.client.post(address, data={"email": "a" * 2_000_000}).status_code == 413
    assert count(either_app, Member) == 0


def test_what_is_whole_and_what_can_be_seen() -> None:
    assert is_whole("Zoë \u202e\u200d🪑")
    assert not any(is_whole(text) for text in ("a\x00", "a\n", "a\x85", "a\u2029", "a\ud800", "a\ufffd"))
    assert is_visible("\u200b.")
    assert not any(is_visible(text) for text in ("", " ", "\u200b", "\u00ad", "\u0301"))
