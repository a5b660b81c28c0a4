"""The mail itself: what its headers promise, and how little its words give away (R6)."""

import re
from email import policy
from email.parser import BytesParser
from urllib.parse import urlsplit

import pytest

from app.mail import WIRE
from app.reminders import actions, sending
from tests.conftest import make_app

TELLING = re.findall(
    r"[\w-]+",
    "alice bob sam partner marriage married relationship couple wife husband spouse love together both other"
    " answer answered waiting check-in same side question guide score",
)


@pytest.fixture
def message(ledger, alice, bob, sunday, outbox):
    """Alice's mail as it comes out of the wire's bytes."""
    ledger.open()
    sunday()
    ledger.remind()
    (sent,) = [message for message in outbox() if message["To"] == alice.email]
    return BytesParser(policy=policy.default).parsebytes(sent.as_bytes(policy=WIRE))


def words(message) -> str:
    """What a person sees: subject, sender's address and both versions, without the addresses of links."""
    text = message.get_body(("plain",)).get_content()
    html = re.sub(r"<(head|style).*?</\1>", " ", message.get_body(("html",)).get_content(), flags=re.S)
    shown = f"{message['Subject']} {text} {re.sub('<[^>]*>', ' ', html)}"
    return re.sub(r"https?://\S+", " ", shown).lower()


def test_it_says_that_it_is_time_and_gives_nothing_away(message):
    assert message["Subject"] == "Your weekly reminder"
    assert not [word for word in TELLING if re.search(rf"\b{word}\b", words(message))]


def test_no_name_and_no_other_address_stands_anywhere_in_it(message, bob):
    raw = message.as_string().lower()
    assert "bob" not in raw
    assert raw.count("alice") == raw.count("alice@example.org") == 1


def test_it_goes_to_one_person_from_the_address_of_this_server(message, app, alice):
    assert message["From"] == app.config["MAIL_FROM"]
    assert message["To"] == alice.email
    assert message["Cc"] is None
    assert message["Bcc"] is None


def test_it_can_be_unsubscribed_from_with_one_click(message, alice, client):
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.fullmatch(r"<(http://127\.0\.0\.1:8000/reminders/unsubscribe/[\w.-]+)>", message["List-Unsubscribe"])
    answer = client.post(urlsplit(address[1]).path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200


def test_the_unsubscribe_header_stays_one_plain_line_on_the_wire(message):
    (line,) = [line for line in message.as_bytes(policy=WIRE).splitlines() if line.startswith(b"List-Unsubscribe: ")]
    assert line.startswith(b"List-Unsubscribe: <http")
    assert line.endswith(b">")


def test_machines_do_not_answer_it_and_filters_know_its_list(message):
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["List-Id"] == "<weekly.localhost>"
    assert message["Precedence"] is None


def test_its_date_is_the_time_that_was_chosen(message):
    assert message["Date"] == "Sun, 29 Nov 2026 18:00:00 +0000"


def test_its_id_belongs_to_the_delivery_and_cannot_be_guessed(message, ledger, alice):
    found = re.fullmatch(r"<r\.(\d+)\.([0-9a-f]{16})@localhost>", message["Message-ID"])
    assert int(found[1]) == ledger.of(alice).id


def test_text_comes_before_html_and_both_lead_to_the_same_places(message):
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    text, html = (part.get_content() for part in message.iter_parts())
    links = re.findall(r"http://\S+", text)
    assert links == re.findall(r'href="([^"]+)"', html)
    assert [urlsplit(link).path.split("/")[1:3] for link in links] == [
        ["check-in", ""],
        ["reminders", ""],
        ["reminders", "unsubscribe"],
    ]


def test_the_html_loads_nothing_and_knows_the_dark(message):
    html = message.get_body(("html",)).get_content()
    assert not re.search(r"<(img|link|script|iframe|video|picture|object)|url\(|@import|@font-face|src=", html)
    assert "prefers-color-scheme: dark" in html
    assert len(message.as_bytes()) < 10_000


def test_it_is_the_same_to_the_byte_however_often_it_is_made(ledger, alice, bob, sunday):
    ledger.open()
    sunday()
    ledger.plan()
    row = ledger.of(alice)
    leased = actions.Leased(row.id, "", alice.id, alice.email, row.due_at)
    with ledger.app.app_context():
        first = sending.compose_reminder(leased).as_bytes()
    sunday(hours=3)
    with ledger.app.app_context():
        assert sending.compose_reminder(leased).as_bytes() == first


def test_another_server_makes_other_ids_and_links(tmp_path, ledger, alice, bob, sunday, outbox):
    ledger.open()
    sunday()
    ledger.remind()
    other = make_app(tmp_path, BASE_URL="https://evening.example", MAIL_FROM="Evening <post@evening.example>")
    row = ledger.of(alice)
    with other.app_context():
        message = sending.compose_reminder(actions.Leased(row.id, "", alice.id, alice.email, row.due_at))
    (mine,) = [sent for sent in outbox() if sent["To"] == alice.email]
    assert message["List-Unsubscribe"].startswith("<https://evening.example/reminders/unsubscribe/")
    assert message["List-Id"] == "<weekly.evening.example>"
    assert message["Message-ID"].split(".")[2][:16] != mine["Message-ID"].split(".")[2][:16]
    assert message["List-Unsubscribe"].rpartition("/")[2] != mine["List-Unsubscribe"].rpartition("/")[2]
