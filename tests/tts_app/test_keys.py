"""Keys and users: hashes in a file for its owner alone, seen at once when changed, and shut when it can't be used."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tts_app.errors import ConfigError
from tts_app.keys import COST, Access, AccessFile, Key, new_password

PHRASE = "correct horse battery"
CHEAP = "2$1$1"


@pytest.fixture
def file(tmp_path: Path) -> AccessFile:
    return AccessFile(
        tmp_path / "state" / "access.json", now=lambda: datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC), cost=CHEAP
    )


def test_only_hashes_are_kept_for_the_owner_alone(file: AccessFile) -> None:
    """Neither the key nor the password stands in the file, whose mode is 0600."""
    key = file.add_key("newsroom")
    file.add_user("ann", PHRASE)

    text = file.path.read_text()
    [kept], [user] = file.read().keys, file.read().users
    assert key.startswith("vox_")
    assert len(key) == len("vox_") + 43
    assert key[4:] not in text
    assert PHRASE not in text
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert (kept.name, kept.created_at, user.name) == ("newsroom", "2026-11-22T01:02:03Z", "ann")


def test_a_key_and_a_password_open_what_they_should(file: AccessFile) -> None:
    """The right ones alone; a user's password is no key."""
    key = file.add_key("newsroom")
    file.add_user("ann", PHRASE)
    access = Access(file, pytest.fail)

    assert [access.key_name(given) for given in (key, key[:-1], "", PHRASE)] == ["newsroom", None, None, None]
    assert access.user("ann", PHRASE)
    assert not access.user("ann", "wrong")
    assert not access.user("nobody", "")


def test_changes_are_seen_at_once(file: AccessFile) -> None:
    """Unlocked without a file; the first key locks; a revoked one is refused; the last one revoked leaves it locked."""
    access = Access(file, pytest.fail)
    seen = [access.locked]
    key = file.add_key("newsroom")
    seen += [access.locked, access.key_name(key) == "newsroom"]
    file.revoke_key("newsroom")
    seen += [access.locked, access.key_name(key) is None]

    assert seen == [False, True, True, True, True]
    assert file.read().keys == ()


@pytest.mark.parametrize("damage", ["gone", "half", "foreign", "open"])
def test_a_file_that_can_not_be_used_lets_nobody_in(file: AccessFile, damage: str) -> None:
    """Gone, half written, of another form, or writable for others: locked, and said so once."""
    key = file.add_key("newsroom")
    told: list[str] = []
    access = Access(file, told.append)
    before = access.key_name(key)
    if damage == "gone":
        file.path.unlink()
    elif damage == "open":
        file.path.chmod(0o622)
    else:
        file.path.write_text({"half": file.path.read_text()[:40], "foreign": '{"keys": [{"name": 1}]}'}[damage])

    assert (before, access.key_name(key), access.key_name(key), access.locked) == ("newsroom", None, None, True)
    assert len(told) == 1
    assert told[0].endswith("nobody is let in")
    assert key not in told[0]


@pytest.mark.parametrize("name", ["", "two words", "x" * 65, "a/b", "a|b", "a\nb"])
def test_a_name_is_plain(file: AccessFile, name: str) -> None:
    """It stands in lists, and in cookies."""
    with pytest.raises(ConfigError, match="name"):
        file.add_key(name)
    assert not file.path.exists()


def test_what_is_wrong_is_said(file: AccessFile) -> None:
    """A name twice, one that is not there, a short password: nothing changes."""
    file.add_key("newsroom")
    before = file.path.read_text()

    for wrong in (
        lambda: file.add_key("newsroom"),
        lambda: file.revoke_key("nobody"),
        lambda: file.remove_user("newsroom"),
        lambda: file.add_user("ann", "short"),
    ):
        with pytest.raises(ConfigError):
            wrong()
    assert file.path.read_text() == before
    assert list(file.path.parent.glob("*.tmp")) == []


def test_those_who_write_at_once_lose_nothing(file: AccessFile) -> None:
    """Eight at a time, each a key: all are there, and the secret of the sessions is one."""
    threads = [threading.Thread(target=file.add_key, args=(f"key-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    held = json.loads(file.path.read_text())
    assert sorted(entry["name"] for entry in held["keys"]) == [f"key-{number}" for number in range(8)]
    assert file.read().keys[0] == Key(**held["keys"][0])


def test_a_password_costs_what_it_should_and_old_ones_stay_good(file: AccessFile) -> None:
    """The cost of a password stands with it: a later version may ask for more."""
    file.add_user("ann", PHRASE)
    AccessFile(file.path).add_user("ben", PHRASE)
    access = Access(file, pytest.fail)

    assert [user.secret.rsplit("$", 2)[0] for user in file.read().users] == [CHEAP, COST]
    assert access.user("ann", PHRASE)
    assert access.user("ben", PHRASE)


def test_a_made_password_is_long_and_new() -> None:
    """Twenty characters of base 32."""
    made = {new_password() for _ in range(10)}

    assert len(made) == 10
    assert all(len(password) == 20 and password.isalnum() for password in made)
