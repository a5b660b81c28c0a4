"""What is wrong with a file in content/: which file, which line, and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mistake:
    """One thing to mend. Reads `content/guide/trust.md:16: what is wrong. What to do.`"""

    path: Path
    line: int
    advice: str

    def __str__(self) -> str:
        return f"{'/'.join(self.path.parts[-3:])}:{self.line}: {self.advice}"


class ContentError(Exception):
    """content/ cannot be used. Holds every mistake that could be found at once, and says them a line each."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


def mistake(path: Path, line: int, advice: str) -> ContentError:
    """The error of a single mistake, after which the file cannot be read any further."""
    return ContentError([Mistake(path, line, advice)])
