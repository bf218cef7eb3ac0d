"""Keyed hashes of clients, the key's file, and the version that ran last."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tts_app.errors import ConfigError
from tts_app.identity import Hasher, load_key, new_version


def test_a_hash_needs_its_key() -> None:
    """The same client has the same 16 digits under one key and others under another."""
    one, other = Hasher(b"one"), Hasher(b"other")

    assert one.digest("client", "10.0.0.1") == one.digest("client", "10.0.0.1")
    assert one.digest("client", "10.0.0.1") != other.digest("client", "10.0.0.1")
    assert one.digest("client", "10.0.0.1") != one.digest("session", "10.0.0.1")
    assert one.digest("a", "b") != one.digest("ab", "")
    assert len(bytes.fromhex(one.digest("x"))) == 8
    assert one.key_id != other.key_id


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    """A second start reads what the first one wrote, mode 0600, and leaves no draft."""
    state = tmp_path / "state"

    first = load_key(None, state, pytest.fail)
    second = load_key(None, state, pytest.fail)

    assert first == second
    assert stat.S_IMODE((state / "client-hash.key").stat().st_mode) == 0o600
    assert [path.name for path in state.iterdir()] == ["client-hash.key"]


def test_a_named_key_goes_before_the_made_one(tmp_path: Path) -> None:
    """TTS_HASH_KEY_FILE's content is the key, without the newline at its end."""
    (tmp_path / "key").write_text("0123456789abcdef\n")

    assert load_key(tmp_path / "key", tmp_path / "state", pytest.fail) == b"0123456789abcdef"


def test_a_bad_named_key_stops_the_start(tmp_path: Path) -> None:
    """A missing file and a short key are told."""
    (tmp_path / "short").write_text("secret")

    with pytest.raises(ConfigError, match="read"):
        load_key(tmp_path / "missing", tmp_path, pytest.fail)
    with pytest.raises(ConfigError, match="16 bytes"):
        load_key(tmp_path / "short", tmp_path, pytest.fail)


def test_without_a_state_folder_a_key_for_this_start_is_made(tmp_path: Path) -> None:
    """A folder that can't be made is told, and the service starts all the same."""
    (tmp_path / "file").touch()
    told: list[str] = []

    first = load_key(None, tmp_path / "file" / "state", told.append)
    second = load_key(None, tmp_path / "file" / "state", told.append)

    assert first != second
    assert len(told) == 2


def test_a_version_is_new_once_for_each_instance(tmp_path: Path) -> None:
    """The second start of a version is no release; another instance, or a state that can't be kept, is its own matter."""
    (tmp_path / "file").touch()

    assert [new_version(tmp_path, "a", "1"), new_version(tmp_path, "a", "1")] == [True, False]
    assert [new_version(tmp_path, "b", "1"), new_version(tmp_path, "a", "2")] == [True, True]
    assert new_version(tmp_path / "file" / "state", "a", "1") is False
