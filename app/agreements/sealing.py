"""Agreements and look-backs between clear and sealed: each is bound to its row and column."""

import json
from dataclasses import asdict
from datetime import date

from app.agreements.rules import Agreed, LookBack, Wording
from app.keys import Unreadable, seal, unseal


def seal_agreed(space_key: int, agreement_id: int, agreed: Agreed) -> bytes:
    """Wordings, outcome and end of an agreement, sealed with the space's key for its row."""
    wordings = [asdict(wording) | {"since": wording.since.isoformat()} for wording in agreed.wordings]
    content = {"wordings": wordings, "outcome": agreed.outcome, "ended": agreed.ended}
    return seal(space_key, _place("sealed", agreement_id), json.dumps(content))


def open_agreed(space_key: int, agreement_id: int, sealed: bytes) -> Agreed:
    """The agreement in a row; marked unreadable, and empty, when its key does not open it."""
    try:
        content = json.loads(unseal(space_key, _place("sealed", agreement_id), sealed))
    except Unreadable:
        return Agreed(is_unreadable=True)
    wordings = tuple(Wording(row["when"], row["will"], date.fromisoformat(row["since"])) for row in content["wordings"])
    return Agreed(wordings, content["outcome"], content["ended"])


def seal_look_back(own_key: int, agreement_id: int, said: LookBack) -> bytes:
    """What its maker says about an agreement, sealed with the maker's key: nobody else's opens it before the reveal."""
    return seal(own_key, _place("sealed_look_back", agreement_id), json.dumps(asdict(said)))


def open_look_back(own_key: int | None, agreement_id: int, sealed: bytes | None) -> LookBack | None:
    """What its maker says; None when nothing is said, or its key does not open it."""
    if sealed is None or own_key is None:
        return None
    try:
        return LookBack(**json.loads(unseal(own_key, _place("sealed_look_back", agreement_id), sealed)))
    except Unreadable:
        return None


def _place(column: str, agreement_id: int) -> str:
    return f"agreement|{column}|{agreement_id}"
