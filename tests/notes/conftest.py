"""A browser of a few lines that locks notes as the script does, written from the documented format alone."""

import base64
import hashlib
import json
import os
import secrets
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import Person

PASSPHRASE = "heron otter lantern Grüße"
ROUNDS = 600_000
SCRIPT = {"Accept": "application/json", "Sec-Fetch-Site": "same-origin"}


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


@cache
def key_for(passphrase: str, salt: str, rounds: int = ROUNDS) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", passphrase.encode(), base64.b64decode(salt), rounds, 32)


def envelope_of(key: bytes, place: str, content: dict[str, str]) -> str:
    text = json.dumps(content).encode()
    nonce = os.urandom(12)
    sealed = AESGCM(key).encrypt(nonce, text + b" " * (-len(text) % 1024), f"same-side|1|{place}".encode())
    return f"1.{base64_of(nonce)}.{base64_of(sealed)}"


def opened(key: bytes, place: str, envelope: str) -> dict[str, str]:
    version, nonce, sealed = envelope.split(".")
    binding = f"same-side|{version}|{place}".encode()
    content: dict[str, str] = json.loads(
        AESGCM(key).decrypt(base64.b64decode(nonce), base64.b64decode(sealed), binding)
    )
    return content


@dataclass
class Notebook:
    """A member's notes in one browser. Its key is random: what the server does never depends on how it was made."""

    person: Person
    salt: str = ""
    key: bytes = field(default_factory=lambda: os.urandom(32))

    def send(self, address: str, **body: Any) -> TestResponse:
        sent = json.dumps({"member": str(self.person.id), **body})
        return self.person.client.post(f"/notes/{address}", data=sent, headers=SCRIPT)

    def change(self, **other: Any) -> TestResponse:
        """Choose a passphrase, the first or another; every note is locked anew with another key."""
        fresh, salt = os.urandom(32), base64_of(os.urandom(16))
        notes = [
            {
                "id": note["id"],
                "version": note["version"],
                "envelope": envelope_of(fresh, f"note|{note['id']}", self.read(note)),
            }
            for note in self.all()["notes"]
        ]
        proof = envelope_of(fresh, "proof", {"text": "same-side"})
        body = {"salt": self.salt, "new_salt": salt, "rounds": ROUNDS, "proof": proof, "notes": notes}
        answer = self.send("passphrase", **body | other)
        if answer.status_code == 204:
            self.key, self.salt = fresh, salt
        return answer

    def write(self, text: str, note_id: int | None = None, version: int = 0, **other: Any) -> TestResponse:
        note_id = note_id or secrets.randbits(62)
        envelope = envelope_of(self.key, f"note|{note_id}", {"title": "", "text": text, "written": ""})
        return self.send(str(note_id), **{"salt": self.salt, "version": version, "envelope": envelope} | other)

    def all(self) -> dict[str, Any]:
        answer = self.person.get("/notes/all", headers=SCRIPT)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.get_json()
        return found

    def read(self, note: dict[str, Any]) -> dict[str, str]:
        return opened(self.key, f"note|{note['id']}", note["envelope"])

    def texts(self) -> list[str]:
        return sorted(self.read(note)["text"] for note in self.all()["notes"])

    def only(self) -> dict[str, Any]:
        (note,) = self.all()["notes"]
        return dict(note)


def notebook_of(person: Person) -> Notebook:
    """A notebook with its first passphrase chosen."""
    notebook = Notebook(person)
    assert notebook.change().status_code == 204
    return notebook


@pytest.fixture
def notebook(app: Flask, alice: Person) -> Notebook:
    return notebook_of(alice)
