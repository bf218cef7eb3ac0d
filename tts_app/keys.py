"""Who may come in: API keys and users of the page, as hashes in one file that only its owner can read.

The file is read anew whenever it has changed, so a key that was revoked is refused at once. A file that vanished or
that can't be read lets nobody in.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import hmac
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec

from tts_app.errors import ConfigError

ACCESS_FILE = "access.json"
PREFIX = "vox_"
NAME = re.compile(r"[A-Za-z0-9._@-]{1,64}")
# OWASP's figures for scrypt at 16 MiB, as n$r$p; about a fifth of a second of one core.
COST = f"{2**14}$8$5"
MIN_PASSWORD_CHARS = 10


HEX_32 = "[0-9a-f]{64}"


@dataclass(frozen=True, slots=True)
class Key:
    """One API key. `secret`: its SHA-256 in hex; `created_at`: UTC."""

    name: str
    secret: Annotated[str, msgspec.Meta(pattern=f"^{HEX_32}$")]
    created_at: str


@dataclass(frozen=True, slots=True)
class User:
    """One user of the page. `secret`: scrypt's n, r, p, salt and hash (in hex) between $; `created_at`: UTC."""

    name: str
    secret: Annotated[str, msgspec.Meta(pattern=f"^[0-9]+[$][0-9]+[$][0-9]+[$][0-9a-f]{{32}}[$]{HEX_32}$")]
    created_at: str


@dataclass(frozen=True, slots=True)
class Book:
    """What the file holds. `session_secret` signs the page's cookies."""

    keys: tuple[Key, ...] = ()
    users: tuple[User, ...] = ()
    session_secret: Annotated[str, msgspec.Meta(pattern=f"^{HEX_32}$")] = field(
        default_factory=lambda: secrets.token_hex(32)
    )


class AccessFile:
    """The file at `path`: changed by the commands `keys` and `users`.

    Args:
        path: its folder is made.
        now: the wall clock, aware.
        cost: scrypt's n, r and p of new passwords; old ones keep theirs.
    """

    def __init__(
        self, path: Path, *, now: Callable[[], datetime] = lambda: datetime.now(UTC), cost: str = COST
    ) -> None:
        self.path = path
        self._now = now
        self._cost = cost

    def read(self) -> Book:
        """What it holds; an empty book where there is no file.

        Raises:
            ConfigError: it can't be read, is not of this form, or others may write to it.
        """
        try:
            with self.path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                text = file.read()
        except FileNotFoundError:
            return Book()
        except OSError as exc:
            raise ConfigError(
                f"the access file {self.path} can't be read: {exc.strerror}", "see --access-file"
            ) from exc
        if mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise ConfigError(f"others may write to the access file {self.path}", f"chmod 600 {self.path}")
        return _parsed(text, self.path)

    def add_key(self, name: str) -> str:
        """A new key of that name; only its hash is kept.

        Raises:
            ConfigError: the name can't be used or is in use, or the file can't be written.
        """
        key = PREFIX + secrets.token_urlsafe(32)
        with self._changed() as change:
            book = change.book
            _check_new(name, book.keys)
            change.book = replace(book, keys=(*book.keys, Key(name, _key_hash(key), self._moment())))
        return key

    def add_user(self, name: str, password: str) -> None:
        """A new user of the page.

        Raises:
            ConfigError: the name can't be used or is in use, the password is too short, or the file can't be written.
        """
        if len(password) < MIN_PASSWORD_CHARS:
            raise ConfigError(f"the password is shorter than {MIN_PASSWORD_CHARS} characters", "take a longer one")
        with self._changed() as change:
            book = change.book
            _check_new(name, book.users)
            change.book = replace(
                book, users=(*book.users, User(name, password_hash(password, self._cost), self._moment()))
            )

    def revoke_key(self, name: str) -> None:
        """Takes a key out; the file stays, so that nothing opens with the last one.

        Raises:
            ConfigError: there is none of that name, or the file can't be written.
        """
        with self._changed() as change:
            _check_there(name, change.book.keys, "tts-app keys list")
            kept = tuple(key for key in change.book.keys if key.name != name)
            change.book = replace(change.book, keys=kept)

    def remove_user(self, name: str) -> None:
        """Takes a user out, as above.

        Raises:
            ConfigError: there is none of that name, or the file can't be written.
        """
        with self._changed() as change:
            _check_there(name, change.book.users, "tts-app users list")
            kept = tuple(user for user in change.book.users if user.name != name)
            change.book = replace(change.book, users=kept)

    def _moment(self) -> str:
        return self._now().strftime("%Y-%m-%dT%H:%M:%SZ")

    @contextmanager
    def _changed(self) -> Iterator[_Change]:
        """The book to be changed, alone; written as a whole afterwards, or not at all."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self.path.with_name(f".{self.path.name}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                change = _Change(self.read())
                yield change
                self._write(change.book)
        except OSError as exc:
            raise ConfigError(
                f"the access file {self.path} can't be written: {exc.strerror}", "run it as the service's user"
            ) from exc

    def _write(self, book: Book) -> None:
        draft = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}.tmp")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(msgspec.json.format(msgspec.json.encode(book), indent=1) + b"\n")
            out.flush()
            os.fsync(out.fileno())
        draft.replace(self.path)


@dataclass(slots=True)
class _Change:
    book: Book


class Access:
    """What the service knows of the file now.

    Args:
        file: may come into being while the service runs.
        tell: gets a line when the file can't be used.

    Raises:
        ConfigError: at the start the file can't be used.
    """

    def __init__(self, file: AccessFile, tell: Callable[[str], None]) -> None:
        self._file = file
        self._tell = tell
        self._seen = self._state()
        self._book = file.read()
        self._locked = self._seen is not None

    @property
    def locked(self) -> bool:
        """Whether a key or a login is asked for; once it is, it stays so until the service ends."""
        self._look()
        return self._locked

    @property
    def book(self) -> Book:
        """As the file is now."""
        self._look()
        return self._book

    def key_name(self, key: str) -> str | None:
        """The name of that key."""
        given = _key_hash(key)
        # Each is compared, wholly: neither how long it took nor where it stopped tells anything of a hash.
        names = [entry.name for entry in self.book.keys if hmac.compare_digest(entry.secret, given)]
        return names[0] if names else None

    def user(self, name: str, password: str) -> bool:
        """Whether `password` is the one of the user `name`. Takes a fifth of a second, also where there is none."""
        secret = next((entry.secret for entry in self.book.users if entry.name == name), _NOBODY)
        return _password_fits(password, secret) and secret is not _NOBODY

    def _look(self) -> None:
        state = self._state()
        if state == self._seen:
            return
        self._seen = state
        try:
            self._book = self._file.read()
            if state is None:
                self._tell("the access file is gone: nobody is let in")
        except ConfigError as exc:
            self._book = Book()
            self._tell(f"{exc}: nobody is let in")
        self._locked = True

    def _state(self) -> tuple[int, int, int, int] | None:
        try:
            now = self._file.path.stat()
        except OSError:
            return None
        return now.st_ino, now.st_mtime_ns, now.st_size, now.st_mode


def _check_there(name: str, entries: tuple[Key, ...] | tuple[User, ...], listed_by: str) -> None:
    if all(entry.name != name for entry in entries):
        raise ConfigError(f"there is no {name}", f"{listed_by} shows what there is")


def _check_new(name: str, others: tuple[Key, ...] | tuple[User, ...]) -> None:
    if not NAME.fullmatch(name):
        raise ConfigError("the name can't be used", "1 to 64 of A-Z a-z 0-9 . _ @ -")
    if any(other.name == name for other in others):
        raise ConfigError(f"{name} is there already", "take another name, or remove that one first")


def password_hash(password: str, cost: str = COST) -> str:
    """scrypt's n, r, p, a new salt and the hash, between $."""
    salt = secrets.token_bytes(16)
    return f"{cost}${salt.hex()}${_scrypt(password, cost, salt)}"


def new_password() -> str:
    """One that nobody guesses: 20 characters without those that look alike."""
    return base64.b32encode(secrets.token_bytes(15)).decode().lower()[:20]


def _password_fits(password: str, secret: str) -> bool:
    cost, salt, expected = secret.rsplit("$", 2)
    return hmac.compare_digest(_scrypt(password, cost, bytes.fromhex(salt)), expected)


def _scrypt(password: str, cost: str, salt: bytes) -> str:
    n, r, p = map(int, cost.split("$"))
    given = password.encode("utf-8", "replace")
    return hashlib.scrypt(given, salt=salt, n=n, r=r, p=p, maxmem=256 * r * (n + p + 2), dklen=32).hex()


def _key_hash(key: str) -> str:
    # A key has 256 random bits: there is nothing to guess that a slow hash would slow down.
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


_NOBODY = f"{COST}${'00' * 16}${'00' * 32}"


def _parsed(text: bytes, path: Path) -> Book:
    try:
        return msgspec.json.decode(text, type=Book)
    except msgspec.DecodeError as exc:
        hint = "restore it, or remove it and add the keys anew"
        raise ConfigError(f"the access file {path} is damaged", hint) from exc
