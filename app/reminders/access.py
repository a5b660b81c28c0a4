"""The link that switches one member's reminders off, and who it belongs to."""

from flask import abort, current_app
from itsdangerous import BadSignature, URLSafeSerializer


def unsubscribe_token(member_id: int) -> str:
    """The signed, lasting token of a member's unsubscribe link. It opens nothing else."""
    return _serializer().dumps(member_id)


def member_behind(token: str) -> int:
    """The id of the member whose mail carried `token`, or 404 for one that this server never made."""
    try:
        member_id = _serializer().loads(token)
    except BadSignature:
        abort(404)
    return int(member_id)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="unsubscribe")
