"""Settings that cannot work stop the start with one line that names the setting at fault."""

import sqlite3
from pathlib import Path

import pytest

from app import create_app
from app.config import ConfigError
from tests.conftest import make_app
from tests.relay import free_port

OTHER_KEY = "b3RoZXIga2V5IG90aGVyIGtleSBvdGhlciBrZXkgb3Q="


def file_in(folder: Path, name: str, content: str = "") -> Path:
    (folder / name).write_text(content)
    return folder / name


def used(folder: Path) -> Path:
    """An instance folder in which the app has run before."""
    make_app(folder)
    return folder


def without_its_key(folder: Path) -> str:
    (used(folder) / "data.key").unlink()
    return ""


def with_a_folder_for_a_key(folder: Path) -> str:
    (used(folder) / "data.key").unlink()
    (folder / "data.key").mkdir()
    return ""


# the setting that must be named, and its value; a function gets the instance folder and may do something to it
WRONG = {
    "a port that is none": ("PORT", "http"),
    "a port too high": ("PORT", "70000"),
    "no port": ("PORT", "0"),
    "an instance folder inside a file": ("INSTANCE_PATH", lambda folder: str(file_in(folder, "file") / "x")),
    "an instance folder that is a file": ("INSTANCE_PATH", lambda folder: str(file_in(folder, "file"))),
    "a database of another kind": ("DATABASE_URL", "mysql://localhost/x"),
    "a database that is only a word": ("DATABASE_URL", "database"),
    "a database at a port that is none": ("DATABASE_URL", "postgresql://localhost:x/y"),
    "a database in memory": ("DATABASE_URL", "sqlite://"),
    "a database that is a folder": ("DATABASE_URL", lambda folder: f"sqlite:///{folder}"),
    "a database in a folder that is not there": ("DATABASE_URL", lambda folder: f"sqlite:///{folder}/none/x.sqlite"),
    "a database that is a diary": (
        "DATABASE_URL",
        lambda folder: f"sqlite:///{file_in(folder, 'x.sqlite', 'dear diary ' * 500)}",
    ),
    "a PostgreSQL that is not there": (
        "DATABASE_URL",
        lambda folder: f"postgresql://somebody:a-password@127.0.0.1:{free_port()}/x",
    ),
    "a relay that is only a name": ("SMTP_URL", "mail.example.org"),
    "a relay at a port that is none": ("SMTP_URL", "smtp://mail.example.org:smtp"),
    "a relay on the web": ("SMTP_URL", "https://mail.example.org"),
    "a relay that encrypts perhaps": ("SMTP_URL", "smtp://mail.example.org?starttls=maybe"),
    "a sender without an address": ("MAIL_FROM", "Same Side"),
    "a sender of two lines": ("MAIL_FROM", "a@example.org\nBcc: b@example.org"),
    "an address with a path": ("BASE_URL", "https://example.org/app"),
    "an address with half a bracket": ("BASE_URL", "http://[::1"),
    "a scheduler of another name": ("SCHEDULER", "on"),
    "proxies that are no number": ("TRUSTED_PROXIES", "yes"),
    "a cost that is no number": ("HASH_COST", "cheap"),
    "a data key that is not base64": ("DATA_KEY", "not base64!"),
    "a data key that is too short": ("DATA_KEY", "c2hvcnQ="),
    "a data key of another database": ("DATA_KEY", lambda folder: used(folder) and OTHER_KEY),
    "a data key file that is gone": ("DATA_KEY", without_its_key),
    "a data key file that is a folder": ("DATA_KEY", with_a_folder_for_a_key),
    "a secret key file that is empty": ("SECRET_KEY", lambda folder: file_in(folder, "secret.key", "\n") and ""),
    "a secret key file that is a folder": ("SECRET_KEY", lambda folder: (folder / "secret.key").mkdir() or ""),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_setting_that_cannot_work_is_named_in_one_line(tmp_path, name):
    setting, value = WRONG[name]
    given = {"INSTANCE_PATH": str(tmp_path), setting: value(tmp_path) if callable(value) else value}
    with pytest.raises(ConfigError) as stopped:
        create_app(given)
    told = stopped.value.format_message()
    assert told.startswith(f"{setting}: ")
    assert "\n" not in told
    assert "a-password" not in told


def test_without_any_setting_everything_is_made_in_the_instance_folder(tmp_path):
    app = make_app(tmp_path)
    assert app.config["BASE_URL"] == "http://127.0.0.1:8000"
    assert {path.name for path in tmp_path.iterdir()} >= {"data.key", "secret.key", "same-side.sqlite"}
    assert {oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()} == {"0o600"}


def test_keys_are_made_once(tmp_path):
    def keys():
        make_app(tmp_path)
        return [(tmp_path / name).read_text() for name in ("data.key", "secret.key")]

    assert keys() == keys()


def test_the_database_keeps_what_it_says_it_has_saved(tmp_path):
    make_app(tmp_path)
    database = sqlite3.connect(tmp_path / "same-side.sqlite")
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()
