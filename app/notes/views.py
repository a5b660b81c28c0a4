"""Private notes: one page, whose script locks and opens them, and the addresses where it leaves what is locked."""

from typing import Any

from flask import Blueprint, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from app.db import MAX_ID
from app.notes import actions, rules
from app.notes.access import find_notes
from app.notes.forms import BadInput, read_change, read_json, read_member, read_save, read_version

blueprint = Blueprint("notes", __name__)


class OtherMember(Exception):
    """Somebody else is signed in than when the page was opened; nothing of one may get among another's."""


REFUSALS: dict[type[Exception], tuple[str, int, str]] = {
    BadInput: ("bad-input", 422, "This could not be read. Nothing was saved: load the page again."),
    OtherMember: ("other-member", 409, "Somebody else is signed in here now. Nothing was saved."),
    actions.OtherPassphrase: ("other-passphrase", 409, "The passphrase was changed elsewhere. Nothing was saved."),
    actions.Changed: ("changed", 409, "A note was saved on another device meanwhile. Nothing was changed."),
    actions.Gone: ("gone", 404, "There is no such note any more."),
    actions.Full: ("full", 422, "There is no room for this. Shorten it, or delete another note."),
}


@blueprint.get("/notes/")
@login_required
def index() -> str:
    """The page. It is the same whether somebody keeps notes or not; the script asks for what is kept."""
    return render_template("notes/index.html", limits=rules)


@blueprint.get("/notes/all")
@login_required
def everything() -> ResponseReturnValue:
    """What the server has: the lock and every envelope."""
    found = find_notes(current_user.id)
    return jsonify(
        member=str(current_user.id),
        lock=vars(found.lock) if found.lock else None,
        notes=[{"id": str(note_id), **vars(note)} for note_id, note in found.notes.items()],
    )


@blueprint.post("/notes/passphrase")
@login_required
def choose_passphrase() -> ResponseReturnValue:
    """The first passphrase, or a new one with every note locked anew."""
    request.max_content_length = rules.LARGEST_CHANGE
    change = read_change(_sent())
    actions.choose_passphrase(current_user.id, change.salt, change.lock, change.notes)
    return "", 204


@blueprint.post("/notes/<int:note_id>")
@login_required
def save(note_id: int) -> ResponseReturnValue:
    _check(note_id)
    new = read_save(_sent())
    version = actions.save(current_user.id, note_id, new.salt, new.envelope, version=new.version, unsure=new.unsure)
    return jsonify(version=version)


@blueprint.post("/notes/<int:note_id>/delete")
@login_required
def remove(note_id: int) -> ResponseReturnValue:
    _check(note_id)
    actions.remove(current_user.id, note_id, read_version(_sent()))
    return "", 204


@blueprint.post("/notes/delete-all")
@login_required
def remove_all() -> ResponseReturnValue:
    """Every note and the lock, for somebody who has forgotten the passphrase."""
    if _sent().get("confirm") != "delete":
        raise BadInput
    actions.remove_all(current_user.id)
    return "", 204


@blueprint.errorhandler(actions.Conflict)
def show_conflict(conflict: actions.Conflict) -> ResponseReturnValue:
    """The same note was saved elsewhere: what is there, for the page to open and show beside the other."""
    return jsonify(error="conflict", **vars(conflict.stored)), 409


def refuse(refused: Exception) -> ResponseReturnValue:
    """Nothing was saved: say why, to the script."""
    error, status, sentence = REFUSALS[type(refused)]
    return jsonify(error=error, advice=sentence), status


for kind in REFUSALS:
    blueprint.register_error_handler(kind, refuse)


def _sent() -> dict[str, Any]:
    """What the script sent, once it is clear that the page was opened by whoever is signed in."""
    sent = read_json(request.get_data())
    if read_member(sent) != str(current_user.id):
        raise OtherMember
    return sent


def _check(note_id: int) -> None:
    if not 0 < note_id <= MAX_ID:
        abort(404)
