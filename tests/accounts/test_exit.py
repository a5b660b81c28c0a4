"""The quick exit: signs this device out, whoever asks, and leaves for the weather."""

from flask.testing import FlaskClient

from tests.conftest import Person

WEATHER = "https://www.bbc.com/weather"


def test_it_ends_the_sign_in_of_this_device_and_moves_on(alice: Person) -> None:
    token = alice.client.get_cookie("sign-in")
    answer = alice.client.post("/exit")
    assert answer.status_code == 200
    assert answer.headers["Refresh"] == f"0; url={WEATHER}"
    assert alice.client.get_cookie("sign-in") is None
    assert token is not None
    alice.client.set_cookie("sign-in", token.value)
    assert alice.get("/").status_code == 200  # the start: the old cookie opens nothing any more


def test_other_devices_stay_signed_in(alice: Person, bob: Person) -> None:
    alice.client.post("/exit")
    assert bob.get("/").status_code == 303


def test_who_is_not_signed_in_gets_the_same_page(client: FlaskClient, alice: Person) -> None:
    assert client.post("/exit").data == alice.client.post("/exit").data


def test_the_page_says_weather_and_nothing_of_this_app(client: FlaskClient) -> None:
    answer = client.post("/exit")
    page = answer.get_data(as_text=True)
    assert "<title>Weather</title>" in page
    assert "Same Side" not in page
    assert 'href="/' not in page
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_drafts_on_the_device_are_kept(client: FlaskClient) -> None:
    assert "Clear-Site-Data" not in client.post("/exit").headers


def test_another_site_cannot_sign_anybody_out(alice: Person) -> None:
    answer = alice.client.post("/exit", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert alice.get("/").status_code == 303


def test_looking_is_not_leaving(alice: Person) -> None:
    assert alice.get("/exit").status_code == 405
    assert alice.get("/").status_code == 303
