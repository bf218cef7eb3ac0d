"""Who asked, as a keyed hash: the same client gives the same 16 digits, and nobody without the key can turn them back.

Also remembers in the state folder which version of the app ran last.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from tts_app.errors import ConfigError
from tts_app.tts_line import Hasher as Hasher
from tts_app.tts_line import is_new

KEY_BYTES = 32
KEY_FILE = "client-hash.key"


def load_key(key_file: Path | None, state_dir: Path, tell: Callable[[str], None]) -> bytes:
    """The key of this installation: from `key_file`, else from the state folder, where it is made at the first start.

    Where the state folder can't be written a key for this start alone is made, and said so.

    Raises:
        ConfigError: `key_file` can't be read, or holds fewer than 16 bytes.
    """
    if key_file is not None:
        return _read_named(key_file)
    path = state_dir / KEY_FILE
    try:
        state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        _create(path, secrets.token_hex(KEY_BYTES).encode())
        return path.read_bytes()
    except OSError as exc:
        tell(f"the state folder can't be used ({exc.strerror}): clients are counted anew at each start")
        return secrets.token_bytes(KEY_BYTES)


def _read_named(key_file: Path) -> bytes:
    hint = "TTS_HASH_KEY_FILE names a file with at least 16 bytes, such as: openssl rand -hex 32"
    try:
        key = key_file.read_bytes().strip()
    except OSError as exc:
        raise ConfigError(f"the hash key file can't be read: {exc.strerror}", hint) from exc
    if len(key) < 16:
        raise ConfigError("the hash key file holds fewer than 16 bytes", hint)
    return key


def _create(path: Path, key: bytes) -> None:
    """Puts a whole key at `path` unless one is there: two services that start together agree on one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    if path.exists():
        return
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(key)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def new_version(state_dir: Path, instance: str, version: str) -> bool:
    """Whether this instance runs `version` for the first time; remembers it. False where nothing can be remembered."""
    return is_new(state_dir / f"version-{instance}", version)
