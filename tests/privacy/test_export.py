"""Taking one's words along: all of one's own, nothing that was not revealed, and nothing left behind."""

import io
import json
import tempfile
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.db import db
from app.spaces.actions import leave_space
from tests.agreements.conftest import WEEKS, agree, ids, look_back, made_by
from tests.checkin.conftest import Sheet
from tests.conftest import MONDAY_MORNING, PASSWORD, Person, link, make_person, token_for
from tests.notes.conftest import notebook_of, opened
from tests.privacy.conftest import DRAFTS, REVEALED, Couple, make_couple

ADDRESS = "/settings/export"


@pytest.fixture
def couple(app: Flask, clock: Any) -> Couple:
    return make_couple(app, clock)


def ask(person: Person, password: str = PASSWORD) -> TestResponse:
    return person.post(ADDRESS, {"password": password})


def files(answer: TestResponse) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(answer.data)) as zipped:
        assert zipped.testzip() is None
        return {name: zipped.read(name).decode() for name in zipped.namelist()}


def taken_by(person: Person) -> dict[str, Any]:
    return json.loads(files(ask(person))["same-side.json"])


def test_the_page_says_what_is_in_the_file_and_what_is_not(alice: Person) -> None:
    page = alice.get(ADDRESS)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "In it:" in page.text
    assert "Not in it:" in page.text


def test_signed_out_it_goes_to_the_sign_in(client: FlaskClient) -> None:
    form = {"csrf_token": token_for(client), "password": PASSWORD}
    for answer in (client.get(ADDRESS), client.post(ADDRESS, data=form)):
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/sign-in")


def test_it_is_a_zip_that_no_cache_keeps(alice: Person, clock: Any) -> None:
    answer = ask(alice)
    assert answer.status_code == 200
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"] == "attachment; filename=same-side-2026-11-23.zip"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert list(files(answer)) == ["same-side.json", "same-side.html"]


def test_all_that_is_ones_own_is_in_it(couple: Couple) -> None:
    taken = taken_by(couple.ana)
    assert taken["profile"]["name"] == "Ana"
    assert taken["profile"]["email"] == "ana@example.org"
    assert taken["sign_ins"][0]["device"] == "a test"
    assert taken["reminders"] == {"email_on": True, "pause_until": None}
    assert [space["with"] for space in taken["spaces"]] == ["Ben"]
    past, open_week = taken["check_ins"]
    assert past["my_ratings"] == open_week["my_ratings"] == {"together": 2, "understood": 6}
    assert [answer["text"] for answer in open_week["answers"]] == [DRAFTS["Ana"]]


def test_the_topics_one_has_switched_on_are_in_it_and_never_the_others(couple: Couple) -> None:
    couple.ana.post("/space/topics", {"topics": ["forgiveness"]})
    couple.ben.post("/space/topics", {"topics": ["physical-intimacy"]})
    assert taken_by(couple.ana)["spaces"][0]["my_topics"] == ["forgiveness"]
    assert taken_by(couple.ben)["spaces"][0]["my_topics"] == ["physical-intimacy"]


def test_own_questions_are_in_it_and_not_what_the_other_only_proposed(couple: Couple) -> None:
    couple.ana.post("/space/prompts", {"words": "Which soup?"})
    assert taken_by(couple.ana)["own_questions"] == [{"words": "Which soup?", "is_mine": True, "state": "proposed"}]
    assert taken_by(couple.ben)["own_questions"] == []
    assert "Which soup?" in files(ask(couple.ana))["same-side.html"]


def test_a_revealed_week_is_in_it_with_both_answers(couple: Couple) -> None:
    past = taken_by(couple.ana)["check_ins"][0]
    assert [(answer["writer"], answer["text"]) for answer in past["answers"]] == list(REVEALED.items())
    assert past["is_revealed"] is True


def test_every_kept_thought_is_in_it_the_oldest_first_with_its_paragraph(app: Flask, couple: Couple) -> None:
    passage = app.extensions["content"].guide["trust"].passages[0]
    couple.ana.post("/thoughts/", {"words": "thistle", "page": "/guide/wife/trust", "passage": passage.id})
    couple.ana.post("/thoughts/", {"words": "teasel"})
    quote = {"text": passage.text, "page": "/guide/wife/trust", "passage": passage.id, "reading": "wife"}
    assert taken_by(couple.ana)["thoughts"] == [
        {"words": "thistle", "quote": quote},
        {"words": "teasel", "quote": None},
    ]
    page = files(ask(couple.ana))["same-side.html"]
    assert page.index(passage.text[:40]) < page.index("thistle") < page.index("teasel")
    assert taken_by(couple.ben)["thoughts"] == []


def test_private_notes_are_in_it_locked_and_it_says_how_to_open_them(couple: Couple) -> None:
    notebook = notebook_of(couple.ana)
    notebook.write("the mill pond", note_id=7)
    taken = files(ask(couple.ana))
    found = json.loads(taken["same-side.json"])["private_notes"]
    assert found["lock"] == notebook.all()["lock"]
    assert opened(notebook.key, "note|7", found["notes"][0]["envelope"])["text"] == "the mill pond"
    for said in ("PBKDF2", "AES-256-GCM", "same-side|1|note|ID"):
        assert said in found["how_to_open"]
    assert "1 note is in same-side.json" in taken["same-side.html"]
    assert "the mill pond" not in "".join(taken.values())
    assert taken_by(couple.ben)["private_notes"]["notes"] == []


def test_the_agreements_of_both_are_in_it_with_every_wording(app: Flask, clock: Any) -> None:
    ana, ben = make_person(app, "Ana"), make_person(app, "Ben")
    link(app, ana, ben)
    made_by(ben, ana)
    agree(ana, "it rains", "fetch you")
    clock.move_to(WEEKS[0])
    ana.get("/check-in/")
    look_back(ana, ids(ana)[0], "changed", when="it snows", will="stay")
    look_back(ben, ids(ana)[1], "not")
    own, other = taken_by(ana)["agreements"]
    assert own["wordings"] == [{"when": "it rains", "will": "fetch you", "since": "2026-11-23"}]
    assert own["not_revealed_yet"] == {"outcome": "changed", "when": "it snows", "will": "stay"}
    assert (other["maker"], other["is_mine"], other["not_revealed_yet"]) == ("Ben", False, None)
    page = files(ask(ana))["same-side.html"]
    assert "it snows" not in page
    assert "<bdi>it rains</bdi>" in page
    for person in (ana, ben):
        Sheet(person).submit("a word")
    ben.post(f"/agreements/{ids(ben)[0]}/withdraw")
    clock.shift(3600)
    taken = taken_by(ana)["agreements"]
    assert [(row["how_it_went"], row["ended"]) for row in taken] == [("changed", ""), ("", "withdrawn")]
    assert [wording["will"] for wording in taken[0]["wordings"]] == ["fetch you", "stay"]
    assert "withdrawn" in files(ask(ana))["same-side.html"]


@pytest.mark.parametrize("name", ["same-side.json", "same-side.html"])
def test_nothing_else_of_the_partners_is_in_it(couple: Couple, name: str) -> None:
    for mine, theirs in ((couple.ana, couple.ben), (couple.ben, couple.ana)):
        text = files(ask(mine))[name]
        assert REVEALED[theirs.name] in text
        for canary in (DRAFTS[theirs.name], theirs.email, str(theirs.id)):
            assert canary not in text


def test_the_partners_ratings_are_in_no_form_in_it(app: Flask, clock: Any) -> None:
    couple = make_couple(app, clock)
    Sheet(couple.ben).save(**{"rating-appreciated": "5"})
    assert "appreciated" not in json.dumps(taken_by(couple.ana)["check_ins"])
    assert taken_by(couple.ben)["check_ins"][1]["my_ratings"]["appreciated"] == 5


def test_the_file_is_the_same_whether_the_partner_has_written_or_not(app: Flask, clock: Any) -> None:
    ana, ben = make_person(app, "Ana"), make_person(app, "Ben")
    link(app, ana, ben)
    Sheet(ana).save("only mine")
    from_before = ask(ana).data
    Sheet(ben).submit("a word of Ben’s", **{"rating-together": "1"})
    assert ask(ana).data == from_before


def test_a_stranger_takes_nothing_of_the_couple(couple: Couple, charlie: Person) -> None:
    text = "".join(files(ask(charlie)).values())
    for word in (*REVEALED.values(), *DRAFTS.values(), "ana@example.org"):
        assert word not in text


def test_an_account_without_a_word_has_a_file_too(sam: Person) -> None:
    taken = files(ask(sam))
    assert json.loads(taken["same-side.json"])["check_ins"] == []
    assert "Nothing is written yet." in taken["same-side.html"]


def test_after_leaving_it_holds_the_revealed_weeks_and_ones_own_drafts(app: Flask, couple: Couple) -> None:
    with app.app_context():
        leave_space(couple.space_id, MONDAY_MORNING)
        db.session.remove()
    taken = taken_by(couple.ana)
    assert [len(check_in["answers"]) for check_in in taken["check_ins"]] == [2, 1]
    assert [space["with"] for space in taken["spaces"]][0] == "Ben"
    assert taken["spaces"][0]["until"] is not None


def test_a_partner_who_deleted_the_account_is_someone_who_has_left(couple: Couple) -> None:
    couple.ben.post("/settings/delete", {"password": PASSWORD, "confirm": "delete"})
    taken = taken_by(couple.ana)
    assert [answer["writer"] for answer in taken["check_ins"][0]["answers"]] == ["Ana", "someone who has left"]
    assert taken["spaces"][0]["with"] == "someone who has left"
    assert "Ben" not in json.dumps(taken["spaces"])


class Page(HTMLParser):
    """What a page shows, and what it would load."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.shown = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attributes if name in ("src", "href", "action")]

    def handle_data(self, data: str) -> None:
        self.shown += data


def test_the_page_in_it_needs_nothing_else_and_shows_words_as_they_were_typed(app: Flask, sam: Person) -> None:
    words = "<script>alert(1)</script> & “quoted” 🌻\n  second line {{ 7*7 }} \u202eright to left"
    Sheet(sam).submit(words)
    taken = files(ask(sam))
    page = Page()
    page.feed(taken["same-side.html"])
    assert words in page.shown
    assert not {"script", "link", "img", "form", "iframe"} & set(page.tags)
    assert page.loads == []
    assert json.loads(taken["same-side.json"])["check_ins"][0]["answers"][0]["text"] == words


@pytest.mark.parametrize("password", ["", "not the one", PASSWORD + " "], ids=["none", "wrong", "one space more"])
def test_without_the_right_password_there_is_the_form_again(couple: Couple, password: str) -> None:
    answer = ask(couple.ana, password)
    assert answer.status_code == 422
    assert answer.mimetype == "text/html"
    assert "There is a problem" in answer.text
    assert REVEALED["Ana"] not in answer.text
    if password:
        assert password not in answer.text


def test_guessing_the_password_is_limited(alice: Person, clock: Any) -> None:
    assert [ask(alice, "not the one").status_code for _ in range(11)] == [422] * 10 + [429]
    answer = ask(alice)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3600


def test_three_files_an_hour_are_enough(alice: Person, clock: Any) -> None:
    assert [ask(alice).status_code for _ in range(4)] == [200, 200, 200, 429]
    clock.shift(3600)
    assert ask(alice).status_code == 200


def test_it_is_written_to_no_disk(couple: Couple, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def on_disk() -> list[str]:
        return sorted(str(path) for path in Path(app.config["INSTANCE_PATH"]).rglob("*"))

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = on_disk()
    assert ask(couple.ana).status_code == 200
    assert on_disk() == before
    assert list(tmp_path.iterdir()) == []
