"""One text for three readings: whether it speaks of a husband, a wife or a partner."""

import re

READINGS = ("husband", "wife", "partner")

# What a mark in braces becomes in each reading: husband, wife, partner.
MARKS = {
    "husband": ("husband", "wife", "partner"),
    "husbands": ("husbands", "wives", "partners"),
    "man": ("man", "woman", "person"),
    "men": ("men", "women", "people"),
    "he": ("he", "she", "they"),
    "him": ("him", "her", "them"),
    "his": ("his", "her", "their"),
    "hers": ("his", "hers", "theirs"),
    "himself": ("himself", "herself", "themself"),
    "is": ("is", "is", "are"),
    "was": ("was", "was", "were"),
    "has": ("has", "has", "have"),
    "does": ("does", "does", "do"),
    "isn’t": ("isn’t", "isn’t", "aren’t"),
    "wasn’t": ("wasn’t", "wasn’t", "weren’t"),
    "hasn’t": ("hasn’t", "hasn’t", "haven’t"),
    "doesn’t": ("doesn’t", "doesn’t", "don’t"),
    "he’s": ("he’s", "she’s", "they’re"),
    "s": ("s", "s", ""),
    "es": ("es", "es", ""),
    "ies": ("ies", "ies", "y"),
}
_MARK = re.compile(r"\{(?!#)([^{}]*)\}")


def read_as(text: str, reading: str) -> str:
    """`text` with every mark in braces put into one reading: husband, wife or partner."""
    column = READINGS.index(reading)

    def put(match: re.Match[str]) -> str:
        mark = match[1]
        word = MARKS[mark[0].lower() + mark[1:]][column]
        return word[0].upper() + word[1:] if mark[0].isupper() and word else word

    return _MARK.sub(put, text)


def unknown_marks(line: str) -> list[str]:
    """The marks in `line` that have no words."""
    return [mark for mark in _MARK.findall(line) if not mark or mark[0].lower() + mark[1:] not in MARKS]
