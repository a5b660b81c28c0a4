"""The mails of an account: neutral, complete, and nothing in them but our own addresses."""

import re
from email.message import EmailMessage

import pytest
from flask import Flask

from app.mail import compose, sender_domain
from tests.accounts.steps import Visitor, sent, text_of
from tests.conftest import PASSWORD, Person

MAILS = {
    "code": {"code": "123456"},
    "known": {},
    "reset": {"token": "t" * 43},
    "moving": {},
}
NEVER = ("marriage", "relationship", "partner", "spouse", "husband", "wife", "couple", "love", "alice", "nora", "!")


@pytest.fixture(params=MAILS)
def message(app: Flask, request: pytest.FixtureRequest) -> EmailMessage:
    with app.test_request_context(base_url=app.config["BASE_URL"]):
        return compose(f"accounts/mail/{request.param}", "someone@example.org", **MAILS[request.param])


def html_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    words: str = part.get_content()
    return words


def test_it_tells_nobody_who_looks_over_the_shoulder_what_the_app_is_for(message: EmailMessage) -> None:
    words = f"{message['Subject']}\n{text_of(message)}\n{html_of(message)}".casefold()
    assert not [word for word in NEVER if word in words.replace("<!doctype", "")]
    assert not re.search("[0-9]{6}", message["Subject"])


def test_it_says_the_same_as_text_and_as_html(message: EmailMessage) -> None:
    links = re.compile(r"http[^\s\"]+")
    assert set(links.findall(text_of(message))) == set(links.findall(html_of(message)))
    assert ("123456" in text_of(message)) == ("123456" in html_of(message))


def test_it_carries_no_picture_and_no_foreign_address(app: Flask, message: EmailMessage) -> None:
    page = html_of(message)
    assert not re.search(r"<img|<script|<link|url\(|@import|<iframe", page)
    assert all(link.startswith(app.config["BASE_URL"] + "/") for link in re.findall(r'href="([^"]+)"', page))
    assert "?" not in "".join(re.findall(r'href="([^"]+)"', page)), "no mark that says who opened it"


def test_its_headers_are_those_of_an_automatic_mail(message: EmailMessage) -> None:
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["From"].addresses[0].display_name == "Same Side"
    assert "\n" not in message["Subject"].strip()


def test_the_sender_is_on_the_domain_of_the_message_id(app: Flask, message: EmailMessage) -> None:
    with app.app_context():
        assert message["Message-ID"].endswith(f"@{sender_domain()}>")


@pytest.mark.usefixtures("mailing")
def test_no_mail_carries_a_name_or_an_address_in_its_words(app: Flask, visitor: Visitor, alice: Person) -> None:
    visitor.join()
    visitor.join(alice.email)
    visitor.post("/forgot", {"email": alice.email})
    alice.post("/settings/address", {"email": "new@example.org", "password": PASSWORD})
    assert len(sent(app)) == 5
    for mail in sent(app):
        words = text_of(mail) + html_of(mail) + mail["Subject"]
        assert not [word for word in ("Alice", "Nora", "example.org", PASSWORD) if word in words]
