"""Decisions about thoughts: how long and how many they may be, and how one reads inside an answer."""

from dataclasses import dataclass

LONGEST = 2_000  # characters of one's own words
MOST = 200  # thoughts of one member
AT_HAND = 10  # the newest, which the check-in shows beside an answer


@dataclass(frozen=True)
class Quote:
    """A paragraph as it was read: its text in that reading, and the page and passage it stood at.

    The text is kept with it, since a paragraph that is edited later gets another address.
    """

    text: str
    page: str
    passage: str
    reading: str

    @property
    def address(self) -> str:
        """Where the paragraph stands: `/guide/wife/trust#p-1a2b3c4d`."""
        return f"{self.page}#{self.passage}"


@dataclass(frozen=True)
class Kept:
    """A thought in clear: its writer's own words, a paragraph, or both.

    `is_unreadable`: something is stored, but its key does not open it.
    """

    words: str = ""
    quote: Quote | None = None
    is_unreadable: bool = False

    @property
    def in_an_answer(self) -> str:
        """The thought as it is put into an answer: the paragraph in quotation marks, then its writer's own words.

        What was in double quotation marks inside the paragraph is in single ones inside the quotation.
        """
        quoted = f"“{self.quote.text.replace('“', '‘').replace('”', '’')}”" if self.quote else ""
        return "\n\n".join(filter(None, (quoted, self.words)))
