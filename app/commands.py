"""Commands that concern the whole server."""

import os
import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import URL

from app import clock, content
from app.db import db

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group("content")
def texts() -> None:
    """The texts in content/."""


@texts.command()
def check() -> None:
    """Say what is wrong in content/, with file, line and what to do. With a mistake in them the app does not start."""
    try:
        found = content.load()
    except content.ContentError as error:
        raise click.ClickException(f"{len(error.mistakes)} to mend in content/:\n{error}") from None
    waiting = sum(row.verified_on is None for row in (*found.helplines, *found.emergencies))
    click.echo(
        f"{len(found.guide)} sections, {len(found.articles)} articles, {len(found.prompts)} prompts,"
        f" {len(found.formats)} formats and {len(found.helplines)} helplines: nothing to mend."
    )
    if waiting:
        click.echo(f"{waiting} helplines have no `verified_on` and are not shown.")


class BackupError(click.ClickException):
    """Why there is no backup. Nothing half-made is left under a backup's name."""


@click.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option(
    "--with-keys", "keys_folder", metavar="DIR2", type=FOLDER, help="Copy the keys as well, to a folder apart from DIR."
)
@with_appcontext
def backup(folder: Path, keys_folder: Path | None) -> None:
    """Write a checked copy of the database to DIR while the app goes on running. The keys are not in it."""
    on_sqlite = db.engine.dialect.name == "sqlite"
    path = folder / f"same-side-{clock.utcnow():%Y%m%dT%H%M%SZ}.{'sqlite' if on_sqlite else 'dump'}"
    try:
        if keys_folder is not None:
            _copy_keys(keys_folder, folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _draft_of(path) as draft:
            summary = _copy_sqlite(draft) if on_sqlite else _dump_postgres(draft)
    except OSError as error:
        raise BackupError(f"{error.filename or folder} cannot be written ({error.strerror}).") from None
    click.echo(f"Saved {path} ({summary}).")
    click.echo(_where_the_keys_are(keys_folder))


@contextmanager
def _draft_of(path: Path) -> Iterator[Path]:
    """A private file beside `path` that takes its name when the block has ended well, and vanishes otherwise."""
    if path.exists():
        raise BackupError(f"{path} exists already. Wait a second and try again.")
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    _write_private(draft, b"")
    try:
        yield draft
        _to_disk(draft)
        draft.rename(path)
        _to_disk(path.parent)
    finally:
        for left in path.parent.glob(f"{draft.name}*"):  # with the side files that SQLite keeps while it is open
            left.unlink()


def _copy_sqlite(draft: Path) -> str:
    """Copy one moment of the database by SQLite's backup API and check the copy against that same moment.

    Copying the file itself would lose what still lies in the write-ahead log, and the copy would look sound.
    """
    with closing(db.engine.raw_connection()) as pooled, closing(sqlite3.connect(draft, isolation_level=None)) as copy:
        source = pooled.driver_connection
        source.execute("BEGIN")  # counting begins a snapshot, and the copy is made of the same one
        try:
            expected = _rows(source)
            _refuse_a_strangers(set(expected))
            source.backup(copy)
        finally:
            source.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        found = [row[0] for row in copy.execute("PRAGMA integrity_check")]
        if found != ["ok"] or _rows(copy) != expected:
            raise BackupError("The copy did not pass its check. Look at the disk, and keep the backups you have.")
    return f"{sum(expected.values())} rows in {len(expected)} tables, checked"


def _rows(connection: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table has."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    count = 'SELECT count(*) FROM "{}"'  # the names come from the database itself
    return {name: connection.execute(count.format(name)).fetchone()[0] for (name,) in tables.fetchall()}


def _dump_postgres(draft: Path) -> str:
    """Dump the database with pg_dump in its own compressed format, and read the dump's list of contents back."""
    url = db.engine.url
    address = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    environment = {**os.environ, "PGPASSWORD": str(url.password)} if url.password else dict(os.environ)
    with draft.open("wb") as file:
        command = ["pg_dump", "--format=custom", "--no-password", f"--dbname={address.render_as_string()}"]
        _run(command, stdout=file, env=environment)
    contents = _run(["pg_restore", "--list", str(draft)], stdout=subprocess.PIPE, env=environment).decode()
    saved = {line.split()[6] for line in contents.splitlines() if " TABLE DATA " in line}
    _refuse_a_strangers(saved)
    return f"{len(saved)} tables, checked"


def _refuse_a_strangers(tables: set[str]) -> None:
    """Refuse a database without our tables. Newer tables may still be missing: a backup comes before an upgrade."""
    if not {"member", "key"} <= tables:
        raise BackupError("There is nothing of Same Side in this database. Look at DATABASE_URL and INSTANCE_PATH.")


def _run(command: list[str], **options: object) -> bytes:
    """Run one of PostgreSQL's own programs and return what it wrote. Its last line of complaint becomes ours."""
    if shutil.which(command[0]) is None:
        raise BackupError(f"{command[0]} is missing. Install PostgreSQL's client programs (postgresql-client).")
    done = subprocess.run(command, stderr=subprocess.PIPE, check=False, **options)  # type: ignore[call-overload]
    if done.returncode != 0:
        complaint = done.stderr.decode(errors="replace").strip().splitlines()
        raise BackupError(complaint[-1] if complaint else f"{command[0]} failed (exit {done.returncode}).")
    return done.stdout or b""


def _copy_keys(keys_folder: Path, folder: Path) -> None:
    """Write data.key and secret.key to a folder of their own. Another server's keys there are never overwritten."""
    apart, backups = keys_folder.resolve(), folder.resolve()
    if apart == backups or backups in apart.parents:
        raise BackupError("--with-keys: choose a folder outside DIR. Whoever finds both together can read everything.")
    instance = Path(current_app.config["INSTANCE_PATH"])
    keys = {
        "data.key": (current_app.config["DATA_KEY"] or (instance / "data.key").read_text()).strip(),
        "secret.key": current_app.config["SECRET_KEY"].strip(),
    }
    keys_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, key in keys.items():
        path = keys_folder / name
        if not path.exists():
            _write_private(path, key.encode())
            _to_disk(path)
        elif path.read_text().strip() != key:
            raise BackupError(f"--with-keys: {path} is another key. Choose another folder.")
    _to_disk(keys_folder)


def _where_the_keys_are(keys_folder: Path | None) -> str:
    if keys_folder is not None:
        return f"The keys are not in it: they are in {keys_folder}. Keep the two apart."
    instance = Path(current_app.config["INSTANCE_PATH"])
    data, secret = instance / "data.key", instance / "secret.key"
    return (
        f"The keys are not in it: {'DATA_KEY' if current_app.config['DATA_KEY'] else data} and"
        f" {secret if secret.exists() else 'SECRET_KEY'}. Keep a copy of them apart from the backups:"
        " without the first nobody can read what was written."
    )


def _write_private(path: Path, content: bytes) -> None:
    """A new file that only its owner may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _to_disk(path: Path) -> None:
    """Return when the file or folder is on the disk and not only in memory."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
