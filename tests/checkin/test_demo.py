"""`flask demo`: a couple to look around with."""

import re


def test_it_makes_a_couple_with_months_of_history_and_prints_both_sign_ins(app):
    result = app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 0, result.output
    (nora, sami), (password, _) = zip(*re.findall(r"(\S+@\S+)  password: (\S+)", result.output), strict=True)
    browser = app.test_client()
    page = browser.get("/sign-in").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    browser.post("/sign-in", data={"csrf_token": token, "email": nora, "password": password})
    assert 'data-state="open"' in browser.get("/check-in/").get_data(as_text=True)
    history = browser.get("/check-in/history").get_data(as_text=True)
    assert history.count("with Sami") >= 10
    assert history.count("yours alone") == 1
    week = re.findall(r"/check-in/\d+", history)[-1]
    opened = browser.get(week).get_data(as_text=True)
    assert 'data-state="revealed"' in opened
    assert opened.count('class="words"') >= 6
    assert sami != nora
    thoughts = browser.get("/thoughts/").get_data(as_text=True)
    assert thoughts.count('class="words"') == 2
    assert thoughts.count('class="quoted"') == 1
    living, ended = browser.get("/agreements/").get_data(as_text=True).split("<summary>Ended</summary>")
    assert [part.count('<p class="words"') for part in (living, ended)] == [3, 3]
    assert "From the week of" in living


def test_a_second_demo_couple_gets_addresses_of_its_own(app):
    first, second = (app.test_cli_runner().invoke(args=["demo"]).output for _ in range(2))
    assert "nora@example.org" in first
    assert "nora2@example.org" in second
