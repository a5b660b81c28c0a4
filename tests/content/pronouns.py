"""Whether a text reads right about a husband, a wife and a partner: its marks, and the words around them."""

import re
from functools import cache
from itertools import pairwise

from app.content import read_as
from tests.content.pages import SPEAKER, WORD, Page, pages

_MARK = re.compile(r"\{([^{}]*)\}")
_TOKEN = re.compile(r"[^\W\d_]+\{(?:s|es|ies)\}|\{[^{}]*\}|[^\W\d_]+(?:[’-][^\W\d_]+)*|\d[\d.,]*|[^\w\s]")
_VERBS = ("is", "was", "has", "does", "isn’t", "wasn’t", "hasn’t", "doesn’t")
_ADVERB = re.compile(r"(?:never|always|also|still|only|often|just|once|already|really|then|now)$")
# What may stand unmarked after “he” because it is the same after “they”: the past and the modal verbs.
_SAME = re.compile(
    r"(?:may|might|can|could|will|would|must|should|shall|used|had|did|went|came|said|told|knew|thought|took|gave|made"
    r"|felt|saw|heard|got|found|left|kept|put|meant|wrote|read|brought|lost|won’t|can’t|couldn’t|wouldn’t|didn’t|hadn’t"
    r"|mustn’t|and|or|(?!need|feed|heed)[a-z]+ed)$"
)
_SECOND_VERB = re.compile(r"\{he\} (?:[a-z]+\{\w+\}|\{\w+\})[^{}]*?\b(?:and|or|but) ([a-z]+[^s’\W]s)\b", re.IGNORECASE)
_ASKS = re.compile(r"(?:did|can|could|would|will|may|might|must|should|had|let)$")
_GENDERED = re.compile(r"\b(?:he|him|his|himself|she|her|hers|herself|husbands?|wife|wives)\b", re.IGNORECASE)
_OF_READER = re.compile(r"\{(?:he|him|his|himself|hers|husband|he’s)\}", re.IGNORECASE)
_OTHERS = re.compile(
    r"\b(?:mother|father|mum|dad|parent|sister|brother|uncle|aunt|son|daughter|boy|girl|child|grandmother|grandfather"
    r"|friend|man|woman)\b",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(r"(?<!\*)\*(?!\*)[^*]+\*")  # in a worksheet: the answer of an invented couple
_READERS_OWN = re.compile(r"\byour (?:own )?(?:husband|wife|partner|man|woman)\b", re.IGNORECASE)


_IS = "is|was|has|does|isn’t|wasn’t|hasn’t|doesn’t"
_SINGULAR = re.compile(r"\b(?:he|she) (?:are|aren’t|weren’t|haven’t|don’t)\b|\b(?:are|aren’t) (?:he|she)\b", re.I)
_PLURAL = re.compile(
    rf"\bthey (?:{_IS})\b"
    r"|\bthey (?:never |also |still |only |often |just )?(?!always|perhaps|sometimes)[a-z]+[^s’\W]s\b",
    re.IGNORECASE,
)
_HUSBAND = {"husband", "husbands", "man", "men", "he", "him", "his", "himself", "he’s"}
_WIFE = {"wife", "wives", "woman", "women", "she", "her", "hers", "herself", "she’s"}
_PARTNER = {"partner", "partners", "person", "people", "they", "them", "their", "theirs", "themself", "they’re"}
_FOREIGN = {"husband": _WIFE | _PARTNER, "wife": _HUSBAND | _PARTNER, "partner": _HUSBAND | _WIFE}


def reading_faults(text: str, reading: str) -> list[str]:
    """What would read wrong in one reading: a brace, a pronoun of another reading, a verb in the wrong form."""
    faults = [f"a mark is left: {brace[0]}" for brace in re.finditer(r"\{[^}]*\}?|\}", read_as(text, reading))]
    from_marks = [read_as(mark[0], reading) for mark in _MARK.finditer(text)]
    faults += [f"“{word}” of another reading" for word in from_marks if word.lower() in _FOREIGN[reading]]
    wrong = (_PLURAL if reading == "partner" else _SINGULAR).finditer(read_as(text, reading))
    faults += [f"the verb in “{found[0]}”" for found in wrong]
    return faults


def agreement_faults(text: str) -> list[str]:
    """Where a mark and the words around it would not agree in some reading, as readable complaints."""
    faults: list[str] = []
    for sentence in re.split(r"(?<=[.!?])\s+|[;:–()“”]", text):
        faults += [
            f"“and {verb}”: the second verb of {{he}} takes a mark too" for verb in _SECOND_VERB.findall(sentence)
        ]
        tokens = [token for token in _TOKEN.findall(sentence) if not _ADVERB.match(token)]
        subject = ""  # the latest word that a verb could belong to: he, or a noun
        for before, (token, after) in zip(["", *tokens], pairwise([*tokens, ""]), strict=False):
            mark = _mark(token)
            if mark == "he":
                subject = "he"
                faults += _after_he(before, token, after)
            elif mark in ("husband", "man"):
                subject = mark
                if _mark(after) in _VERBS or _ending(after):
                    faults.append(f"“{token} {after}”: the noun stays singular, so its verb takes no mark")
            elif mark in _VERBS and subject != "he" and _mark(after) != "he" and not _he_follows(tokens, token):
                faults.append(f"“{before} {token}”: a marked verb needs {{he}} as its subject")
            elif _ending(token) and subject != "he":
                faults.append(f"“{before} {token}”: a marked ending needs {{he}} as its subject")
    return faults


def _after_he(before: str, token: str, after: str) -> list[str]:
    """The word after {he} is marked, or the same for “they”; after an auxiliary (“did he see”) it is no verb’s form."""
    word = after.lower()
    if _mark(after) in _VERBS or _ending(after) or _mark(before) in _VERBS or _ASKS.match(before.lower()):
        return []
    if re.match(rf"(?:{_IS})$", before):
        return [f"“{before} {token}”: mark the verb"]
    if not re.match(r"[^\W\d_]", after) or _SAME.match(word):
        return []
    return [f"“{token} {after}”: not the same after “they”; mark the verb"]


def _he_follows(tokens: list[str], token: str) -> bool:
    """Whether the subject comes after the verb, with a word between: “{is} only {he}”."""
    at = tokens.index(token)
    return "he" in [_mark(later) for later in tokens[at + 1 : at + 4]]


def _mark(token: str) -> str:
    """The mark a token is, in small letters; nothing for a word."""
    return token[1:-1].lower() if token.startswith("{") else ""


def _ending(token: str) -> bool:
    return token.endswith("}") and not token.startswith("{")


def stray_words(page: Page, names: set[str]) -> list[str]:
    """Gendered words that no mark made and no third person explains.

    “He” in plain text is right for somebody in a scene, wrong for the reader’s own partner. So it needs an owner: in
    a paragraph without marks, a name, or a word such as “brother”, in it or in the paragraphs of its scene before it;
    in a sentence with a mark for the partner, an owner in that same sentence, or the whole is ambiguous. What stands
    in quotation marks, in a dialogue or in a worksheet’s example is somebody speaking.
    """
    head = " ".join((page.head["title"] + ".", page.head.get("summary", "")))
    faults = [f"the head: {fault}" for fault in _strays(head, names, False)[0]]
    scene = False  # whether the paragraphs since the last part began have named somebody
    for block in page.blocks:
        if block.kind == "heading":
            scene = scene and block.level > 2
        elif block.box == "dialogue":
            scene = True
        elif block.kind != "box":
            aloud = _EXAMPLE.sub("", block.text) if block.box == "worksheet" else block.plain()
            found, named = _strays(re.sub(r"“[^”]*”", "“”", aloud), names, scene and not block.box)
            faults += [f"{page.name}:{block.line}: {fault}" for fault in found]
            scene = scene or (named and not block.box)
    return faults


def _strays(text: str, names: set[str], owned: bool) -> tuple[list[str], bool]:
    """The complaints about one paragraph, and whether somebody is named in it or was before."""
    faults = [f"“{own[0]}” should take a mark" for own in _READERS_OWN.finditer(_MARK.sub("", text))]
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        words = _MARK.sub("", sentence)
        owner = bool(names & set(WORD.findall(words.replace("’s", "")))) or bool(_OTHERS.search(words))
        owned = owned or owner
        stray = _GENDERED.search(words)
        if stray and not (owner if _OF_READER.search(sentence) else owned):
            faults.append(f"“{stray[0]}” belongs to nobody in: {sentence}")
    return faults, owned


def names_in(page: Page) -> set[str]:
    """The people of its scenes: who speaks, and capital words, never written small, that begin no sentence or act in
    it (“Wei has”). A place among them does no harm; the authors of studies are left out."""
    found: set[str] = set()
    for block in page.blocks:
        found |= set(SPEAKER.findall(block.text))
        found |= set(_INSIDE.findall(block.plain())) | set(_ACTING.findall(block.plain()))
    authors = set(WORD.findall(" ".join(source["authors"] for source in page.head.get("sources", []))))
    return {name for name in found - authors if name.lower() not in _small_words() and not _CALENDAR.match(name)}


_INSIDE = re.compile(r"(?<=[a-z,] )([A-ZÀ-Ý][a-zà-ÿ-]+)")  # after a small word or a comma
_ACTING = re.compile(r"\b([A-ZÀ-Ý][a-zà-ÿ-]+)(?:’s)? (?:is|was|has|had|did|took|sat|cut|[a-z]+(?:s|ed)|didn’t)\b")
_CALENDAR = re.compile(
    r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Mondays|Tuesdays|Wednesdays|Thursdays"
    r"|Fridays|Saturdays|Sundays|January|February|March|April|May|June|July|August|September|October"
    r"|November|December|Easter|Christmas|English|Korean|RADAR)$"
)


@cache
def _small_words() -> set[str]:
    """Every word that some text writes in small letters."""
    words: set[str] = set()
    for page in pages().values():
        for block in page.blocks:
            words |= {word for word in WORD.findall(block.plain()) if word[0].islower()}
    return words
