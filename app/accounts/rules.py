"""Decisions about accounts: limits, what may be typed, passwords, where to go next, and how long things last."""

import hashlib
import hmac
import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import available_timezones

SIGN_IN_SLIDES = timedelta(days=90)  # since it was last used
SIGN_IN_LASTS = timedelta(days=365)  # since it began, used or not
SIGN_IN_REFRESH = timedelta(days=1)  # how often a use is written down
SIGN_INS_KEPT = 20  # devices of one member; the one that was used longest ago makes room

CODE_LASTS = timedelta(minutes=10)
CODE_TRIES = 5
JOINING_KEPT = timedelta(hours=1)  # after its code has run out, so that a slow mail costs no retyping
RESET_LASTS = timedelta(hours=1)

NAME_MAX = 60
ADDRESS_MAX = 254
PASSWORD_MIN = 12
PASSWORD_MAX = 256

# How many tries of each kind one subject has in a clock hour. What turns out to be right is given back.
LIMITS = {
    "sign-in, client": 30,  # a client is one IPv4 address or one IPv6 /64
    "sign-in, address": 10,  # against one mail address, from wherever
    "sign-in, device": 10,  # against one member, from a device that has signed in as this member before
    "password, member": 10,  # asked again in the settings
    "join, client": 30,
    "join, address": 5,  # mails; beyond them the answer is the same and nothing is sent
    "forgot, client": 30,
    "forgot, address": 5,  # mails, as above
    "move, member": 5,  # changes of address asked for by one member
    "move, address": 5,  # mails, as above
}

Claims = list[tuple[str, str]]


@dataclass(frozen=True)
class Device:
    """A browser as it shows itself by a signed cookie: a random id, and the ids of members who signed in with it."""

    MEMBERS = 4

    id: str
    members: tuple[int, ...] = ()

    def knows(self, member_id: int | None) -> bool:
        return member_id is not None and member_id in self.members

    def after_sign_in(self, member_id: int) -> "Device":
        """The same device, remembering this member first and at most four in all."""
        others = [known for known in self.members if known != member_id]
        return Device(self.id, (member_id, *others)[: self.MEMBERS])


def sign_in_claims(address: str, member_id: int | None, client: str, device: Device) -> Claims:
    """The limits that a try to sign in counts against.

    A device that has signed in as this member before has a limit of its own and no other, so nobody can lock a
    person out by guessing from elsewhere, not even from the same network.
    """
    if device.knows(member_id):
        return [("sign-in, device", f"{device.id}|{member_id}")]
    return [("sign-in, client", client), ("sign-in, address", address)]


def client_of(remote_addr: str | None) -> str:
    """What counts as one client: an IPv4 address, or the /64 of an IPv6 address, which is one household or phone."""
    try:
        address = ipaddress.ip_address(remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address.packed, 64), strict=False))
        address = address.ipv4_mapped
    return str(address)


def hash_token(token: str) -> str:
    """SHA-256 of a random token of at least 128 bits, as hex: enough, since nobody can guess the token itself."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_code(secret: str, holder: str, code: str) -> str:
    """HMAC-SHA-256 of a six-digit code, bound to the row that holds it: without `secret` a million tries would do."""
    return hmac.digest(secret.encode(), f"code|{holder}|{code}".encode(), "sha256").hex()


def is_hash(text: str) -> bool:
    """Whether `text` can be what `hash_token` returns, and so may be looked for."""
    return re.fullmatch("[0-9a-f]{64}", text) is not None


def sign_in_expires(created_at: datetime, now: datetime) -> datetime:
    """When a sign-in ends that began at `created_at` and is used `now`: 90 days on, but one year at most."""
    return min(now + SIGN_IN_SLIDES, created_at + SIGN_IN_LASTS)


_LOCAL_PATH = re.compile(r"/(?!/)[!-\[\]-~]*")  # printable ASCII without space and backslash


def safe_next(address: str | None) -> str:
    """Where to go after signing in: `address` if it surely is a path of this app, otherwise "/".

    Browsers read backslashes as slashes, drop tabs and line breaks, and take `//host` for another site (WHATWG URL,
    section 4.4), so everything but a plain path is refused.
    """
    if not address or len(address) > 500 or not _LOCAL_PATH.fullmatch(address):
        return "/"
    return "/" if "//" in address.partition("?")[0] else address


def is_whole(text: str) -> bool:
    """Whether a line of text came through unharmed: no line break, NUL, other control character or broken character."""
    return "\ufffd" not in text and all(
        unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp") for character in text
    )


def is_visible(text: str) -> bool:
    """Whether something of the text can be seen: more than spaces and characters of no width."""
    return any(unicodedata.category(character)[0] in "LNPS" for character in text)


def tidy(text: str | None) -> str:
    """One spelling of a typed line (Unicode NFC), without the spaces around it."""
    return unicodedata.normalize("NFC", text or "").strip()


# Long, and among the first that anybody tries. Figures and signs around them change nothing.
OBVIOUS = {
    *("password", "passwort", "passphrase", "passw", "letmein", "welcome", "trustno", "changeme", "administrator"),
    *("qwertyuiop", "qwertzuiop", "azertyuiop", "qwerty", "qwertz", "azerty", "asdfghjkl", "asdf", "zxcvbnm", "zxcv"),
    *("iloveyou", "loveyou", "sunshine", "princess", "football", "baseball", "superman", "dragon", "monkey", "master"),
    *(
        "abcdefghijklmnopqrstuvwxyz",
        "abcdefgh",
        "abc",
        "login",
        "admin",
    ),
}
APP_NAME = "sameside"
_RUNS = ("1234567890" * 27, "0987654321" * 27, "abcdefghijklmnopqrstuvwxyz" * 11)


def password_problem(password: str, *, name: str, address: str) -> str:
    """What to do differently, or "" when the password will do: 12 to 256 characters and not an obvious one.

    There are no rules of composition (NIST SP 800-63B, section 3.1.1.2).
    """
    if len(password) < PASSWORD_MIN:
        return f"Use at least {PASSWORD_MIN} characters. Four unrelated words will do."
    if len(password) > PASSWORD_MAX:
        return f"Use at most {PASSWORD_MAX} characters."
    if not is_whole(password):
        return "This password holds a character that did not arrive whole. Type it without it."
    if len(set(password)) == 1:
        return "This is one character many times over. Use different ones, for example four words."
    core = _letters(password)
    personal = {_letters(word) for word in (address, *re.split(r"[@.+_-]", address), name, *name.split(), APP_NAME)}
    if core and not _without(core, personal) or tidy(password).casefold() == address.casefold():
        return "This is little more than your name, your address or the name of this app. Choose something else."
    if any(password.casefold() in run for run in _RUNS) or core and not _without(core, personal | OBVIOUS):
        return "This is one of the first that others would try. Choose something else, for example four words."
    return ""


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalpha())


def _without(text: str, words: set[str]) -> str:
    """What is left of `text` when the words, longest first, are taken out. Words of one or two letters stay in."""
    for word in sorted(words, key=len, reverse=True):
        if len(word) > 2:
            text = text.replace(word, "")
    return text


# The areas of the IANA table; `US/`, `Etc/` and most names without an area are older spellings of the same zones.
AREAS = (
    *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"),
    "UTC",
)


def is_zone(name: str | None) -> bool:
    """Whether `name` is an IANA time zone that clocks somewhere follow."""
    return name in available_zones()


def zone_or_utc(name: str | None) -> str:
    """The zone that a browser guessed, or UTC for none and for one that does not exist."""
    return name if name and is_zone(name) else "UTC"


@cache
def available_zones() -> frozenset[str]:
    """Every IANA name, older spellings included, because browsers still report some of them."""
    return frozenset(available_timezones()) - {"Factory", "localtime"}


@cache
def zones_by_area() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """The zones to choose from: each area of the world with its zones' names and what to call them there."""
    by_area: dict[str, list[tuple[str, str]]] = {area: [] for area in AREAS}
    for name in sorted(available_zones()):
        area, _, city = name.partition("/")
        if area in by_area:
            by_area[area].append((name, city.replace("_", " ").replace("/", ", ") or name))
    return tuple((area, tuple(names)) for area, names in by_area.items())


# The first mark that a User-Agent carries decides; most browsers carry the marks of others as well.
_BROWSERS = {
    "SamsungBrowser": "Samsung Internet",
    "EdgA": "Edge",
    "EdgiOS": "Edge",
    "Edg/": "Edge",
    "OPR/": "Opera",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Macintosh": "Mac",
    "Linux": "Linux",
}


def device_label(user_agent: str) -> str:
    """A coarse name for a device by its User-Agent, such as “Firefox on Android”; no version, no model."""
    browser = next((label for mark, label in _BROWSERS.items() if mark in user_agent), "A browser")
    system = next((label for mark, label in _SYSTEMS.items() if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser
