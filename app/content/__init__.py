"""The words that people read: the guide, its articles, the prompts and the helplines, checked and then frozen."""

from app.content.loading import FOLDER, last_edit, load
from app.content.mistakes import ContentError, Mistake
from app.content.passages import Passage
from app.content.readings import MARKS, READINGS, read_as
from app.content.texts import (
    ANYWHERE,
    CARDS,
    ROTATING,
    SLUGS,
    STRATEGIES,
    USUAL,
    WEIGHTS,
    Content,
    Emergency,
    Format,
    Helpline,
    Phrases,
    Prompt,
    Section,
    Source,
    Step,
    Strategy,
)

__all__ = (
    "ANYWHERE",
    "CARDS",
    "FOLDER",
    "MARKS",
    "READINGS",
    "ROTATING",
    "SLUGS",
    "STRATEGIES",
    "USUAL",
    "WEIGHTS",
    "Content",
    "ContentError",
    "Emergency",
    "Format",
    "Helpline",
    "Mistake",
    "Passage",
    "Phrases",
    "Prompt",
    "Section",
    "Source",
    "Step",
    "Strategy",
    "last_edit",
    "load",
    "read_as",
)
