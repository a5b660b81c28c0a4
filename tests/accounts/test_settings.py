"""The settings: name, zone, password, address, and where one is signed in."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.accounts import rules
from tests.accounts.steps import OTHER_PASSWORD, Visitor, code_in, member_of, other_code, sent, text_of
from tests.conftest import MONDAY_MORNING, PASSWORD, Person, make_person

POSTS = ["/settings/name", "/settings/zone", "/settings/password", "/settings/address", "/settings/sign-ins"]


def test_the_page_shows_what_is_stored_and_where_to_go(clock: Any, alice: Person) -> None:
    page = alice.text("/settings/")
    for shown in ("Alice", "Europe/Zurich", "alice@example.org", "a test", "since Monday 23 November 2026"):
        assert shown in page
    for address in ("/settings/export", "/settings/delete", "/sign-out", "/reminders/"):
        assert f'"{address}"' in page
    assert " data-private" in page
    assert 'data-page="settings"' in page


def test_it_is_private_and_never_stored(alice: Person) -> None:
    for address in ("/settings/", "/sign-in"):
        assert alice.get(address).headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("address", ["/settings/", "/settings/address"])
def test_signed_out_goes_to_the_sign_in(visitor: Visitor, address: str) -> None:
    assert visitor.get(address).location == f"/sign-in?next={address}"


@pytest.mark.parametrize("address", POSTS)
def test_signed_out_changes_nothing(app: Flask, visitor: Visitor, alice: Person, address: str) -> None:
    everything = {"name": "X", "zone": "UTC", "email": "x@example.org", "password": PASSWORD, "others": "1"}
    answer = visitor.post(address, everything)
    assert answer.location.startswith("/sign-in")
    member = member_of(app, alice.email)
    assert member is not None
    assert (member.name, member.zone) == ("Alice", "Europe/Zurich")


@pytest.mark.parametrize("address", [*POSTS, "/sign-in", "/sign-out", "/join", "/join/code", "/forgot"])
def test_a_form_without_its_token_changes_nothing(alice: Person, visitor: Visitor, address: str) -> None:
    who = alice if address.startswith("/settings") else visitor
    assert who.client.post(address, data={"name": "X"}).status_code == 400
    foreign = {"csrf_token": "made up", "name": "X"}
    assert who.client.post(address, data=foreign).status_code == 400
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert who.post(address, {"name": "X"}, headers=headers).status_code == 403


@pytest.mark.parametrize("address", POSTS)
def test_the_partner_sees_and_changes_nothing_of_it(app: Flask, alice: Person, bob: Person, address: str) -> None:
    assert alice.email not in bob.text("/settings/")
    bob.post(address, {"member_id": str(alice.id), "name": "Mallory", "zone": "Asia/Tokyo", "others": "1"})
    assert "Mallory" not in alice.text("/settings/")
    assert "Asia/Tokyo</span>" not in alice.text("/settings/")
    assert alice.get("/settings/").status_code == 200


def test_a_name_is_changed(app: Flask, alice: Person) -> None:
    answer = alice.post("/settings/name", {"name": "  Alice\u0301 <b>&amp;  "})
    assert (answer.status_code, answer.location) == (303, "/settings/")
    member = member_of(app, alice.email)
    assert member is not None
    assert member.name == "Alic\u00e9 <b>&amp;"
    page = alice.text("/settings/")
    assert "Your name is changed." in page
    assert "<b>&amp;" not in page


def test_a_refused_name_opens_its_part_and_stays_there(alice: Person) -> None:
    answer = alice.post("/settings/name", {"name": "A" * 61})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="your-name" open' in page
    assert page.count(" open>") == 1
    assert f'value="{"A" * 61}"' in page


def test_a_zone_is_changed(app: Flask, alice: Person) -> None:
    assert alice.post("/settings/zone", {"zone": "America/Argentina/Buenos_Aires"}).status_code == 303
    assert "America/Argentina/Buenos Aires</span>" in alice.text("/settings/")


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../UTC", "Factory", "Europe/Zurich\n", "x" * 100_000])
def test_a_zone_that_does_not_exist_is_refused(app: Flask, alice: Person, zone: str) -> None:
    assert alice.post("/settings/zone", {"zone": zone}).status_code == 422
    member = member_of(app, alice.email)
    assert member is not None
    assert member.zone == "Europe/Zurich"


def test_every_zone_of_the_list_is_accepted() -> None:
    offered = [name for _, names in rules.zones_by_area() for name, _ in names]
    assert len(offered) > 400
    assert all(rules.is_zone(name) for name in offered)
    assert {"Europe/Zurich", "Asia/Kolkata", "UTC"} <= set(offered)


def test_a_new_password_ends_the_other_sign_ins_and_renews_this_one(app: Flask, alice: Person) -> None:
    phone = Visitor(app)
    phone.sign_in(alice.email)
    before = phone.cookie("sign-in")
    answer = phone.post("/settings/password", {"current_password": PASSWORD, "new_password": OTHER_PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/settings/")
    assert phone.is_signed_in()
    assert phone.cookie("sign-in") != before
    assert alice.get("/settings/").status_code == 303
    assert Visitor(app).sign_in(alice.email).status_code == 422
    assert Visitor(app).sign_in(alice.email, OTHER_PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "beside"),
    [
        ("", OTHER_PASSWORD, "current_password"),
        (OTHER_PASSWORD, OTHER_PASSWORD, "current_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, "alice@example.org", "new_password"),
    ],
)
def test_a_refused_password_changes_nothing(app: Flask, alice: Person, current: str, new: str, beside: str) -> None:
    answer = alice.post("/settings/password", {"current_password": current, "new_password": new})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'id="{beside}-error"' in page
    assert 'id="your-password" open' in page
    assert OTHER_PASSWORD not in page
    assert Visitor(app).sign_in(alice.email).status_code == 303


def test_the_current_password_may_be_guessed_ten_times_an_hour(clock: Any, alice: Person) -> None:
    guess = {"current_password": "not this one, either", "new_password": OTHER_PASSWORD}
    for _ in range(rules.LIMITS["password, member"]):
        assert alice.post("/settings/password", guess).status_code == 422
    answer = alice.post("/settings/password", guess | {"current_password": PASSWORD})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert "Wait 60 minutes" in answer.get_data(as_text=True)
    clock.move_to(MONDAY_MORNING + timedelta(hours=1))
    assert alice.post("/settings/password", guess | {"current_password": PASSWORD}).status_code == 303


def test_right_passwords_are_not_counted(alice: Person) -> None:
    for _ in range(rules.LIMITS["password, member"] + 1):
        change = {"current_password": PASSWORD, "new_password": PASSWORD}
        assert alice.post("/settings/password", change).status_code == 303


def test_without_mail_the_address_changes_at_once(app: Flask, alice: Person) -> None:
    assert alice.post("/settings/address", {"email": "New@example.org", "password": PASSWORD}).status_code == 303
    assert "new@example.org" in alice.text("/settings/")
    assert Visitor(app).sign_in(alice.email).status_code == 422
    assert Visitor(app).sign_in("new@example.org").status_code == 303


def test_without_mail_a_taken_address_is_told(alice: Person, charlie: Person) -> None:
    answer = alice.post("/settings/address", {"email": charlie.email, "password": PASSWORD})
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("email", "password", "beside"),
    [
        ("new@example.org", "", "password"),
        ("new@example.org", OTHER_PASSWORD, "password"),
        ("new", PASSWORD, "email"),
        ("", PASSWORD, "email"),
        ("ALICE@example.org", PASSWORD, "email"),
    ],
)
@pytest.mark.usefixtures("mailing")
def test_a_refused_address_changes_nothing(app: Flask, alice: Person, email: str, password: str, beside: str) -> None:
    answer = alice.post("/settings/address", {"email": email, "password": password})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'id="{beside}-error"' in page
    assert 'id="your-address" open' in page
    assert f'value="{email}"' in page
    assert sent(app) == []
    assert alice.get("/settings/address").location == "/settings/"


@pytest.mark.usefixtures("mailing")
def test_with_mail_the_code_from_the_new_address_moves_the_account(app: Flask, alice: Person) -> None:
    answer = alice.post("/settings/address", {"email": "new@example.org", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/settings/address")
    to_new, to_old = sent(app)
    assert (to_new["To"], to_old["To"]) == ("new@example.org", alice.email)
    assert "new@example.org" not in text_of(to_old)
    assert "/forgot" in text_of(to_old)
    assert "new@example.org" in alice.text("/settings/address")
    assert member_of(app, alice.email) is not None
    refused = alice.post("/settings/address", {"code": other_code(code_in(to_new))})
    assert refused.status_code == 422
    assert alice.post("/settings/address", {"code": code_in(to_new)}).location == "/settings/"
    assert member_of(app, alice.email) is None
    assert Visitor(app).sign_in("new@example.org").status_code == 303
    assert alice.get("/settings/address").location == "/settings/"
    assert alice.post("/settings/address", {"code": code_in(to_new)}).location == "/settings/"


@pytest.mark.usefixtures("mailing")
def test_a_link_mailed_to_the_old_address_ends_with_the_move(app: Flask, visitor: Visitor, alice: Person) -> None:
    visitor.post("/forgot", {"email": alice.email})
    link = text_of(sent(app)[-1]).split("8000")[1].split()[0]
    alice.post("/settings/address", {"email": "new@example.org", "password": PASSWORD})
    assert visitor.get(link).status_code == 200
    alice.post("/settings/address", {"code": code_in(sent(app)[-2])})
    assert visitor.get(link).status_code == 404


@pytest.mark.usefixtures("mailing")
def test_the_code_for_a_move_wears_out(clock: Any, app: Flask, alice: Person) -> None:
    alice.post("/settings/address", {"email": "new@example.org", "password": PASSWORD})
    code = code_in(sent(app)[-2])
    for _ in range(rules.CODE_TRIES):
        assert alice.post("/settings/address", {"code": other_code(code)}).status_code == 422
    assert alice.post("/settings/address", {"code": code}).status_code == 422
    alice.post("/settings/address", {"email": "new@example.org", "password": PASSWORD})
    code = code_in(sent(app)[-2])
    clock.move_to(MONDAY_MORNING + rules.CODE_LASTS)
    assert alice.post("/settings/address", {"code": code}).status_code == 422
    assert member_of(app, "new@example.org") is None


@pytest.mark.usefixtures("mailing")
def test_a_code_moves_only_the_account_that_asked(app: Flask, alice: Person, charlie: Person) -> None:
    alice.post("/settings/address", {"email": "new@example.org", "password": PASSWORD})
    code = code_in(sent(app)[-2])
    assert charlie.post("/settings/address", {"code": code}).location == "/settings/"
    charlie.post("/settings/address", {"email": "other@example.org", "password": PASSWORD})
    codes = [code, code_in(sent(app)[-2])]
    assert codes[0] == codes[1] or charlie.post("/settings/address", {"code": code}).status_code == 422
    assert member_of(app, charlie.email) is not None


@pytest.mark.usefixtures("mailing")
def test_an_address_that_got_an_account_meanwhile_is_told_to_its_owner(app: Flask, alice: Person) -> None:
    alice.post("/settings/address", {"email": "dora@example.org", "password": PASSWORD})
    code = code_in(sent(app)[-2])
    make_person(app, "Dora")
    answer = alice.post("/settings/address", {"code": code})
    assert answer.status_code == 422
    assert "There is an account with this address by now" in answer.get_data(as_text=True)
    assert member_of(app, alice.email) is not None


@pytest.mark.usefixtures("mailing")
def test_a_member_asks_for_five_moves_an_hour(clock: Any, app: Flask, alice: Person) -> None:
    wish = {"email": "new@example.org", "password": PASSWORD}
    for _ in range(rules.LIMITS["move, member"]):
        assert alice.post("/settings/address", wish).status_code == 303
    answer = alice.post("/settings/address", wish)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert 'value="new@example.org"' in answer.get_data(as_text=True)
    assert len(sent(app)) == 2 * rules.LIMITS["move, member"]


def test_the_devices_are_listed_and_this_one_is_marked(app: Flask, alice: Person) -> None:
    phone = Visitor(app)
    phone.post(
        "/sign-in",
        {"email": alice.email, "password": PASSWORD},
        headers={"User-Agent": "Mozilla/5.0 (Android 16; Mobile; rv:153.0) Gecko/153.0 Firefox/153.0"},
    )
    page = phone.get("/settings/").get_data(as_text=True)
    assert "2 devices" in page
    assert "Firefox on Android</strong>, this one" in page
    assert "a test</strong><br>" in page
    assert page.count('name="sign_in"') == 1, "this device signs out by the button below"


def test_one_device_is_signed_out(app: Flask, alice: Person) -> None:
    phone = Visitor(app)
    phone.sign_in(alice.email)
    ended = rules.hash_token(phone.cookie("sign-in"))
    assert alice.post("/settings/sign-ins", {"sign_in": ended}).location == "/settings/"
    assert not phone.is_signed_in()
    assert alice.get("/settings/").status_code == 200
    assert alice.post("/settings/sign-ins", {"sign_in": ended}).status_code == 404


def test_all_other_devices_are_signed_out(app: Flask, alice: Person, charlie: Person) -> None:
    phones = [Visitor(app), Visitor(app)]
    for phone in phones:
        phone.sign_in(alice.email)
    assert alice.post("/settings/sign-ins", {"others": "1"}).location == "/settings/"
    assert [phone.is_signed_in() for phone in phones] == [False, False]
    assert alice.get("/settings/").status_code == 200
    assert charlie.get("/settings/").status_code == 200


@pytest.mark.parametrize("sign_in", ["", "x", "0" * 64, "x" * 100_000, "\x00"])
def test_an_unknown_device_is_404(alice: Person, sign_in: str) -> None:
    assert alice.post("/settings/sign-ins", {"sign_in": sign_in}).status_code == 404


def test_a_device_of_somebody_else_is_404(alice: Person, charlie: Person) -> None:
    found = alice.client.get_cookie("sign-in")
    assert found is not None
    foreign = rules.hash_token(found.value)
    assert charlie.post("/settings/sign-ins", {"sign_in": foreign}).status_code == 404
    assert alice.get("/settings/").status_code == 200
