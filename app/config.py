"""Settings: defaults, the environment, and the checks that stop a start and name the setting at fault."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

ROOT = Path(__file__).resolve().parent.parent

DEFAULTS: dict[str, Any] = {
    "HOST": "127.0.0.1",  # where the embedded server listens
    "PORT": "8000",
    "BASE_URL": "",  # the address people use, for links in mails; default http://HOST:PORT
    "INSTANCE_PATH": str(ROOT / "instance"),  # database, keys and outbox of the embedded default
    "DATABASE_URL": "",  # default: SQLite in the instance folder
    "SECRET_KEY": "",  # signs cookies and links; default: a file made once in the instance folder
    "DATA_KEY": "",  # wraps the keys of everything typed; default: a file made once in the instance folder
    "SMTP_URL": "",  # smtp://user:password@host:587?starttls=1; unset: mails become files in instance/outbox
    "MAIL_FROM": "Same Side <reminders@localhost>",
    "TRUSTED_PROXIES": "0",  # how many proxies in front set X-Forwarded-*
    "SCHEDULER": "embedded",  # embedded: reminders run inside wsgi.py; off: `reminders run` does it
    "HASH_COST": "2,19456,1",  # argon2id: passes, KiB, lanes; the tests use a cheap one
}


class ConfigError(click.ClickException):
    """A setting that cannot work. The message names the setting and says what to do."""


def load(environ: Mapping[str, Any]) -> dict[str, Any]:
    """Read every setting from `environ` over the defaults and return Flask's configuration.

    Raises ConfigError for a value that cannot work and for an instance folder that cannot be written.
    """
    given = {key: environ.get(key) or default for key, default in DEFAULTS.items()}
    instance = _writable_folder(Path(given["INSTANCE_PATH"]).expanduser().resolve())
    port = _number("PORT", given["PORT"], 1, 65535)
    base_url = _base_url(given["BASE_URL"] or f"http://{_host_in_url(given['HOST'])}:{port}")
    https = base_url.startswith("https://")
    hosts = {urlsplit(base_url).hostname, "localhost", "127.0.0.1", "[::1]"}
    if given["SCHEDULER"] not in ("embedded", "off"):
        raise ConfigError("SCHEDULER: must be `embedded` or `off`.")
    return {
        "HOST": given["HOST"],
        "PORT": port,
        "BASE_URL": base_url,
        "INSTANCE_PATH": str(instance),
        "SECRET_KEY": given["SECRET_KEY"] or _secret_key(instance / "secret.key"),
        "DATA_KEY": given["DATA_KEY"],
        "SMTP_URL": _smtp_url(given["SMTP_URL"]),
        "MAIL_FROM": _one_line("MAIL_FROM", given["MAIL_FROM"]),
        "TRUSTED_PROXIES": _number("TRUSTED_PROXIES", given["TRUSTED_PROXIES"], 0, 9),
        "SCHEDULER": given["SCHEDULER"],
        "HASH_COST": _hash_cost(given["HASH_COST"]),
        "HTTPS": https,
        "TRUSTED_HOSTS": sorted(host for host in hosts if host),
        "SESSION_COOKIE_NAME": "__Host-session" if https else "session",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_NAME": "__Host-unused",  # the usual name, set by another app here, would sign people out
        "WTF_CSRF_CHECK_DEFAULT": False,  # app/security.py decides which requests need a token
        "WTF_CSRF_TIME_LIMIT": None,  # a page left open over night still saves
        "WTF_CSRF_SSL_STRICT": False,  # app/security.py compares Origin, which every browser sends
        "MAX_CONTENT_LENGTH": 1024 * 1024,  # bytes of one request
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "MAX_FORM_PARTS": 200,
        "SQLALCHEMY_DATABASE_URI": _database_url(given["DATABASE_URL"], instance),
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "hide_parameters": True,  # no log line shows a bound value
            "pool_size": 25,  # one connection a thread of the embedded server, since opening one costs more than a page
        },
    }


def _writable_folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = path / f".probe-{secrets.token_hex(4)}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ConfigError(
            f"INSTANCE_PATH: {path} cannot be written ({error.strerror}). Give the app a folder of its own."
        ) from None
    return path


def _secret_key(path: Path) -> str:
    create_private_file(path, secrets.token_urlsafe(48).encode())
    key = read_private_file("SECRET_KEY", path)
    if not key:
        raise ConfigError(f"SECRET_KEY: {path} is empty. Remove it, and a new key is made; everyone signs in again.")
    return key


def read_private_file(name: str, path: Path) -> str:
    """The text of the file that holds the setting `name`. Raises ConfigError when it cannot be read."""
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise ConfigError(f"{name}: {path} cannot be read ({reason}).") from None


def create_private_file(path: Path, content: bytes) -> None:
    """Write `content` to `path` with mode 0600, whole or not at all, unless the file exists already."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_bytes(content)
    try:
        path.hardlink_to(draft)  # fails when another process was first, and then its file counts
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _number(name: str, value: Any, low: int, high: int) -> int:
    if not str(value).isascii() or not str(value).isdigit() or not low <= int(value) <= high:
        raise ConfigError(f"{name}: must be a whole number from {low} to {high}.")
    return int(value)


def _hash_cost(value: Any) -> tuple[int, ...]:
    parts = str(value).split(",")
    if len(parts) != 3:
        raise ConfigError("HASH_COST: must be three numbers, such as `2,19456,1`.")
    return tuple(_number("HASH_COST", part, 1, 2**24) for part in parts)


def _one_line(name: str, value: str) -> str:
    if any(ord(character) < 32 for character in value) or "@" not in value:
        raise ConfigError(f"{name}: must be one line such as `Same Side <reminders@example.org>`.")
    return value


def _host_in_url(host: str) -> str:
    """A bind address as people would type it: all interfaces become this machine, IPv6 gets its brackets."""
    if host in ("0.0.0.0", "::"):  # noqa: S104  # compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _base_url(value: str) -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ConfigError("BASE_URL: must look like https://example.org, without a path.")
    return value.rstrip("/")


def _database_url(value: str, instance: Path) -> str:
    if not value:
        path = instance / "same-side.sqlite"
        create_private_file(path, b"")  # SQLite gives its log the same mode
        return f"sqlite:///{path}"
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        url = None
    backend = url.get_backend_name() if url else ""
    is_in_memory = backend == "sqlite" and (url is None or url.database in (None, "", ":memory:"))
    if url is None or backend not in ("sqlite", "postgresql", "postgres") or is_in_memory:
        raise ConfigError(
            "DATABASE_URL: must look like sqlite:////folder/same-side.sqlite or postgresql://user:password@host/name."
        )
    if backend == "sqlite":
        return url.render_as_string(hide_password=False)
    if "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": "10"})  # a server that does not answer is told as one
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def database_problem(error: SQLAlchemyError) -> ConfigError:
    """What to say when the database cannot be used: the first line of the driver's own words."""
    words = str(getattr(error, "orig", None) or type(error).__name__).strip() or type(error).__name__
    return ConfigError(f"DATABASE_URL: the database cannot be opened ({words.splitlines()[0]}).")


def _smtp_url(value: str) -> dict[str, Any] | None:
    """The parts of SMTP_URL, or None when mails become files."""
    if not value:
        return None
    try:
        parts = urlsplit(value)
        port = parts.port or 587
    except ValueError:
        parts, port = urlsplit(""), 0
    query = parse_qs(parts.query)
    starttls = query.get("starttls", ["1" if port == 587 else "0"])[0]
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or starttls not in ("0", "1"):
        raise ConfigError("SMTP_URL: must look like smtp://user:password@host:587?starttls=1.")
    return {
        "host": parts.hostname,
        "port": parts.port or (465 if parts.scheme == "smtps" else 587),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "starttls": starttls == "1" and parts.scheme == "smtp",
        "tls": parts.scheme == "smtps",
    }
