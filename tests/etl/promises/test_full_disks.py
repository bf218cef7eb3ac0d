"""P4: a full disk never moves the offset without the rows."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from etl.errors import DatabaseAwayError
from tests.etl import lines
from tests.etl.loading import Loader, loader

#: Of some kB each, so that they take several batches.
COUNT = 2000
PADDING = "x" * 3000


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "tts.log"
    path.write_bytes(lines.lines(1, COUNT, padding=PADDING))
    return path


def assert_offset_is_behind_the_last_row(load: Loader, log: Path) -> int:
    """The rows are the first ones, and the offset stands where the last of them ends; how many there are."""
    seqs = load.seqs()
    ends = [0]
    for line in log.read_bytes().splitlines(keepends=True):
        ends.append(ends[-1] + len(line))
    committed = [offset for _, offset in load.streams()] or [0]
    assert (seqs, committed) == (list(range(1, len(seqs) + 1)), [ends[len(seqs)]])
    load.check_books()
    return len(seqs)


def test_a_sqlite_file_that_may_not_grow(sqlite_template: Path, tmp_path: Path, log: Path) -> None:
    """With room for a little more each time, batch after batch goes in whole, and what does not fit leaves nothing."""
    shutil.copy(sqlite_template, tmp_path / "tts.db")
    seen = set()
    with loader(f"sqlite:///{tmp_path}/tts.db") as load:
        for pages in range(100, 10_000, 300):
            with load.database.transaction("none") as session:
                session.run(f"PRAGMA max_page_count = {pages}")
            try:
                load.load(log)
            except DatabaseAwayError as error:
                assert "full" in str(error)  # noqa: PT017
            seen.add(assert_offset_is_behind_the_last_row(load, log))

    assert (min(seen), max(seen), len(seen) > 2) == (0, COUNT, True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"a file system of 1 MiB can't be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_disk_of_one_mib(sqlite_template: Path, small_disk: Path, tmp_path: Path) -> None:
    """ENOSPC, in the log of the database too: passes over a growing log fail and lose nothing."""
    log = tmp_path / "tts.log"
    log.write_bytes(b"")
    shutil.copy(sqlite_template, small_disk / "tts.db")
    failures = 0
    with loader(f"sqlite:///{small_disk}/tts.db") as load:
        for part in range(30):
            with log.open("ab") as file:
                file.write(lines.lines(part * 20 + 1, part * 20 + 20, padding=PADDING))
            try:
                load.load(log)
            except DatabaseAwayError:
                failures += 1
            assert_offset_is_behind_the_last_row(load, log)
        held = len(load.seqs())

    assert (failures > 5, 0 < held < 600) == (True, True)
    # Its write-ahead log may not have fitted into the file.
    for path in small_disk.iterdir():
        shutil.copy(path, tmp_path / path.name)
    with loader(f"sqlite:///{tmp_path}/tts.db") as load:
        load.load(log)
        assert assert_offset_is_behind_the_last_row(load, log) == 600


def test_a_postgresql_without_room(postgres: Any, postgres_template: str, log: Path) -> None:
    """SQLSTATE 53100 at some row: its batch is gone whole, those before it stay, and with room the rest goes in."""
    seen = []
    with loader(postgres.url(postgres.create(postgres_template))) as load:
        load.execute(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN RAISE EXCEPTION ''could not extend file'' USING ERRCODE = ''53100''; END'"
        )
        for full_at in (1, COUNT // 2, COUNT):
            load.execute(
                "CREATE TRIGGER no_room BEFORE INSERT ON tts_request FOR EACH ROW "
                f"WHEN (NEW.seq = {full_at}) EXECUTE FUNCTION no_room()"
            )
            with pytest.raises(DatabaseAwayError, match="extend"):
                load.load(log)
            seen.append(assert_offset_is_behind_the_last_row(load, log))
            load.execute("DROP TRIGGER no_room ON tts_request")
        load.load(log)
        assert assert_offset_is_behind_the_last_row(load, log) == COUNT

    assert (seen[0], 0 < seen[1] < COUNT // 2, COUNT // 2 <= seen[2] < COUNT) == (0, True, True)
