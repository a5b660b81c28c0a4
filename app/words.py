"""Typed text as it is kept, whatever it is typed into."""

import re
import unicodedata

# Control characters that no keyboard types and no reader sees; tab and newline stay.
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text: str) -> str:
    """A typed text as it is kept: composed (NFC), newlines as one character, nothing invisible, no space at the end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).rstrip()
