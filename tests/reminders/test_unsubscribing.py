"""The link in each mail: one click for a mail program, one button for a person, nothing for a scanner (RFC 8058)."""

import pytest
from itsdangerous import URLSafeSerializer

from app.db import MAX_ID, db
from app.reminders.access import unsubscribe_token
from app.reminders.models import ReminderChoice


@pytest.fixture
def link_of(app):
    def make(person):
        with app.app_context():
            return f"/reminders/unsubscribe/{unsubscribe_token(person.id)}"

    return make


def is_on(app, person):
    with app.app_context():
        choice = db.session.get(ReminderChoice, person.id)
        db.session.remove()
    return choice is None or choice.email_on


@pytest.mark.parametrize(
    "request_like",
    [
        pytest.param({"data": {"List-Unsubscribe": "One-Click"}}, id="as RFC 8058 shows it"),
        pytest.param(
            {"data": {"List-Unsubscribe": "One-Click"}, "content_type": "multipart/form-data"}, id="as multipart"
        ),
        pytest.param({}, id="without a body"),
        pytest.param(
            {"headers": {"Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example"}}, id="from a web mail"
        ),
    ],
)
def test_a_mail_program_needs_no_cookie_no_token_and_no_second_step(app, client, alice, link_of, request_like):
    answer = client.post(link_of(alice), **request_like)
    assert answer.status_code == 200
    assert "Location" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert not is_on(app, alice)


def test_looking_never_unsubscribes(app, client, alice, link_of):
    for answer in (client.get(link_of(alice)), client.head(link_of(alice))):
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert is_on(app, alice)


def test_other_methods_do_nothing(app, client, alice, link_of):
    for method in ("put", "delete", "patch"):
        assert getattr(client, method)(link_of(alice)).status_code == 405
    assert is_on(app, alice)


def test_a_person_finds_one_button_and_no_name(client, alice, bob, link_of):
    page = client.get(link_of(alice)).get_data(as_text=True)
    assert page.count("<button") == 1
    assert "Alice" not in page
    assert "alice@" not in page
    assert "Bob" not in page


def test_the_page_is_the_same_for_every_member(client, alice, bob, link_of):
    assert client.get(link_of(alice)).data == client.get(link_of(bob)).data


def test_it_works_as_often_as_it_is_asked(app, client, alice, link_of):
    answers = [client.post(link_of(alice)) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.data for answer in answers}) == 1
    assert not is_on(app, alice)


def test_it_concerns_this_member_only(app, client, alice, bob, link_of):
    client.post(link_of(alice))
    assert not is_on(app, alice)
    assert is_on(app, bob)


def test_it_leaves_a_pause_as_it_was(app, clock, client, alice, bob, link_of):
    alice.post("/reminders/", {"email_on": "1", "pause_until": "2026-12-24"})
    client.post(link_of(alice))
    assert 'value="2026-12-24"' in alice.text("/reminders/")


def test_it_can_be_switched_on_again_from_the_same_page(app, client, alice, link_of):
    page = client.post(link_of(alice)).get_data(as_text=True)
    assert '<input type="hidden" name="again" value="1">' in page
    answer = client.post(link_of(alice), data={"again": "1"})
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)
    assert is_on(app, alice)


def test_and_on_the_page_of_reminders(app, clock, client, alice, bob, link_of):
    client.post(link_of(alice))
    assert 'name="email_on" value="1">' in alice.text("/reminders/")
    alice.post("/reminders/", {"email_on": "1"})
    assert is_on(app, alice)


def test_signed_in_as_somebody_else_it_still_concerns_the_one_in_the_link(app, charlie, alice, link_of):
    assert charlie.client.post(link_of(alice)).status_code == 200
    assert not is_on(app, alice)
    assert is_on(app, charlie)


def forged(app, alice):
    secret = app.config["SECRET_KEY"]
    right = URLSafeSerializer(secret, salt="unsubscribe").dumps(alice.id)
    return {
        "a plain id": str(alice.id),
        "another secret": URLSafeSerializer("guess", salt="unsubscribe").dumps(alice.id),
        "another use of the secret": URLSafeSerializer(secret, salt="reset").dumps(alice.id),
        "a changed signature": right[:-2] + ("AA" if right[-2:] != "AA" else "BB"),
        "a changed id": "x" + right[1:],
        "half of it": right[: len(right) // 2],
        "rubbish": "%00%ff..",
    }


def test_a_forged_link_is_404_and_changes_nothing(app, client, alice):
    for name, token in forged(app, alice).items():
        for method in ("get", "post", "head"):
            assert getattr(client, method)(f"/reminders/unsubscribe/{token}").status_code == 404, (name, method)
    assert is_on(app, alice)


def test_the_link_of_somebody_who_is_gone_does_no_harm(app, client):
    with app.app_context():
        token = unsubscribe_token(MAX_ID)
    assert client.post(f"/reminders/unsubscribe/{token}").status_code == 200


def test_after_the_answer_no_planned_mail_leaves(ledger, client, alice, bob, sunday, outbox, link_of):
    ledger.open()
    sunday()
    ledger.plan()
    client.post(link_of(alice))
    ledger.send()
    assert [message["To"] for message in outbox()] == [bob.email]
    assert (ledger.of(alice).state, ledger.of(alice).reason) == ("skipped", "switched off")


def test_the_page_is_not_kept_and_its_address_goes_nowhere(client, alice, link_of):
    headers = client.get(link_of(alice)).headers
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Referrer-Policy"] == "same-origin"
