"""Reading a check-in's form: its fields are as many as it has prompts, so they are read by name."""

import re
from collections.abc import Mapping

from app.checkin.rules import LONGEST_ANSWER, RATINGS, WANTS, Draft, Stamp, Words
from app.words import clean

_HIGHEST = 2**31 - 1


class BadInput(Exception):
    """What cannot be saved as it is: a message for each field that says what to do."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("bad input")
        self.errors = dict(errors)


def read_draft(form: Mapping[str, str]) -> Draft:
    """The draft in a submitted form. Fields that are not sent are not touched by saving it.

    Raises BadInput with a message for each field, when a text is too long or a number is none.
    """
    errors: dict[str, str] = {}
    answers = {}
    for name in form:
        if name.startswith("answer-"):
            prompt = name.removeprefix("answer-")
            answers[prompt] = Words(
                text=_read_text(form, name, errors),
                want=_read_want(form, f"want-{prompt}", errors),
                version=_read_number(form, f"version-{prompt}", errors),
            )
    ratings = {name: _read_rating(form, f"rating-{name}", errors) for name in RATINGS if f"rating-{name}" in form}
    draft = Draft(
        check_in_id=_read_id(form, "check-in", errors),
        member_id=_read_id(form, "member", errors),
        answers=answers,
        ratings=ratings,
        ratings_version=_read_number(form, "version-ratings", errors),
        stamp=_read_stamp(form),
    )
    if errors:
        raise BadInput(errors)
    return draft


def _read_text(form: Mapping[str, str], name: str, errors: dict[str, str]) -> str:
    text = clean(form[name])
    if len(text) > LONGEST_ANSWER:
        errors[name] = f"This answer has {len(text):,} characters; {LONGEST_ANSWER:,} fit. Shorten it, then save again."
    return text


def _read_want(form: Mapping[str, str], name: str, errors: dict[str, str]) -> str:
    want = form.get(name, "")
    if want and want not in WANTS:
        errors[name] = "Choose one of the four."
    return want


def _read_rating(form: Mapping[str, str], name: str, errors: dict[str, str]) -> int:
    value = form.get(name, "")
    if not value:
        return 0  # sent empty: the rating is taken back
    if value not in "1234567" or len(value) != 1:
        errors[name] = "Choose one of the seven, or leave it."
        return 0
    return int(value)


def _read_number(form: Mapping[str, str], name: str, errors: dict[str, str]) -> int:
    value = form.get(name, "") or "0"
    if not (value.isascii() and value.isdigit() and len(value) <= 10 and int(value) <= _HIGHEST):
        errors[name] = "This page is out of date. Load it again; your text stays below."
        return 0
    return int(value)


def _read_stamp(form: Mapping[str, str]) -> Stamp:
    """The stamp that the page's script put on; none when it is no stamp, which only makes conflicts likelier."""
    page, turn = form.get("page", ""), form.get("turn", "")
    if re.fullmatch(r"[a-z0-9]{8,40}", page) and re.fullmatch(r"[0-9]{1,9}", turn):
        return Stamp(page, int(turn))
    return Stamp()


def _read_id(form: Mapping[str, str], name: str, errors: dict[str, str]) -> int | None:
    value = form.get(name, "")
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 19):
        errors[name] = "This page is out of date. Load it again; your text stays below."
        return None
    return int(value)
