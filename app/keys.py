"""Keys: everything typed is sealed with a data key, and every data key is wrapped by the server's key.

The server's key (DATA_KEY, or the file data.key in the instance folder) never enters the database, so a stolen
database or backup holds no readable word. Deleting a data key makes all that it sealed unreadable for ever.
"""

import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, current_app
from sqlalchemy import LargeBinary, inspect, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.config import ConfigError, create_private_file, database_problem, read_private_file
from app.db import ID, db, new_id, transaction

VERSION = b"\x01"
STEP = 256  # sealed texts grow in steps of this many bytes, so their length says little
CHECK_ID = 0  # the row that tells a right server key from a wrong one


class Key(db.Model):  # type: ignore[name-defined]  # flask-sqlalchemy builds the base at run time
    """A data key, wrapped. `id` 0 is the check row, which seals nothing."""

    __tablename__ = "key"

    id: Mapped[int] = mapped_column(ID, primary_key=True, autoincrement=False)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class Unreadable(Exception):
    """A sealed text that its key does not open: damaged, moved from another row, or sealed by a key now gone."""


class Keyring:
    """Wraps, unwraps and remembers data keys for one app."""

    REMEMBERED = 4096

    def __init__(self, server_key: bytes) -> None:
        self._server_key = AESGCM(server_key)
        self._open: dict[int, AESGCM] = {}

    def wrap(self, key_id: int, data_key: bytes) -> bytes:
        nonce = os.urandom(12)
        return VERSION + nonce + self._server_key.encrypt(nonce, data_key, b"key|%d" % key_id)

    def unwrap(self, key_id: int, wrapped: bytes) -> bytes:
        """The data key itself. Raises InvalidTag under another server key."""
        return self._server_key.decrypt(wrapped[1:13], wrapped[13:], b"key|%d" % key_id)

    def cipher(self, key_id: int) -> AESGCM:
        cipher = self._open.get(key_id)
        if cipher is None:
            wrapped = db.session.execute(select(Key.wrapped).where(Key.id == key_id)).scalar()
            if wrapped is None:
                raise Unreadable
            if len(self._open) >= self.REMEMBERED:
                self._open.clear()
            cipher = self._open[key_id] = AESGCM(self.unwrap(key_id, wrapped))
        return cipher

    def forget(self, key_id: int) -> None:
        self._open.pop(key_id, None)


def create_key(session: Session) -> int:
    """Add a new random data key to the session and return its id. Does not commit."""
    key_id = new_id()
    session.add(Key(id=key_id, wrapped=_keyring().wrap(key_id, AESGCM.generate_key(256))))
    session.flush()
    return key_id


def shred_key(session: Session, key_id: int) -> None:
    """Delete a data key, and with it every text that it sealed. Does not commit."""
    key = session.get(Key, key_id)
    if key is not None:
        session.delete(key)
    _keyring().forget(key_id)


def seal(key_id: int, place: str, text: str) -> bytes:
    """Encrypt `text` with AES-256-GCM for one place, `table|column|row`; it opens nowhere else."""
    body = text.encode()
    padded = len(body).to_bytes(4) + body
    padded += bytes(-len(padded) % STEP)
    nonce = os.urandom(12)
    return VERSION + nonce + _keyring().cipher(key_id).encrypt(nonce, padded, _bind(key_id, place))


def unseal(key_id: int, place: str, sealed: bytes) -> str:
    """The text that `seal` was given. Raises Unreadable when key, place or bytes differ."""
    try:
        padded = _keyring().cipher(key_id).decrypt(sealed[1:13], sealed[13:], _bind(key_id, place))
    except (InvalidTag, ValueError):
        raise Unreadable from None
    return padded[4 : 4 + int.from_bytes(padded[:4])].decode()


def _bind(key_id: int, place: str) -> bytes:
    return f"{place}|{key_id}".encode()


def _keyring() -> Keyring:
    keyring = current_app.extensions.get("keyring")
    if keyring is None:
        keyring = _open_keyring(current_app._get_current_object())  # type: ignore[attr-defined]  # werkzeug's proxy
    return keyring


def is_at_hand() -> bool:
    """Whether the server's key is loaded and is the one this database was written with."""
    try:
        _keyring()
    except ConfigError:
        return False
    return True


def check_server_key(app: Flask) -> None:
    """Stop the start when the server's key is not the one this database was written with, or cannot be reached."""
    if app.config["DATA_KEY"]:
        _decode(app.config["DATA_KEY"])  # told before there are tables, too
    with app.app_context():
        try:
            if inspect(db.engine).has_table(Key.__tablename__):
                _open_keyring(app)
        except SQLAlchemyError as error:
            raise database_problem(error) from None
        db.session.remove()
        db.engine.dispose()  # a server that forks must not share this connection


def _open_keyring(app: Flask) -> Keyring:
    """Read or, on a database without keys, make the server's key; then prove that it opens the check row."""
    wrapped = db.session.execute(select(Key.wrapped).where(Key.id == CHECK_ID)).scalar()
    path = Path(app.config["INSTANCE_PATH"]) / "data.key"
    server_key = _read_server_key(app.config["DATA_KEY"], path, may_create=wrapped is None)
    keyring = Keyring(server_key)
    if wrapped is None:
        _add_check_row(keyring)
        wrapped = db.session.execute(select(Key.wrapped).where(Key.id == CHECK_ID)).scalar_one()
    try:
        keyring.unwrap(CHECK_ID, wrapped)
    except InvalidTag:
        raise ConfigError(
            f"DATA_KEY: this is not the key this database was written with. Put the right one back"
            f" (in DATA_KEY, or in {path})."
        ) from None
    app.extensions["keyring"] = keyring
    return keyring


def _add_check_row(keyring: Keyring) -> None:
    try:
        with transaction() as session:
            session.add(Key(id=CHECK_ID, wrapped=keyring.wrap(CHECK_ID, bytes(32))))
    except IntegrityError:
        return  # another process was first; the caller reads its row


def _read_server_key(given: str, path: Path, *, may_create: bool) -> bytes:
    if not given:
        if not path.exists() and not may_create:
            raise ConfigError(f"DATA_KEY: {path} is missing, and this database cannot be read without it. Put it back.")
        create_private_file(path, base64.b64encode(AESGCM.generate_key(256)))
        given = read_private_file("DATA_KEY", path)
    return _decode(given)


def _decode(given: str) -> bytes:
    try:
        key = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise ConfigError("DATA_KEY: must be 32 bytes in base64, for example from `openssl rand -base64 32`.")
    return key
