"""Talking a revealed check-in through: which card comes when, who speaks first, and what is left for another time."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

LATER = "later"  # what somebody asked for who would rather not talk about a card this week


@dataclass(frozen=True)
class Screen:
    """One screen of the talk: a card with what was written on it, or a step that is only spoken.

    `step` is the step of the format it belongs to; `card` is empty where there is none. `voices` are the members who
    speak, the first of them first. `resting` wrote something on this card and would rather leave it for another week.
    """

    step: int
    card: str
    voices: tuple[int, ...]
    resting: tuple[int, ...] = ()


@dataclass(frozen=True)
class Talk:
    """The screens in their order. `left_out` are the answered cards that the format has no step for, `put_off` those
    that everybody who answered them would rather leave for another week."""

    screens: tuple[Screen, ...]
    left_out: tuple[str, ...] = ()
    put_off: tuple[str, ...] = ()


def lay_out(
    check_in_id: int,
    members: Collection[int],
    steps: Sequence[Collection[str]],
    kinds: Mapping[str, str],
    wants: Mapping[int, Mapping[str, str]],
) -> Talk:
    """The talk of a revealed check-in, the same on whichever phone it is opened.

    `steps` holds the kinds of cards that each step of the format takes; none: it is spoken. `kinds` has the kind of
    each card by its id, in the order of the cards; `wants` what each member asked for on the cards they answered. A
    card that nobody answered looks like one that was not asked: its step falls away. Who speaks first changes from
    screen to screen.
    """
    everyone = _in_turn(check_in_id, members)
    talked, put_off = [], []
    for card in kinds:
        asked = [wants[member][card] for member in everyone if card in wants.get(member, {})]
        if asked:
            (put_off if set(asked) == {LATER} else talked).append(card)
    screens: list[Screen] = []
    turn = everyone
    for step, card in _plan(steps, kinds, talked):
        screens.append(_screen(step, card, turn, wants))
        if len(screens[-1].voices) > 1:  # who spoke alone has not had the first word
            turn = turn[::-1]
    taken = {screen.card for screen in screens}
    return Talk(tuple(screens), tuple(card for card in talked if card not in taken), tuple(put_off))


def read_back(members: Collection[int], kinds: Mapping[str, str], wants: Mapping[int, Mapping[str, str]]) -> Talk:
    """The same cards for one reader alone: every answered card in its order, and nothing is put off."""
    answered = {card: tuple(member for member in members if card in wants.get(member, {})) for card in kinds}
    return Talk(tuple(Screen(0, card, voices) for card, voices in answered.items() if voices))


def _in_turn(check_in_id: int, members: Collection[int]) -> tuple[int, ...]:
    """The members in the order in which they speak on the first screen. Ids are random, so either may begin."""
    ordered = sorted(members)
    begins = check_in_id % len(ordered)
    return (*ordered[begins:], *ordered[:begins])


def _plan(
    steps: Sequence[Collection[str]], kinds: Mapping[str, str], talked: Iterable[str]
) -> Iterable[tuple[int, str]]:
    for number, takes in enumerate(steps):
        if not takes:
            yield number, ""
        for card in talked:
            if kinds[card] in takes:
                yield number, card


def _screen(step: int, card: str, turn: tuple[int, ...], wants: Mapping[int, Mapping[str, str]]) -> Screen:
    if not card:
        return Screen(step, card, turn)
    wrote = {member: wants[member][card] for member in turn if card in wants.get(member, {})}
    voices = tuple(member for member, want in wrote.items() if want != LATER)
    return Screen(step, card, voices, tuple(member for member, want in wrote.items() if want == LATER))
