"""Questions of one's own for the check-in: proposing, agreeing, declining, retiring."""

from datetime import date

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, url_for
from flask_login import login_required

from app import clock
from app.db import MAX_ID
from app.proposals import actions
from app.proposals.access import my_proposals
from app.proposals.forms import ProposalForm
from app.spaces.access import MySpace, my_space
from app.spaces.rules import local_date

blueprint = Blueprint("proposals", __name__)

NOT_NOW = "One new question a day, and three that wait at most. Keep this one for later, or take another back first."


@blueprint.get("/space/prompts")
@login_required
def index() -> str:
    return _page(my_space(), ProposalForm(formdata=None))


@blueprint.post("/space/prompts")
@login_required
def propose() -> Response | tuple[str, int]:
    space, form = my_space(), ProposalForm()
    if not form.validate():
        return _page(space, form), 422
    try:
        actions.propose(space.id, space.member_id, form.words.data, _today(space))
    except actions.NotNow:
        form.words.errors = [NOT_NOW]
        return _page(space, form), 422
    flash("Saved.")
    return _back()


@blueprint.post("/space/prompts/<int:proposal_id>/agree")
@login_required
def agree(proposal_id: int) -> Response:
    space = my_space()
    return _done(proposal_id <= MAX_ID and actions.agree(space.member_id, proposal_id, _today(space)))


@blueprint.post("/space/prompts/<int:proposal_id>/decline")
@login_required
def decline(proposal_id: int) -> Response:
    space = my_space()
    return _done(proposal_id <= MAX_ID and actions.decline(space.member_id, proposal_id, _today(space)))


@blueprint.post("/space/prompts/<int:proposal_id>/take-back")
@login_required
def take_back(proposal_id: int) -> Response:
    return _done(proposal_id <= MAX_ID and actions.take_back(my_space().member_id, proposal_id))


@blueprint.post("/space/prompts/<int:proposal_id>/retire")
@login_required
def retire(proposal_id: int) -> Response:
    return _done(proposal_id <= MAX_ID and actions.retire(my_space().member_id, proposal_id))


def _done(was_theirs: bool) -> Response:
    if not was_theirs:
        abort(404)
    return _back()


def _back() -> Response:
    return make_response(redirect(url_for("proposals.index"), 303))


def _today(space: MySpace) -> date:
    return local_date(clock.utcnow(), space.zone)


def _page(space: MySpace, form: ProposalForm) -> str:
    return render_template("proposals/index.html", space=space, form=form, found=my_proposals(space, _today(space)))
