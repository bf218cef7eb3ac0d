"""scripts/redash-env: secrets for the compose file, made once, for their owner alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECRETS = {
    "POSTGRES_PASSWORD",
    "REDASH_DB_PASSWORD",
    "TTS_LOADER_PASSWORD",
    "TTS_READER_PASSWORD",
    "REDASH_COOKIE_SECRET",
    "REDASH_SECRET_KEY",
    "REDASH_ADMIN_PASSWORD",
}


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path) -> Path:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "redash-env", tmp_path / "scripts")
    return tmp_path


def run(checkout: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        ["scripts/redash-env", *arguments], cwd=checkout, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "TZ": "Asia/Shanghai"},
    )  # fmt: skip
    assert done.stdout == ""
    return done.returncode, done.stderr


def values(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text().splitlines())


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_it_makes_a_secret_for_each_name(checkout: Path) -> None:
    """32 random bytes each, mode 0600, the log folder made for a user that is not root; nothing of them is said."""
    code, said = run(checkout)
    found = values(checkout / ".env")
    secrets = {name: found[name] for name in SECRETS}

    assert (code, mode(checkout / ".env"), len(set(secrets.values()))) == (0, 0o600, 7)
    assert [name for name, value in secrets.items() if not re.fullmatch("[0-9a-f]{64}", value)] == []
    assert [name for name, value in secrets.items() if value in said] == []
    assert {name: value for name, value in found.items() if name not in SECRETS} == {
        "REDASH_ADMIN_EMAIL": "admin@example.com",
        "TTS_LOG_DIR": "./logs",
        "TTS_UID": found["TTS_UID"],
        "TTS_GID": found["TTS_GID"],
        "TTS_REPORT_TIMEZONE": "Asia/Shanghai",
    }
    assert found["TTS_UID"] == str((checkout / "logs").stat().st_uid) != "0"


def test_again_it_changes_nothing(checkout: Path) -> None:
    """Not a byte; a mode that was too wide is mended."""
    run(checkout)
    before = (checkout / ".env").read_bytes()
    (checkout / ".env").chmod(0o644)
    said = run(checkout)

    assert (checkout / ".env").read_bytes() == before
    assert said == (0, ".env has all that is needed: nothing changed (--force makes new secrets)\n")
    assert (mode(checkout / ".env"), sorted(path.name for path in checkout.iterdir())) == (
        0o600,
        [".env", "logs", "scripts"],
    )


def test_what_stands_there_stays_and_what_is_missing_is_added(checkout: Path) -> None:
    """A file of one's own, without a line break at its end, and with a folder of logs elsewhere."""
    (checkout / "mine").mkdir()
    (checkout / ".env").write_text("REDASH_PORT=5001\nTTS_READER_PASSWORD=mine\nTTS_LOG_DIR=mine")
    code, said = run(checkout)
    found = values(checkout / ".env")

    assert (code, "TTS_READER_PASSWORD" in said) == (0, False)
    assert (found["REDASH_PORT"], found["TTS_READER_PASSWORD"], found["TTS_LOG_DIR"]) == ("5001", "mine", "mine")
    assert set(found) >= SECRETS
    assert not (checkout / "logs").exists()


def test_force_makes_new_secrets_and_keeps_the_rest(checkout: Path) -> None:
    """The old file stays beside it, for its owner alone."""
    run(checkout)
    before = values(checkout / ".env")
    (checkout / ".env").write_text((checkout / ".env").read_text() + "REDASH_PORT=5001\n")
    code, said = run(checkout, "--force")
    after = values(checkout / ".env")

    assert (code, said.splitlines()[0]) == (
        0,
        "kept the old one as .env.old: databases that exist know the old passwords only",
    )
    assert {name for name in after if before.get(name) != after[name]} == {*SECRETS, "REDASH_PORT"}
    assert (values(checkout / ".env.old"), mode(checkout / ".env.old")) == ({**before, "REDASH_PORT": "5001"}, 0o600)


def test_a_wrong_use_changes_nothing(checkout: Path) -> None:
    """An unknown option; a .env that leads elsewhere."""
    wrong = run(checkout, "--yes")
    (checkout / ".env").symlink_to(checkout / "elsewhere")
    linked = run(checkout)

    assert wrong == (
        2,
        "error: redash-env takes nothing but --force\nhint: make redash-env, or scripts/redash-env --force\n",
    )
    assert linked[0] == 2
    assert not (checkout / "elsewhere").exists()
