"""What counts as an envelope and a lock, and which save may replace what is stored."""

import base64
import re
from pathlib import Path

import pytest

from app.notes import rules
from app.notes.rules import Lock, Stored, is_envelope, is_lock, may_replace

NONCE = base64.b64encode(b"nonce-nonce-").decode()
OTHER_NONCE = base64.b64encode(b"other-nonce-").decode()


def sealed(length: int) -> str:
    return base64.b64encode(b"x" * length).decode()


def envelope(steps: int = 1, nonce: str = NONCE) -> str:
    return f"1.{nonce}.{sealed(steps * rules.STEP + rules.TAG)}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(envelope(), True, id="one step"),
        pytest.param(envelope(40), True, id="the longest"),
        pytest.param(envelope(41), False, id="too long"),
        pytest.param(f"1.{NONCE}.{sealed(16)}", False, id="no content"),
        pytest.param(f"1.{NONCE}.{sealed(1024)}", False, id="no tag"),
        pytest.param(f"1.{NONCE}.{sealed(1041)}", False, id="not filled up, so that its length tells"),
        pytest.param(envelope().replace("1.", "2.", 1), False, id="another version"),
        pytest.param(f"1.{NONCE[:12]}.{sealed(1040)}", False, id="short nonce"),
        pytest.param(f"1.{NONCE}.{sealed(1040)}\n", False, id="a line more"),
        pytest.param(f"1.{NONCE}.{sealed(1040)[:-1]}", False, id="cut off"),
        pytest.param(f"1.{NONCE}.{'<>' * 500}", False, id="no base64"),
        pytest.param("words of somebody", False, id="plain words"),
        pytest.param('{"title": "plain words"}', False, id="JSON in clear"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_an_envelope_has_a_version_a_nonce_and_whole_steps(text: str, expected: bool) -> None:
    assert is_envelope(text) is expected


@pytest.mark.parametrize(
    ("lock", "expected"),
    [
        pytest.param(Lock(sealed(16), 600_000, envelope()), True, id="as advised"),
        pytest.param(Lock(sealed(16), 599_999, envelope()), False, id="too easy to guess"),
        pytest.param(Lock(sealed(16), 10_000_001, envelope()), False, id="too slow for a phone"),
        pytest.param(Lock(sealed(15), 600_000, envelope()), False, id="short salt"),
        pytest.param(Lock(sealed(17), 600_000, envelope()), False, id="long salt"),
        pytest.param(Lock("ä" * 24, 600_000, envelope()), False, id="no base64"),
        pytest.param(Lock(sealed(16), 600_000, "the passphrase"), False, id="a proof in clear"),
    ],
)
def test_a_lock_has_a_salt_enough_rounds_and_a_proof(lock: Lock, expected: bool) -> None:
    assert is_lock(lock) is expected


@pytest.mark.parametrize(
    ("version", "unsure", "expected"),
    [
        pytest.param(3, set(), True, id="changed from what is stored"),
        pytest.param(2, set(), False, id="changed from something older"),
        pytest.param(4, set(), False, id="changed from something that was never stored"),
        pytest.param(2, {NONCE}, True, id="what is stored is this page's own"),
        pytest.param(2, {OTHER_NONCE}, False, id="what is stored is another page's"),
    ],
)
def test_a_save_replaces_what_its_page_knows_and_nothing_else(version: int, unsure: set[str], expected: bool) -> None:
    assert may_replace(Stored(3, envelope()), version, frozenset(unsure)) is expected


def test_the_longest_envelope_fits_into_what_outlives_its_page() -> None:
    """A browser sends at most 64 KiB for a page that is being left."""
    assert len(envelope(rules.LONGEST)) + rules.MOST_UNSURE * 20 + 200 < 64 * 1024


def test_as_many_notes_as_fit_go_into_one_change_of_the_passphrase() -> None:
    assert rules.TOGETHER + rules.MOST * 80 + 5_000 < rules.LARGEST_CHANGE


def test_the_script_and_the_rules_describe_the_same_format() -> None:
    script = (Path(__file__).parents[2] / "app" / "static" / "js" / "notes.js").read_text()
    described = re.sub(r"\s+", " ", rules.__doc__ or "")
    for said in ("same-side|1|note|ID", "same-side|1|proof", "1,024 bytes"):
        assert said in script
        assert said in described
