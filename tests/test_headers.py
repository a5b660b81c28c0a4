"""Every route, signed in and out: the headers that protect a page, and what may be kept by a cache."""

import re

import pytest

from app.security import CONTENT_SECURITY_POLICY
from tests.conftest import make_app

EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PUBLIC = re.compile(
    r"/(guide/.*|about/|offline|manifest\.webmanifest|sw\.js|robots\.txt|sitemap\.xml|favicon\.ico|static/.*|healthz)?"
)
ARTICLE = "four-ways-to-hold-a-check-in"
VALUES = {"slug": "trust", "reading": "wife", "filename": "css/app.css"}


def addresses(app) -> list[str]:
    found = set()
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods:
            address = rule.rule
            for name in rule.arguments:
                value = ARTICLE if "articles" in address and name == "slug" else VALUES.get(name, "1")
                address = re.sub(rf"<[^<>]*\b{name}>", value, address)
            found.add(address)
    return sorted(found)


@pytest.mark.parametrize("who", ["signed out", "alice"])
def test_every_answer_carries_the_protecting_headers(app, client, alice, bob, who):
    browser = client if who == "signed out" else alice.client
    for address in [*addresses(app), "/no/such/page", "/check-in/999999999999999999999999"]:
        response = browser.get(address)
        assert response.status_code < 500, address
        for name, value in EXPECTED.items():
            assert response.headers.get(name) == value, (address, name)
        assert "Referrer-Policy" in response.headers, address
        assert "Permissions-Policy" in response.headers, address
        assert "Server" not in response.headers, address


@pytest.mark.parametrize("who", ["signed out", "alice"])
def test_what_is_not_public_is_kept_by_no_cache(app, client, alice, bob, who):
    browser = client if who == "signed out" else alice.client
    for address in addresses(app):
        response = browser.get(address)
        cache_control = response.headers["Cache-Control"]
        if PUBLIC.fullmatch(address) and not (address == "/" and who == "alice"):
            assert "no-store" not in cache_control or address in ("/healthz",), address
            assert "Set-Cookie" not in response.headers, address
        else:
            assert "no-store" in cache_control, address
            assert "X-Public" not in response.headers, address


def test_public_pages_are_the_same_for_everybody(app, client, alice, bob):
    for address in addresses(app):
        if PUBLIC.fullmatch(address) and address not in ("/", "/healthz"):
            ours, theirs = alice.get(address), client.get(address)
            assert (ours.status, list(ours.headers), ours.data) == (theirs.status, list(theirs.headers), theirs.data)
            assert b"csrf_token" not in ours.data


def test_help_is_the_same_for_everybody_and_leaves_nothing_behind(client, alice, bob):
    for address in ("/help/", "/help/self-check"):
        ours, theirs = alice.get(address), client.get(address)
        assert ours.data == theirs.data
        assert "no-store" in ours.headers["Cache-Control"]
        assert "Set-Cookie" not in ours.headers


def test_nothing_is_changed_by_a_form_without_its_token_or_from_another_site(app, alice, bob):
    for rule in app.url_map.iter_rules():
        if "POST" not in rule.methods or rule.endpoint in ("reminders.unsubscribe", "exit.leave", "guide.answer"):
            continue
        address = re.sub(r"<[^<>]+>", "1", rule.rule)
        needs = getattr(app.view_functions[rule.endpoint], "needs", "token")
        refusals = (400, 404) if needs == "view" else (400,)  # such a view looks first whether there is anything
        assert alice.client.post(address, data={}).status_code in refusals, address
        foreign = alice.post(address, headers={"Sec-Fetch-Site": "cross-site"})
        assert foreign.status_code == 403, address
        elsewhere = alice.post(address, headers={"Origin": "https://elsewhere.example"})
        assert elsewhere.status_code == 403, address


def test_strict_transport_and_host_cookies_come_with_https(tmp_path):
    app = make_app(tmp_path, BASE_URL="https://same-side.example")
    response = app.test_client().get("/sign-in", base_url="https://same-side.example")
    assert response.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Domain" not in cookie


def test_a_foreign_host_is_refused(client):
    assert client.get("/sign-in", headers={"Host": "evil.example"}).status_code == 400
