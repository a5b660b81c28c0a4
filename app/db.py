"""The database: base class, column types, SQLite's settings, and the one way to write."""

import secrets
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, CursorResult, DateTime, Dialect, Engine, Integer, MetaData, Select, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

# 63 random bits: an id tells nothing about how many rows there are, or when a row was made.
ID = BigInteger().with_variant(Integer, "sqlite")
MAX_ID = 2**63 - 1


def new_id() -> int:
    """A random positive 63-bit id, known before the row is inserted so that sealed text can be bound to it."""
    return secrets.randbits(63) or 1


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UTCDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC. A naive one is refused: it would be a guess."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


def read(statement: Select[Any], **values: Any) -> CursorResult[Any]:
    """Run a SELECT of columns that its module put together once, for the pages that people wait for.

    Putting it together costs five times as much as running it, and the session's own way of running it twice as much.
    """
    return db.session.connection().execute(statement, values)


class FairLock:
    """A lock handed on in the order it was asked for. threading.Lock lets a busy thread overtake for seconds."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._held = False

    def __enter__(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()  # until whoever was before us hands the lock on

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False


class _NoLock:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


_sqlite_writers = FairLock()
_postgres_writers = _NoLock()


@contextmanager
def transaction() -> Iterator[Session]:
    """One writing transaction: everything inside is committed together at the end, or not at all.

    SQLite takes its write lock at the first statement (BEGIN IMMEDIATE), since a reader that becomes a writer
    fails under WAL. Whatever was read before is forgotten, so decisions rest on rows read inside.
    """
    session = forget_what_was_read()
    with _sqlite_writers if db.engine.dialect.name == "sqlite" else _postgres_writers:
        session.info["writing"] = True
        try:
            session.connection(execution_options={"writes": True})
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["writing"] = False


def forget_what_was_read() -> Session:
    """The session, with nothing in it that was read before. Raises RuntimeError inside of a transaction."""
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("a transaction is open already; compose functions that do not commit")
    session.rollback()
    session.expire_all()  # a rollback forgets nothing when the last transaction was committed
    return session


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, _: Any) -> None:
    if not type(connection).__module__.startswith("sqlite3"):
        return
    connection.isolation_level = None  # the driver would begin transactions of its own, and late
    for pragma in (
        "busy_timeout = 10000",
        "journal_mode = WAL",
        "synchronous = FULL",  # "saved" means on disk
        "foreign_keys = ON",
        "secure_delete = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:  # every page does this, it touches no file, and the long way round costs as much as a query
        connection.connection.driver_connection.execute("BEGIN")
