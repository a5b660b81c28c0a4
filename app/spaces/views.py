"""Pages of a space: who is here, its weekly time, what it may ask about, inviting, accepting and leaving."""

from functools import lru_cache

import segno
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user, login_required
from markupsafe import Markup

from app import clock
from app.spaces import actions, rules
from app.spaces.access import (
    MySpace,
    find_invitation,
    find_my_invitation,
    is_newly_alone,
    my_space,
    my_topics,
)
from app.spaces.forms import ScheduleForm, TopicsForm, topics_to_choose, zone_options
from app.templating import minute as time_of_day

blueprint = Blueprint("spaces", __name__)


@blueprint.get("/space/")
@login_required
def show_space() -> str:
    space = my_space()
    return _space_page(space, _form_of(space))


@blueprint.get("/space/schedule")
@login_required
def return_to_space() -> Response:
    """Where a browser arrives that loads the address of a refused form again."""
    return _to_space()


@blueprint.post("/space/schedule")
@login_required
def set_schedule() -> Response | tuple[str, int]:
    space, form = my_space(), ScheduleForm()
    if not form.validate():
        return _space_page(space, form), 422
    if actions.set_schedule(space.id, **form.weekly(), now=clock.utcnow()):
        flash("Saved.")
    return _to_space()


@blueprint.get("/space/topics")
@login_required
def topics() -> str:
    space = my_space()
    return _topics_page(space, TopicsForm(formdata=None, topics=my_topics(space)))


@blueprint.post("/space/topics")
@login_required
def choose_topics() -> Response | tuple[str, int]:
    space, form = my_space(), TopicsForm()
    if not form.validate():
        return _topics_page(space, form), 422
    if actions.choose_topics(space.id, space.member_id, frozenset(form.topics.data)):
        flash("Saved, for you alone.")
    return make_response(redirect(url_for("spaces.topics"), 303))


@blueprint.post("/space/invitations")
@login_required
def invite() -> Response:
    space, key_id = my_space(), current_user.key_id
    if not actions.make_invitation(space.member_id, key_id, clock.utcnow()):
        flash("You two share a space. To invite somebody else, leave it first.")
    return _to_space("invitation")


@blueprint.post("/space/invitations/withdraw")
@login_required
def withdraw() -> Response:
    actions.withdraw_invitation(my_space().member_id, clock.utcnow())
    flash("The invitation is withdrawn. Its link no longer works.")
    return _to_space()


@blueprint.get("/invitation/<code>")
def invitation(code: str) -> Response:
    return _invitation_page(code)


@blueprint.post("/invitation/<code>")
def accept(code: str) -> Response:
    if not current_user.is_authenticated:
        back = url_for("spaces.invitation", code=code)  # the page sends no Referer that could lead back to it
        return make_response(redirect(url_for("accounts.sign_in", next=back), 303))
    now, space = clock.utcnow(), my_space()
    invited = find_invitation(code, space, now)
    if invited is None or invited.standing != "welcome":
        return _invitation_page(code)
    if not actions.accept_invitation(invited.id, invited.inviter_id, space.member_id, now):
        return _invitation_page(code)  # somebody was faster; the page knows what holds now
    flash("You two share a space now.")
    return _to_space()


@blueprint.get("/space/leave")
@login_required
def consider_leaving() -> str:
    space = my_space()
    if not space.is_couple:
        abort(404)
    return render_template("spaces/leave.html", space=space, problem="")


@blueprint.post("/space/leave")
@login_required
def leave() -> Response | tuple[str, int]:
    space = my_space()
    if not space.is_couple:
        return _already_left(space)
    if request.form.get("confirm") != "leave":
        problem = "Nothing was changed. To leave, use the button below."
        return render_template("spaces/leave.html", space=space, problem=problem), 422
    actions.leave_space(space.id, clock.utcnow())
    return _to_space()


def _already_left(space: MySpace) -> Response:
    """A second tap, or the other left first: what was asked for is done. Anybody else has nothing to leave: 404."""
    if not is_newly_alone(space.member_id, clock.utcnow()):
        abort(404)
    return _to_space()


def _to_space(anchor: str | None = None) -> Response:
    return make_response(redirect(url_for("spaces.show_space", _anchor=anchor), 303))


def _form_of(space: MySpace) -> ScheduleForm:
    """The form filled with what holds now."""
    return ScheduleForm(
        weekday=str(space.weekday), time=time_of_day(space.minute), zone=space.zone, length=space.length
    )


def _space_page(space: MySpace, form: ScheduleForm) -> str:
    now, key_id = clock.utcnow(), current_user.key_id
    mine = None if space.is_couple else find_my_invitation(space.member_id, key_id, now)
    link = _link_to(mine.code) if mine else ""
    return render_template(
        "spaces/space.html",
        space=space,
        form=form,
        zone_options=zone_options(),
        zone_in_words=rules.place_of(space.zone),
        has_ended=not space.is_couple and is_newly_alone(space.member_id, now),
        invitation=mine,
        link=link,
        qr_code=_qr_code(link) if link else "",
    )


def _topics_page(space: MySpace, form: TopicsForm) -> str:
    return render_template("spaces/topics.html", space=space, form=form, topics=topics_to_choose())


def _link_to(code: str) -> str:
    """The address to pass on: always the one people use, whatever host this request came by."""
    return current_app.config["BASE_URL"] + url_for("spaces.invitation", code=code)


@lru_cache(maxsize=64)  # drawing takes longer than the rest of the page
def _qr_code(link: str) -> Markup:
    """The link as a QR code. It brings its own white ground, because cameras want dark modules on a light one."""
    drawing = segno.make(link, error="m", micro=False).svg_inline(
        omitsize=True, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None
    )
    return Markup(drawing)  # made of numbers by segno; the link is not in it as text


def _invitation_page(code: str) -> Response:
    """What an invitation shows to whoever opens it. Unknown, used, expired and withdrawn ones look the very same."""
    space = my_space() if current_user.is_authenticated else None
    invited = find_invitation(code, space, clock.utcnow())
    if invited is None or invited.standing == "gone":
        advice = "This invitation no longer works. Ask for a new one."
        return _unlisted(render_template("error.html", title="Nothing to open here", advice=advice, code=404), 404)
    if invited.standing == "together":
        flash("You two share a space already.")
        return _to_space()
    page = render_template("spaces/invitation.html", invited=invited, space=space, code=code)
    return _unlisted(page, 422 if request.method == "POST" else 200)


def _unlisted(page: str, status: int) -> Response:
    """Keep the page out of search engines, and its address out of what a browser tells the next site."""
    response = make_response(page, status)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
