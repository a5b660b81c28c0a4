"""What this server stores: every table and every column of it, in the words of the page `/about/`.

A test compares this with the tables themselves, so nothing can be stored that the page does not name.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

EXPORTS_AN_HOUR = 3  # each opens every sealed text of a member
NOBODYS_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # stands in a deleted account, where no time of anybody's may be left
GONE = "someone who has left"  # the name on a revealed week whose writer has deleted the account

# Goes with an export, to be read by whoever opens the notes in it without this app.
HOW_TO_OPEN_NOTES = (
    "Key: PBKDF2 with HMAC-SHA-256 over the passphrase (NFC, UTF-8), the lock's salt (base64) and its rounds, 32 bytes."
    " Envelope: version.nonce.sealed, the last two in base64; sealed is AES-256-GCM with the tag at its end. Additional"
    " data: same-side|1|note|ID, with the note's id. Content: JSON in UTF-8, filled up with spaces. The lock's proof is"
    " an envelope too, with the additional data same-side|1|proof: the right key opens it."
)

NUMBER = "a random number"
WHOSE = "whose it is"
UNTIL_DELETED = "Until you delete your account."


@dataclass(frozen=True)
class Table:
    """One table: what it is for, how long a row is kept, and its columns, each with a reader's word for it.

    `sealed` columns open only with the server's key, `locked` ones only with a passphrase that the server never gets.
    `hashed` ones are fingerprints, which open with nothing: they can only be compared.
    """

    name: str
    title: str
    purpose: str
    kept: str
    readable: dict[str, str] = field(default_factory=dict)
    sealed: dict[str, str] = field(default_factory=dict)
    locked: dict[str, str] = field(default_factory=dict)
    hashed: dict[str, str] = field(default_factory=dict)

    def columns(self) -> set[str]:
        """The names of all declared columns."""
        return {*self.readable, *self.sealed, *self.locked, *self.hashed}


def in_words(columns: Iterable[str]) -> str:
    """Readers' words for some columns as one phrase, each word once: `whose it is, when it began`."""
    return ", ".join(dict.fromkeys(columns))


TABLES = (
    Table(
        "member",
        "Accounts",
        "So that you can sign in, get your mails, and see each other’s name.",
        kept="Until you delete your account. After that only the number is left,"
        " because weeks that were revealed to a partner point to it.",
        readable={
            "id": NUMBER,
            "email": "your mail address",
            "name": "your name",
            "zone": "your time zone",
            "key_id": "which key is yours",
            "created_at": "when you joined",
        },
        hashed={"password_hash": "your password"},
    ),
    Table(
        "sign_in",
        "Signed-in devices",
        "So that a phone stays signed in, and you can sign it out from elsewhere.",
        kept="Until you sign out. Otherwise it ends 90 days after the last use, or after a year, and the next sign-in"
        " removes it.",
        readable={
            "member_id": WHOSE,
            "device": "the kind of browser",
            "created_at": "when it was signed in",
            "seen_at": "when it was last used, noted once a day",
            "expires_at": "when it ends",
        },
        hashed={"id": "the cookie on the device"},
    ),
    Table(
        "joining",
        "People about to join",
        "So that nobody joins with an address that is not theirs: a code is mailed first.",
        kept="Until the code is typed in. What is never used, the next person who joins removes.",
        readable={
            "id": NUMBER,
            "email": "the mail address",
            "name": "the name",
            "zone": "the time zone",
            "tries": "how many wrong codes were typed",
            "expires_at": "when the code runs out",
        },
        hashed={"password_hash": "the chosen password", "code_hash": "the code"},
    ),
    Table(
        "reset",
        "Links for a new password",
        "So that a forgotten password locks nobody out.",
        kept="Until it is used, for one hour at most. What is never used, the next request for a link removes.",
        readable={"member_id": WHOSE, "expires_at": "when the link runs out"},
        hashed={"id": "the link"},
    ),
    Table(
        "address_change",
        "Changes of address",
        "So that a new mail address counts only once its owner has typed the code sent there.",
        kept="Until the code is typed in. What is never used, the next change of address removes.",
        readable={
            "member_id": WHOSE,
            "email": "the new mail address",
            "tries": "how many wrong codes were typed",
            "expires_at": "when the code runs out",
        },
        hashed={"code_hash": "the code"},
    ),
    Table(
        "attempt",
        "Counters against guessing",
        "So that nobody can try passwords or codes by the thousand.",
        kept="Two hours; after that the next try removes it.",
        readable={"hour": "the hour", "count": "how many tries"},
        hashed={"key": "what was tried, and from where"},
    ),
    Table(
        "space",
        "Spaces",
        "A space holds the check-ins of one person, or of two who are linked.",
        kept="Until everyone who had a seat in it has deleted their account. It stays readable after somebody left.",
        readable={
            "id": NUMBER,
            "key_id": "which key opens its revealed weeks",
            "created_at": "when it began",
            "ended_at": "when it ended",
        },
    ),
    Table(
        "seat",
        "Seats",
        "Who belongs to which space: this says who is linked with whom.",
        kept="As long as its space, apart from the topics.",
        readable={
            "space_id": "which space",
            "member_id": "who",
            "joined_at": "since when",
            "left_at": "until when",
        },
        sealed={"sealed_topics": "which topics you have switched on, with a key of your own, until the space ends"},
    ),
    Table(
        "schedule",
        "Weekly times",
        "So that a check-in opens, and the reminder leaves, at the time you chose.",
        kept="As long as its space.",
        readable={
            "space_id": "which space",
            "weekday": "the weekday",
            "minute": "the time of day",
            "zone": "the time zone",
            "length": "how many questions you want",
            "next_due_at": "when the next one opens",
        },
    ),
    Table(
        "invitation",
        "Invitations",
        "So that the link you give to one person works once, and only for a week.",
        kept=UNTIL_DELETED,
        readable={
            "id": NUMBER,
            "member_id": "who invites",
            "created_at": "when it was made",
            "expires_at": "when it runs out",
            "used_at": "when it was accepted",
            "withdrawn_at": "when it was withdrawn",
        },
        sealed={"sealed_code": "the link, so that you can show it again"},
        hashed={"code_hash": "the link, so that it can be found"},
    ),
    Table(
        "check_in",
        "Check-ins",
        "One week of a space: which questions were asked, and when.",
        kept="As long as its space.",
        readable={
            "id": NUMBER,
            "space_id": "which space",
            "week_on": "which week",
            "prompts": "which questions were asked",
            "opened_at": "when it opened",
            "due_at": "for which time",
            "remind_at": "when to remind",
            "revealed_at": "when it was revealed",
            "closed_at": "when it ended",
        },
    ),
    Table(
        "entry",
        "Your part of a check-in",
        "Your side of one week: a draft until you hand it in.",
        kept="Until you delete it or your account. Of a week that was revealed or that you shared it stays, without"
        " your ratings, as long as its space.",
        readable={
            "id": NUMBER,
            "check_in_id": "which check-in",
            "member_id": WHOSE,
            "version": "how often it was saved",
            "ratings_version": "at which save the ratings last changed",
            "submitted_at": "when you handed it in",
            "is_shared": "whether you shared it after its week had ended unopened",
            "is_carried": "whether you took it along into another week",
            "deleted_at": "when you deleted it or discarded your copy, for the ten minutes in which you can undo it",
            "is_discarded": "whether you have discarded your copy of a revealed week",
        },
        sealed={"sealed_ratings": "your three ratings, with a key of your own"},
    ),
    Table(
        "answer",
        "Answers",
        "What you write to one question.",
        kept="Until you delete your account. What was revealed or shared stays with the person it was revealed to,"
        " as long as its space.",
        readable={
            "entry_id": "which part of which check-in",
            "prompt": "to which question",
            "key_id": "which key opens it",
            "version": "at which save it last changed",
        },
        sealed={"sealed": "your words, with a key of your own until the reveal and with the space’s key after it"},
    ),
    Table(
        "addition",
        "Additions to answers",
        "What you add to your own answer after the reveal. The answer itself stays as it was.",
        kept="As long as the answer that it belongs to.",
        readable={
            "entry_id": "which part of which check-in",
            "number": "in which order they were added",
            "prompt": "to which question",
            "key_id": "which key opens it",
        },
        sealed={"sealed": "your words and their day, with the space’s key"},
    ),
    Table(
        "agreement",
        "Agreements",
        "What you undertake after a reveal, and what you say later about how it went.",
        kept="As long as its space, also once it has ended or was withdrawn. What was never revealed, and what you"
        " agreed with yourself alone, goes with your account.",
        readable={
            "id": NUMBER,
            "space_id": "which space",
            "member_id": "who made it",
            "week_on": "in which week",
            "looked_on": "in which week it was last looked at together",
            "is_living": "whether it holds, but not how it ended, who ended it or when",
        },
        sealed={
            "sealed": "its words, earlier ones too, how it went when you last said so, and how it ended, with the"
            " space’s key",
            "sealed_look_back": "what you say about it before the reveal, with a key of your own",
        },
    ),
    Table(
        "proposal",
        "Questions of your own",
        "What you propose for your check-ins, and what was agreed on between you two.",
        kept="Until you take it back, or for eight weeks; it goes when the next one is proposed. What was agreed on is"
        " kept as long as its space, since weeks have asked it.",
        readable={
            "id": NUMBER,
            "space_id": "which space",
            "member_id": "who proposed it",
            "proposed_on": "on which day",
            "state": "whether it is asked, but not whether it was declined",
        },
        sealed={
            "sealed": "the question, with the space’s key",
            "sealed_answer": "whether it was declined, with the space’s key",
        },
    ),
    Table(
        "thought",
        "Thoughts you kept",
        "A paragraph of the guide or a line of your own, for your eyes only, until you put it into an answer yourself.",
        kept="Until you remove it, or delete your account.",
        readable={
            "id": NUMBER,
            "member_id": WHOSE,
            "number": "in which order they were kept, but not when",
            "key_id": "which key opens it",
        },
        sealed={"sealed": "your words, the paragraph, and where you read it, with a key of your own"},
    ),
    Table(
        "note",
        "Private notes",
        "What you write for yourself alone. It is locked on your device before it is sent.",
        kept="Until you delete it, or your account.",
        readable={
            "member_id": WHOSE,
            "id": NUMBER,
            "version": "how often it was saved, but not when",
        },
        locked={
            "envelope": "the title, the words and the time of writing; its length shows in steps of about 1,000 letters"
        },
    ),
    Table(
        "note_lock",
        "The lock of your private notes",
        "So that your passphrase opens them on any device. The passphrase itself is stored nowhere.",
        kept="Until you choose another passphrase, delete all your notes, or delete your account.",
        readable={
            "member_id": WHOSE,
            "salt": "a random number that goes into the key",
            "rounds": "how much work a guess costs",
        },
        locked={"proof": "a fixed word, which tells your device a right passphrase from a wrong one"},
    ),
    Table(
        "key",
        "Keys",
        "One for each member and one for each space. They seal everything that is typed.",
        kept="Your own until you delete your account, a space’s as long as the space. Once a key is gone,"
        " nothing opens what it sealed.",
        readable={"id": NUMBER},
        sealed={"wrapped": "the key itself, locked with the server’s key, which lies outside this database"},
    ),
    Table(
        "delivery",
        "Reminders",
        "So that no reminder is lost, and none is sent twice. What the mail said is not stored.",
        kept=UNTIL_DELETED,
        readable={
            "id": NUMBER,
            "check_in_id": "for which check-in",
            "member_id": "to whom",
            "channel": "by which way",
            "state": "whether it was sent",
            "reason": "why not, if it was not",
            "due_at": "when it was due",
            "expires_at": "until when it makes sense",
            "next_at": "when to try next",
            "attempts": "how many tries",
            "doubts": "how often nobody knows whether it arrived",
            "lease": "which process is sending it",
            "leased_until": "until when that process may",
            "settled_at": "when it was done",
        },
    ),
    Table(
        "reminder_choice",
        "Your choice about reminders",
        "Whether you want mails, and whether you take a pause.",
        kept=UNTIL_DELETED,
        readable={"member_id": WHOSE, "email_on": "mails or none", "pause_until": "until when you pause"},
    ),
    Table(
        "alembic_version",
        "Version of these tables",
        "So that a newer Same Side knows what it has to bring up to date.",
        kept="Always. It says nothing about anybody.",
        readable={"version_num": "a version number"},
    ),
)
