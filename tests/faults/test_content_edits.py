"""Writing content/ as somebody does who is no programmer: edit, reload, see it, or see what to mend."""

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import ROOT
from tests.relay import free_port

pytestmark = pytest.mark.slow
ARTICLE = '+++\ntitle = "Two kettles"\norder = 9\nsummary = "A short one."\npublished_on = 2026-11-23\n+++\n\nTea.\n'


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project in a folder of its own, so that its texts may be edited."""
    for name in ("app", "content", "migrations"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "wsgi.py", tmp_path)
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {"INSTANCE_PATH": str(folder / "instance"), "FLASK_RUN_FROM_CLI": "true"}


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "content", "check"],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def get(copy: Path) -> Iterator[Callable[[str], tuple[int, str]]]:
    """Ask the development server for a page, with the file's times moved on so that an edit shows."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "run", "--debug", "--no-reload", "--port", str(port)],
        cwd=copy,
        env=environment(copy),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def ask(path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    for _ in range(600):
        try:
            ask("/robots.txt")
            break
        except urllib.error.URLError:
            time.sleep(0.05)
    yield ask
    process.kill()
    process.wait()


def test_an_edit_shows_at_the_next_reload_and_a_mistake_says_what_to_mend(
    copy: Path, get: Callable[[str], tuple[int, str]]
) -> None:
    trust = copy / "content" / "guide" / "trust.md"
    text = trust.read_text(encoding="utf-8")
    assert get("/guide/trust")[0] == 200
    trust.write_text(text + "\nA paragraph that was not there.\n", encoding="utf-8")
    assert "A paragraph that was not there." in get("/guide/wife/trust")[1]
    trust.write_text(text + "\nAsk your {spouse}.\n\n[There](/guide/nowhere)\n", encoding="utf-8")
    status, page = get("/guide/")
    line = text.count("\n") + 2
    assert status == 500
    assert f"content/guide/trust.md:{line}: `{{spouse}}` is no mark" in page
    trust.write_text(text, encoding="utf-8")
    assert get("/guide/trust")[0] == 200


def test_an_article_is_added_by_dropping_a_file(copy: Path, get: Callable[[str], tuple[int, str]]) -> None:
    assert get("/guide/articles/two-kettles")[0] == 404
    (copy / "content" / "articles" / "two-kettles.md").write_text(ARTICLE, encoding="utf-8")
    assert "<h1>Two kettles</h1>" in get("/guide/articles/two-kettles")[1]
    assert 'href="/guide/articles/two-kettles"' in get("/guide/")[1]


def test_the_check_finds_nothing_and_says_how_much_there_is(copy: Path) -> None:
    result = check(copy)
    assert (result.returncode, result.stderr) == (0, "")
    assert "9 sections, 3 articles, " in result.stdout
    assert "nothing to mend" in result.stdout


def test_the_check_tells_every_mistake_at_once(copy: Path) -> None:
    (copy / "content" / "guide" / "trust.md").write_text("No head.\n", encoding="utf-8")
    (copy / "content" / "articles" / "two-kettles.md").write_text(
        ARTICLE.replace("Tea.", "Tea [@nobody-2020].\n\n[There](/guide/nowhere)\n\n::: tonight\n"), encoding="utf-8"
    )
    (copy / "content" / "articles" / "Three Kettles.md").write_text(ARTICLE, encoding="utf-8")
    result = check(copy)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    for told in (
        "content/guide/trust.md:1: the file must begin with a head",
        "content/articles/two-kettles.md:8: `[@nobody-2020]` is no source of this page",
        "content/articles/two-kettles.md:12: this box is never closed",
        "content/articles/Three Kettles.md:1: the file's name becomes its address",
    ):
        assert told in result.stderr
