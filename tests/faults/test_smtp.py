"""A real SMTP server that accepts, defers, refuses, hangs up or is not there: nothing lost, nothing sent thrice."""

from email.message import EmailMessage
from typing import Any

import pytest

from app import config
from app.mail import Transport, make_transport
from app.reminders import rules
from tests.relay import Relay, free_port
from tests.reminders.conftest import SUNDAY_EVENING, Ledger

pytestmark = pytest.mark.slow


def transport_to(url: str, folder: Any) -> Transport:
    return make_transport(config.load({"SMTP_URL": url, "INSTANCE_PATH": str(folder)}))


@pytest.fixture
def due(ledger: Ledger, alice: Any, bob: Any, sunday: Any, relay_url: str, tmp_path: Any) -> Any:
    """Two mails due now, and a relay that waits for them."""
    ledger.open()
    sunday()
    ledger.plan()
    with ledger.through(transport_to(relay_url, tmp_path)):
        yield ledger


def test_an_accepted_mail_arrives_whole_and_once(due: Ledger, relay: Relay, sunday: Any):
    assert due.send() == {"sent": 2}
    sunday(hours=1)
    assert due.send() == {}
    assert sorted(message["To"] for message in relay.messages()) == ["alice@example.org", "bob@example.org"]
    assert {row.state for row in due.rows()} == {"sent"}
    for message in relay.messages():
        assert "It is the weekly time" in message.get_body(("plain",)).get_content()
        assert message["List-Unsubscribe"].startswith("<http://127.0.0.1:8000/reminders/unsubscribe/")
        assert not [defect for part in message.walk() for defect in part.defects]


# what the relay does to the first mail -> what the first pass counts; the second a few minutes later; arrived in all
FAULTS = {
    "451 to the address": ({"rcpt": "451 later"}, {"retry": 1, "sent": 1}, {"sent": 1}, 2),
    "550 to the address": ({"rcpt": "550 unknown"}, {"failed": 1, "sent": 1}, {}, 1),
    "452 to the mail": ({"data": "452 full"}, {"retry": 1, "sent": 1}, {"sent": 1}, 2),
    "554 to the mail": ({"data": "554 no"}, {"failed": 1, "sent": 1}, {}, 1),
    "cut before the mail is handed over": ({"cut": "before data"}, {"retry": 1}, {"sent": 2}, 2),
    "cut instead of the answer, mail not taken": ({"cut": "untaken"}, {"in_doubt": 1, "sent": 1}, {"sent": 1}, 2),
    "cut instead of the answer, mail taken": ({"cut": "taken"}, {"in_doubt": 1, "sent": 1}, {"sent": 1}, 3),
    "cut right after the answer": ({"cut": "after"}, {"sent": 2}, {}, 2),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_one_mail_ends_as_it_should(due: Ledger, relay: Relay, sunday: Any, name: str):
    fault, first, second, arrived = FAULTS[name]
    relay.behave(**fault, times=1)
    assert due.send() == first
    sunday(minutes=5)
    assert due.send() == second
    sunday(hours=3)
    assert due.send() == {}
    assert len(relay.taken) == arrived
    assert all(row.settled_at for row in due.rows())


def test_what_may_have_arrived_twice_is_the_same_to_the_byte(due: Ledger, relay: Relay, sunday: Any):
    relay.behave(cut="taken", times=1)
    due.send()
    sunday(minutes=5)
    due.send()
    twice = [message for message in relay.messages() if message["Message-ID"] == relay.messages()[0]["Message-ID"]]
    assert len(twice) == 2
    assert twice[0].as_bytes() == twice[1].as_bytes()
    assert relay.taken.count(relay.taken[0]) == 2


def test_a_relay_that_always_hangs_up_gets_each_mail_twice_at_most(due: Ledger, relay: Relay, sunday: Any):
    relay.behave(cut="taken")
    for minutes in range(0, 600, 5):
        sunday(minutes=minutes)
        due.send()
    assert len(relay.taken) == 4
    assert {(row.state, row.doubts) for row in due.rows()} == {("in_doubt", 2)}


def test_no_relay_at_all_costs_no_try_and_ends_the_pass(ledger: Ledger, alice, bob, sunday, tmp_path, relay_url):
    ledger.open()
    sunday()
    ledger.plan()
    with ledger.through(transport_to(f"smtp://127.0.0.1:{free_port()}?starttls=0", tmp_path)):
        assert ledger.send() == {"retry": 1}
    assert {(row.state, row.attempts, row.next_at) for row in ledger.rows()} == {
        ("ready", 0, SUNDAY_EVENING + rules.REST)
    }
    sunday(seconds=30)
    with ledger.through(transport_to(relay_url, tmp_path)):
        assert ledger.send() == {"sent": 2}


def test_without_the_encryption_it_must_use_nothing_is_sent(ledger, alice, bob, sunday, tmp_path, relay, relay_url):
    ledger.open()
    sunday()
    ledger.plan()
    with ledger.through(transport_to(relay_url.replace("starttls=0", "starttls=1"), tmp_path)):
        assert ledger.send() == {"retry": 1}
    assert relay.taken == []
    assert {row.attempts for row in ledger.rows()} == {0}


def test_a_password_that_the_relay_does_not_ask_for_is_a_fault_of_ours_not_of_the_mail(
    ledger, alice, bob, sunday, tmp_path, relay, relay_url
):
    ledger.open()
    sunday()
    ledger.plan()
    with ledger.through(transport_to(relay_url.replace("//", "//user:secret@"), tmp_path)):
        assert ledger.send() == {"retry": 1}
    assert {(row.state, row.attempts) for row in ledger.rows()} == {("ready", 0)}


def test_letters_beyond_ascii_survive_a_relay_of_the_seventies(due: Ledger, relay: Relay, app: Any):
    """A relay without 8BITMIME gets seven bits a byte."""
    transport = app.extensions["postman"].transport
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = "a@example.org", "b@example.org", "<1@example.org>"
    message.set_content("Grüße – “hello”")
    transport.send(message, lambda: True)
    assert relay.messages()[0].get_content().strip() == "Grüße – “hello”"
    relay.behave(is_seven_bit=True)
    transport.send(message, lambda: True)
    assert relay.taken[1].isascii()
    assert relay.messages()[1].get_content().strip() == "Grüße – “hello”"
