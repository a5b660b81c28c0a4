"""The rules alone: spaces, weeks, agreements and thoughts in memory, and every decision asked of the app's rules."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import count
from typing import Any

from app.agreements import rules as agreed_rules
from app.agreements.rules import Agreed, LookBack, Wording
from app.checkin import rules, together
from app.checkin.rules import Draft, Mine, Question, Revealed, Words
from app.spaces import rules as space_rules

ZONE = "Europe/Zurich"
WEEKLY = (space_rules.DEFAULT_WEEKDAY, space_rules.DEFAULT_MINUTE, ZONE)
NUMBER = {"Ana": 1, "Ben": 2}
BANK = [
    *(Question(f"{card}-{n}", "standing", card, False) for card in ("win", "mind", "wish") for n in (1, 2)),
    *(Question(f"rotating-{n}", f"strategy-{n % 4}", "", n % 3 == 0) for n in range(12)),
]
STRATEGIES = frozenset(question.strategy for question in BANK)
KINDS = [{"win"}, {"mind"}, {"rotating"}, {"wish"}, set()]


@dataclass
class Entry:
    answers: dict[str, Words] = field(default_factory=dict)
    ratings: dict[str, int] = field(default_factory=dict)
    version: int = 0
    ratings_version: int = 0
    is_submitted: bool = False


@dataclass
class Week:
    number: int
    week_on: date
    opened_at: datetime
    prompts: list[str]
    entries: dict[str, Entry]
    is_revealed: bool = False
    is_closed: bool = False


@dataclass
class Space:
    members: tuple[str, ...]
    next_due_at: datetime
    weeks: list[Week] = field(default_factory=list)
    has_ended: bool = False


@dataclass
class Agreement:
    space: Space
    maker: str
    week_on: date
    agreed: Agreed
    said: LookBack | None = None


@dataclass(frozen=True)
class Sheet:
    """A page of a week as it was when it was loaded."""

    week: int
    prompts: tuple[str, ...]
    versions: dict[str, int]
    ratings_version: int


class Paper:
    """One world on paper. Nothing here decides what a rule of the app decides."""

    def __init__(self) -> None:
        self.now = datetime.min
        self.spaces: list[Space] = []
        self.numbers: Iterator[int] = count(1)
        self.invited: dict[str, datetime] = {}
        self.agreements: list[Agreement] = []
        self.thoughts: dict[str, list[str]] = {"Ana": [], "Ben": []}

    def join(self) -> None:
        for who in NUMBER:
            self._seat(who)

    def close(self) -> None: ...

    def move_to(self, now: datetime) -> None:
        self.now = now

    def _seat(self, *members: str) -> None:
        self.spaces.append(Space(members, self.now))

    def _space(self, who: str) -> Space:
        return next(space for space in self.spaces if who in space.members and not space.has_ended)

    def _current(self, who: str) -> Week:
        """The week that is open; opened now if its time has come."""
        space = self._space(who)
        if space.next_due_at <= self.now:
            self._open(space)
        return space.weeks[-1]

    def _open(self, space: Space) -> None:
        space.next_due_at = space_rules.next_due(self.now, *WEEKLY)
        occurrence = space_rules.latest_due(self.now, *WEEKLY)
        last = space.weeks[-1] if space.weeks else None
        if last is not None:
            if not rules.may_open(last.week_on, last.opened_at, occurrence, ZONE):
                return
            last.is_closed = True
        monday = space_rules.monday_of(occurrence if last else self.now, ZONE)
        past = [week.prompts for week in reversed(space.weeks)]
        prompts = rules.choose_prompts(BANK, STRATEGIES, "usual", past, "the same")
        entries = {who: Entry() for who in space.members}
        space.weeks.append(Week(next(self.numbers), monday, self.now, prompts, entries))

    def week(self, who: str) -> int:
        return self._current(who).number

    def visit(self, who: str) -> None:
        self._current(who)

    def state(self, seen: dict[str, str]) -> str:
        return seen["state"]

    def page(self, who: str) -> Sheet:
        week = self._current(who)
        mine = week.entries[who]
        versions = {prompt: words.version for prompt, words in mine.answers.items()}
        return Sheet(week.number, tuple(week.prompts), versions, mine.ratings_version)

    def send(self, who: str, page: Sheet, texts: dict[int, str], rating: int, submit: bool) -> bool:
        space, week = self._space(who), self._current(who)
        mine = week.entries[who]
        answers = {
            page.prompts[card]: Words(text, "heard", page.versions.get(page.prompts[card], 0))
            for card, text in texts.items()
        }
        ratings = {"together": rating} if rating else {}
        draft = Draft(page.week, NUMBER[who], answers, ratings, page.ratings_version)
        if draft.check_in_id != week.number or mine.is_submitted or week.is_revealed:
            return False
        if rules.find_conflicts(draft, mine.answers, mine.ratings, mine.ratings_version):
            return False
        mine.version += 1
        for prompt, words in answers.items():
            if rules.changes(words, mine.answers.get(prompt), draft.stamp):
                mine.answers[prompt] = replace(words, version=mine.version)
        if ratings and {**mine.ratings, **ratings} != mine.ratings:
            mine.ratings, mine.ratings_version = {**mine.ratings, **ratings}, mine.version
        if submit:
            mine.is_submitted = True
            self._reveal(space, week)
        return True

    def _reveal(self, space: Space, week: Week) -> None:
        submitted = frozenset(NUMBER[who] for who, entry in week.entries.items() if entry.is_submitted)
        if not rules.is_complete(frozenset(NUMBER[who] for who in space.members), submitted):
            return
        week.is_revealed = True
        for agreement in self.agreements:
            if agreement.space is space and not agreement.agreed.ended and agreement.said:
                agreement.agreed = agreed_rules.look_at(agreement.agreed, agreement.said, week.week_on)
                agreement.said = None

    def take_back(self, who: str) -> None:
        week = self._current(who)
        if not week.is_revealed:
            week.entries[who].is_submitted = False

    def invite(self, who: str) -> None:
        if len(self._space(who).members) == 1:
            self.invited[who] = self.now + space_rules.INVITATION_LASTS

    def accept(self, who: str, inviter: str) -> None:
        partners = [NUMBER[one] for one in self._space(who).members if one != who]
        standing = space_rules.judge_invitation(
            is_open=self.invited.get(inviter, self.now) > self.now,
            inviter_id=NUMBER[inviter],
            member_id=NUMBER[who],
            partner_id=partners[0] if partners else None,
        )
        if standing == "welcome":
            self._end(self._space(who))
            self._end(self._space(inviter))
            self.invited = {}
            self._seat(inviter, who)

    def leave(self, who: str) -> None:
        space = self._space(who)
        self._end(space)
        for member in space.members:
            self._seat(member)

    def _end(self, space: Space) -> None:
        space.has_ended = True

    def agree(self, who: str, words: str) -> Agreement | None:
        space, week = self._space(who), self._current(who)
        mine = [one for one in self.agreements if (one.space, one.maker, one.week_on) == (space, who, week.week_on)]
        if not week.is_revealed or any(not one.agreed.ended for one in mine):
            return None
        made = Agreement(space, who, week.week_on, Agreed((Wording(words, "come", week.week_on),)))
        self.agreements.append(made)
        return made

    def look_back(self, who: str, agreement: Agreement, outcome: str, words: str) -> bool:
        if agreement.maker != who or agreement.agreed.ended or agreement.space is not self._space(who):
            return False
        agreement.said = LookBack(outcome, words, "come" if words else "")
        return True

    def withdraw(self, who: str, agreement: Agreement) -> bool:
        if agreement.space is not self._space(who):
            return False
        if not agreement.agreed.ended:
            agreement.agreed = agreed_rules.withdraw(agreement.agreed)
        return True

    def keep(self, who: str, words: str) -> None:
        self.thoughts[who].append(words)

    def remove(self, who: str, words: str) -> None:
        self.thoughts[who].remove(words)

    def trespass(self, week: Any, agreement: Any) -> None:
        """Who has no seat is nowhere on paper; the app's own doors are tried through HTTP."""

    def see(self, who: str) -> dict[str, str]:
        seen = {"thoughts": str(self.thoughts[who])}
        seen["state"] = self._view(self._space(who), self._current(who), who).state
        for space in self.spaces:
            if who in space.members:
                for week in space.weeks:
                    seen[f"week {len(seen)}"] = self._show(space, week, who)
        mine = [one for one in self.agreements if who in one.space.members]
        seen["agreements"] = str([(one.agreed, one.said if one.maker == who else None) for one in mine])
        return seen

    def glance(self, who: str) -> dict[str, str]:
        return self.see(who)

    def _view(self, space: Space, week: Week, who: str) -> rules.Sealed | rules.Revealed:
        entry = week.entries[who]
        return rules.reveal(
            is_revealed=week.is_revealed,
            is_closed=week.is_closed or space.has_ended,
            mine=Mine(entry.answers, entry.ratings, entry.ratings_version, entry.is_submitted),
            answers={NUMBER[one]: each.answers for one, each in week.entries.items()},
        )

    def _show(self, space: Space, week: Week, who: str) -> str:
        view = self._view(space, week, who)
        if not isinstance(view, Revealed):
            return f"{week.week_on} {week.prompts} {view}"
        wants = {
            member: {prompt: words.want for prompt, words in answers.items()}
            for member, answers in view.answers.items()
        }
        kinds = {prompt: prompt.partition("-")[0] for prompt in week.prompts}
        talk = together.lay_out(week.number, list(wants), KINDS, kinds, wants)
        told = [
            view.answers[member][screen.card].text for screen in talk.screens for member in screen.voices if screen.card
        ]
        return f"{week.week_on} {week.prompts} {view.mine} {told}"

    def plain(self, seen: dict[str, str]) -> dict[str, str]:
        return seen
