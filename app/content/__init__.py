"""The words that people read: the guide, its articles, the prompts and the helplines, checked and then frozen."""

from app.content.loading import FOLDER, last_edit, load
from app.content.mistakes import ContentError, Mistake
from app.content.passages import Passage
from app.content.readings import MARKS, READINGS, read_as
from app.content.texts import (
    ANYWHERE,
    CARDS,
    SLUGS,
    STRATEGIES,
    WEIGHTS,
    Content,
    Emergency,
    Helpline,
    Prompt,
    Section,
    Source,
    Strategy,
)

__all__ = (
    "ANYWHERE",
    "CARDS",
    "FOLDER",
    "MARKS",
    "READINGS",
    "SLUGS",
    "STRATEGIES",
    "WEIGHTS",
    "Content",
    "ContentError",
    "Emergency",
    "Helpline",
    "Mistake",
    "Passage",
    "Prompt",
    "Section",
    "Source",
    "Strategy",
    "last_edit",
    "load",
    "read_as",
)
