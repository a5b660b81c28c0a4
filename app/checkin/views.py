"""This week, past weeks and the history."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy.exc import DBAPIError, TimeoutError

from app import clock
from app.accounts.access import StillSignedOut, carry, sign_in_with
from app.agreements.access import find_of_week
from app.agreements.forms import AgreementForm
from app.agreements.views import TOO_LATE, is_agreed, keeps_words, not_kept
from app.checkin import actions, drafts
from app.checkin.access import PAGE, Week, my_check_in, my_history, my_week, open_if_due
from app.checkin.forms import BadInput, read_draft
from app.checkin.measures import my_charts
from app.checkin.rules import LONGEST_ANSWER, RATINGS, SHARE, Conflict, Draft, NoRoom, Revealed, Words
from app.checkin.together import Talk, lay_out, read_back
from app.content import ROTATING, USUAL, Content, Format
from app.db import db
from app.paging import page_asked_for
from app.security import has_valid_token, keeps_what_was_typed, wants_json
from app.spaces.access import MySpace, find_space_of, my_space
from app.spaces.rules import local_date
from app.templating import clock_time
from app.thoughts.access import find_newest
from app.words import clean

blueprint = Blueprint("checkin", __name__)

NOT_KEPT = ("email", "password", "csrf_token", "action")  # of a form whose sign-in ended; the rest is carried along

Act = Callable[[int, Draft, datetime], actions.Saved]

REFUSALS: dict[type[Exception], tuple[str, str]] = {
    drafts.OtherWeek: (
        "other-week",
        "A new week has opened since this page was loaded. Nothing was saved. Your words are below; copy what you"
        " want to keep into the new week.",
    ),
    drafts.NotOpenedYet: (
        "not-open",
        "This week is not open at the moment. Nothing was saved. Your words are below: wait a minute, then save.",
    ),
    drafts.OtherMember: (
        "other-member",
        "Somebody else is signed in here now. Nothing was saved. What was typed is below; copy it before you leave"
        " this page.",
    ),
    drafts.NotOpen: (
        "not-open",
        "This week is finished already, perhaps on another device. Nothing was saved. What you typed is below; copy"
        " what you want to keep.",
    ),
}


@blueprint.get("/check-in/")
@login_required
def week() -> ResponseReturnValue:
    space = my_space()
    return _show(space, my_week(space))


@blueprint.post("/check-in/")
@keeps_what_was_typed
def save() -> ResponseReturnValue:
    """Save or submit. Whatever goes wrong, the answer holds every word that was typed."""
    try:
        return _answer_save()
    except (DBAPIError, TimeoutError):  # the page for this asks the database nothing
        db.session.rollback()
        return _not_saved("This could not be saved just now. Copy your words, wait a minute, then try again.", 503)


def _answer_save() -> ResponseReturnValue:
    if not current_user.is_authenticated:
        return _sign_in_and_save(clock.utcnow())
    if not has_valid_token():
        return _refuse("This page was open for a long time. Nothing was saved yet: send it once more.", 400, "token")
    try:
        draft = read_draft(request.form)
    except BadInput as bad:
        return _refuse("Nothing was saved yet. Mend what is marked, then save again.", 422, "bad-input", bad.errors)
    return _save(draft, clock.utcnow())


def _save(draft: Draft, now: datetime) -> ResponseReturnValue:
    is_submitting = request.form.get("action") == "submit"
    try:
        saved = _write(actions.submit if is_submitting else actions.save, draft, now)
    except drafts.Conflicting as conflicting:
        return _refuse_conflict(conflicting.conflict)
    except drafts.NothingWritten:
        return _refuse("Write an answer to at least one question, then finish.", 422, "nothing-written")
    except drafts.NotAsked:
        return _refuse("One of these questions is not part of this week. Nothing was saved.", 422, "not-asked")
    except (drafts.NotOpenedYet, drafts.OtherWeek, drafts.OtherMember, drafts.NotOpen) as refused:
        error, sentence = REFUSALS[type(refused)]
        return _refuse(sentence, 409, error)
    except DBAPIError:
        db.session.rollback()
        return _refuse("This could not be saved just now. Your words are below: wait a minute, then save.", 503, "busy")
    if wants_json():
        return jsonify(saved_at=saved.saved_at.isoformat(), version=saved.version)
    if not is_submitting:
        flash(f"Saved {clock_time(saved.saved_at, my_space().zone)}.")
    return redirect(url_for("checkin.week"), 303)


def _write(act: Act, draft: Draft, now: datetime) -> actions.Saved:
    """Save or submit. What is due opens first, so that a late save meets the new week and not a closed one."""
    try:
        return act(current_user.id, draft, now)
    except drafts.NotOpenedYet:
        open_if_due(my_space())
        return act(current_user.id, draft, now)


@blueprint.post("/check-in/take-back")
@login_required
def take_back() -> ResponseReturnValue:
    current = my_week(my_space())
    try:
        is_back = _is_page_of(current) and actions.take_back(current_user.id, current.id)
    except drafts.NotSaved:
        is_back = False
    if not is_back:
        flash("It has opened already, or its week is over, so it stays as it is.")
    return redirect(url_for("checkin.week"), 303)


@blueprint.post("/check-in/agree")
@keeps_words
def agree(form: AgreementForm) -> ResponseReturnValue:
    """Leave a revealed week with an agreement. Before the reveal, and once the next week is open, there is none."""
    space = my_space()
    current = my_week(space)
    if current.state != "revealed":
        return not_kept(form, TOO_LATE, 409)
    if not is_agreed(form, space, current.week_on):
        return _show(space, current, agreement=form), 422
    return redirect(url_for("checkin.week", _anchor="agree"), 303)


@blueprint.get("/check-in/<int:check_in_id>")
@login_required
def past(check_in_id: int) -> ResponseReturnValue:
    found = my_check_in(check_in_id)
    if found.state in ("open", "waiting"):
        return redirect(url_for("checkin.week"), 303)
    return render_template("checkin/past.html", week=found, zone=current_user.zone)


@blueprint.get("/check-in/<int:check_in_id>/share")
@login_required
def ask_to_share(check_in_id: int) -> ResponseReturnValue:
    found = my_check_in(check_in_id)
    if SHARE not in found.kept.choices:
        return _to_past(found.id)
    return render_template("checkin/share.html", week=found)


@blueprint.post("/check-in/<int:check_in_id>/share")
@login_required
def share(check_in_id: int) -> ResponseReturnValue:
    found = my_check_in(check_in_id)
    if not actions.share(current_user.id, found.id):
        flash("This cannot be shared any more. Nothing was changed.")
    return _to_past(check_in_id)


@blueprint.post("/check-in/<int:check_in_id>/carry")
@login_required
def carry_along(check_in_id: int) -> ResponseReturnValue:
    found = my_check_in(check_in_id)
    open_if_due(my_space())
    try:
        is_carried = actions.carry(current_user.id, found.id, clock.utcnow())
    except drafts.NotOpen:
        flash("Your part of this week is finished, so nothing was changed. Take it back first, then bring these along.")
    except NoRoom:
        flash("The two texts together are too long for one answer. Nothing was changed; copy what you want to keep.")
    except drafts.NotSaved:
        flash("This week is not open at the moment. Nothing was changed: wait a minute, then try again.")
    else:
        if is_carried:
            return redirect(url_for("checkin.week"), 303)
        flash("This cannot be taken along any more. Nothing was changed.")
    return _to_past(check_in_id)


@blueprint.post("/check-in/<int:check_in_id>/delete")
@login_required
def delete(check_in_id: int) -> ResponseReturnValue:
    found = my_check_in(check_in_id)
    if not actions.delete_entry(current_user.id, found.id, clock.utcnow()):
        flash("There is nothing to delete here. Nothing was changed.")
    return _to_past(check_in_id)


@blueprint.post("/check-in/<int:check_in_id>/discard")
@login_required
def discard(check_in_id: int) -> ResponseReturnValue:
    found = my_check_in(check_in_id)
    actions.discard_copy(current_user.id, found.id, clock.utcnow())
    return _to_past(check_in_id)


@blueprint.post("/check-in/<int:check_in_id>/bring-back")
@login_required
def bring_back(check_in_id: int) -> ResponseReturnValue:
    found = my_check_in(check_in_id)
    if not actions.bring_back(current_user.id, found.id, clock.utcnow()):
        flash("There is nothing to bring back. What was deleted more than ten minutes ago is gone.")
    return _to_past(check_in_id)


@blueprint.get("/check-in/<int:check_in_id>/add/<prompt>")
@login_required
def ask_for_addition(check_in_id: int, prompt: str) -> ResponseReturnValue:
    return _addition_page(_find_own_answer(check_in_id, prompt), prompt)


@blueprint.post("/check-in/<int:check_in_id>/add/<prompt>")
@keeps_what_was_typed
def add(check_in_id: int, prompt: str) -> ResponseReturnValue:
    """Put something beside one's own answer. Whatever goes wrong, the answer holds every word that was typed."""
    try:
        return _add(check_in_id, prompt, clock.utcnow())
    except (DBAPIError, TimeoutError):  # the page for this asks the database nothing
        db.session.rollback()
        return _not_saved("This could not be saved just now. Copy your words, wait a minute, then try again.", 503)


def _add(check_in_id: int, prompt: str, now: datetime) -> ResponseReturnValue:
    if not current_user.is_authenticated:
        return _not_saved("You are signed out. Copy your words, sign in, and add them once more.", 401)
    found = _find_own_answer(check_in_id, prompt)
    text = clean(request.form.get(f"answer-{prompt}", ""))
    if not _is_page_of(found):
        return _refuse_other_member()
    if not has_valid_token():
        error = "This page was open for a long time. Nothing was saved yet: send it once more."
        return _addition_page(found, prompt, text, error), 400
    if not text or len(text) > LONGEST_ANSWER:
        too_long = f"This has {len(text):,} characters; {LONGEST_ANSWER:,} fit. Shorten it, then add it again."
        return _addition_page(found, prompt, text, too_long if text else "Write what you want to add."), 422
    if not actions.add_to_answer(current_user.id, found.id, prompt, text, local_date(now, current_user.zone)):
        return _not_saved("The shared space has ended, so nothing can be added any more. Copy your words.", 409)
    return _to_past(found.id)


def _refuse_other_member() -> ResponseReturnValue:
    return _not_saved(REFUSALS[drafts.OtherMember][1], 409)


def _find_own_answer(check_in_id: int, prompt: str) -> Week:
    """A revealed check-in in which the member has answered this prompt, or 404."""
    found = my_check_in(check_in_id)
    if not isinstance(found.view, Revealed) or prompt not in found.view.mine.answers or found.has_ended:
        abort(404)
    return found


def _addition_page(week: Week, prompt: str, text: str = "", error: str = "") -> str:
    card = next(card for card in week.cards if card.id == prompt)
    return render_template("checkin/add.html", week=week, card=card, text=text, error=error)


def _to_past(check_in_id: int) -> Response:
    return make_response(redirect(url_for("checkin.past", check_in_id=check_in_id), 303))


@blueprint.get("/check-in/<int:check_in_id>/together")
@login_required
def together(check_in_id: int) -> ResponseReturnValue:
    found = my_check_in(check_in_id)
    if not isinstance(found.view, Revealed):
        return redirect(url_for("checkin.past", check_in_id=found.id), 303)
    content: Content = current_app.extensions["content"]
    chosen = content.formats.get(request.args.get("format", ""), content.formats[USUAL])
    talk = _talk(found, found.view, chosen)
    return render_template("checkin/together.html", week=found, talk=talk, chosen=chosen, content=content)


def _talk(week: Week, view: Revealed, chosen: Format) -> Talk:
    """The cards of a revealed check-in as two talk them through, or as one reads them back."""
    kinds = {card.id: card.prompt.card or ROTATING for card in week.cards}
    wants = {
        member: {card: words.want for card, words in answers.items() if words.text or words.want or words.is_unreadable}
        for member, answers in view.answers.items()
    }
    if not week.is_for_two:
        return read_back(week.names, kinds, wants)
    return lay_out(week.id, week.names, [step.cards for step in chosen.steps], kinds, wants)


@blueprint.get("/check-in/history")
@login_required
def history() -> ResponseReturnValue:
    page = page_asked_for()
    weeks = my_history(page)
    charts = my_charts() if page == 1 else None
    more = len(weeks) > PAGE
    return render_template("checkin/history.html", weeks=weeks[:PAGE], page=page, has_more=more, charts=charts)


def _show(space: MySpace, week: Week, **more: Any) -> str:
    facts: dict[str, Any] = {"message": "", "errors": {}, "typed": None, "conflict": Conflict()}
    facts |= {"agreement": AgreementForm(formdata=None) if week.state == "revealed" else None} | more
    facts["thoughts"] = find_newest(space.member_id) if week.state == "open" else None
    facts["agreed"] = find_of_week(space, week.week_on) if week.state in ("open", "revealed") else None
    return render_template("checkin/week.html", space=space, week=week, **facts)


def _refuse(sentence: str, status: int, error: str, errors: Mapping[str, str] | None = None) -> ResponseReturnValue:
    """Nothing was saved: say so, as JSON to a script, or as the form with everything typed still in it."""
    if wants_json():
        return jsonify(error=error, advice=sentence, fields=dict(errors or {})), status
    space = my_space()
    found = my_week(space)
    if found.state != "open" or error == "not-asked" or not _is_page_of(found):
        return _not_saved(sentence, status)
    return _show(space, found, message=sentence, errors=errors or {}, typed=_typed(found)), status


def _is_page_of(week: Week) -> bool:
    """Whether the form was made for this week and this member; their words must not turn up in another's form."""
    made_for = request.form.get("check-in", ""), request.form.get("member", "")
    return made_for[0] in ("", str(week.id)) and made_for[1] in ("", str(week.member_id))


def _not_saved(sentence: str, status: int) -> ResponseReturnValue:
    """Every word that was typed, for copying, on a page that asks the database nothing."""
    if wants_json():
        return jsonify(error="busy", advice=sentence, fields={}), status
    return render_template("checkin/not_saved.html", message=sentence, texts=_typed_texts()), status


def _refuse_conflict(conflict: Conflict) -> ResponseReturnValue:
    """The same answer was changed elsewhere: both texts on one page, and nothing overwritten."""
    sentence = "This was changed on another device meanwhile. Nothing was overwritten: both texts are here."
    if wants_json():
        elsewhere = {
            prompt: {"text": words.text, "want": words.want, "version": words.version}
            for prompt, words in conflict.answers.items()
        }
        ratings = {"ratings": conflict.ratings, "version": conflict.ratings_version} if conflict.ratings else None
        return jsonify(error="conflict", advice=sentence, conflicts=elsewhere, ratings=ratings), 409
    space = my_space()
    found = my_week(space)
    return _show(space, found, message=sentence, typed=_typed(found), conflict=conflict), 409


def _typed(week: Week) -> dict[str, Any]:
    """What the form held, for showing it again, over what is stored of that which it did not hold."""
    mine, form = week.view.mine, request.form
    answers = {
        card.id: Words(form[f"answer-{card.id}"], form.get(f"want-{card.id}", ""))
        if f"answer-{card.id}" in form
        else mine.answers.get(card.id, Words())
        for card in week.cards
    }
    ratings = {name: form.get(f"rating-{name}", "") for name in RATINGS} if "version-ratings" in form else mine.ratings
    return {"answers": answers, "ratings": {name: ratings.get(name, "") for name in RATINGS}}


def _typed_texts() -> list[tuple[str, str]]:
    """Every text in the form with its question, where that is known, for copying."""
    content: Content = current_app.extensions["content"]
    questions = {f"answer-{prompt.id}": prompt.text for prompt in content.prompts.values()}
    return [
        (questions.get(name, ""), clean(text))
        for name, text in request.form.items()
        if name.startswith("answer-") and text.strip()
    ]


def _sign_in_and_save(now: datetime) -> ResponseReturnValue:
    """The sign-in ended while somebody wrote: sign in and save in one step, on a page that carries every word along."""
    if wants_json():
        return jsonify(error="signed-out", advice="You are signed out. Your words are still here."), 401
    try:
        signed_in = sign_in_with(request.form, now)
    except StillSignedOut as why:
        return _ask_to_sign_in(why.message, why.status)
    response = carry(_save_after_sign_in(signed_in.member_id, now), signed_in)
    if response.status_code == 303:
        flash("You are signed in, and your words are saved.")
    return response


def _ask_to_sign_in(message: str, status: int) -> ResponseReturnValue:
    kept = [(name, value) for name, value in request.form.items() if name not in NOT_KEPT]
    email = request.form.get("email", "")
    return render_template("checkin/sign_in_to_save.html", kept=kept, message=message, email=email), status


def _save_after_sign_in(member_id: int, now: datetime) -> Response:
    """Save what was carried through the sign-in; what cannot be saved as it is stays on the page, to be copied."""
    try:
        space = find_space_of(member_id)
        if space is not None and space.next_due_at <= now:
            actions.open_for_space(space.id, now)
        actions.save(member_id, read_draft(request.form), now)
    except (drafts.NotSaved, BadInput, DBAPIError) as refused:
        db.session.rollback()
        sentence = REFUSALS.get(type(refused), ("", "You are signed in. This could not be saved as it is: copy it."))[1]
        return make_response(render_template("checkin/not_saved.html", message=sentence, texts=_typed_texts()), 409)
    return make_response(redirect(url_for("checkin.week"), 303))
