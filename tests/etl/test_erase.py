"""Rows of a client or a request go for good, out of quarantine too, and what still holds them is named."""

from __future__ import annotations

import gzip
import os
from datetime import timedelta
from pathlib import Path

import pytest

from etl.errors import ConfigError
from etl.store.held import Wanted
from etl.upkeep.erase import Copy, Target, erase, remaining_copies
from etl.upkeep.reprocess import Around, reprocess
from etl.upkeep.verify import verify
from tests.etl import lines
from tests.etl.loading import NOW, Loader, loader

CLIENT, OTHER = "a1b2c3d4e5f60718", "b1b2c3d4e5f60718"
TARGET = Target("client_hash", CLIENT)


def a_log(tmp_path: Path) -> Path:
    """Six requests of two clients, a torn line and one of a later version of the first of them."""
    log = tmp_path / "tts.log"
    requests = b"".join(lines.line(seq, client_hash=CLIENT if seq % 2 else OTHER) + b"\n" for seq in range(1, 7))
    torn = lines.line(7, client_hash=CLIENT)[: lines.line(7, client_hash=CLIENT).index(CLIENT.encode()) + 16] + b"\n"
    log.write_bytes(requests + torn + lines.line(8, v=9, client_hash=CLIENT) + b"\n" + lines.line(9, v=9) + b"\n")
    return log


def held_bytes(load: Loader) -> list[tuple[str, bool]]:
    rows = load.rows("SELECT status, length(raw) FROM ingest_quarantine ORDER BY off, q_id")
    return [(status, length > 0) for status, length in rows]


def test_erased_rows_never_come_back(database_url: str, tmp_path: Path) -> None:
    """Neither from the archive, nor when all books were lost, nor out of quarantine; each is counted."""
    with loader(database_url) as load:
        log = a_log(tmp_path)
        load.load(log)
        dry = erase(load.database, TARGET, NOW, dry_run=True)
        assert len(load.seqs()) == 6

        assert erase(load.database, TARGET, NOW, dry_run=False) == dry == ({"tts_request": 3, "tts_client": 0}, 2)
        assert (load.seqs(), held_bytes(load)) == ([2, 4, 6], [("erased", False)] * 2 + [("open", True)])
        assert erase(load.database, TARGET, NOW, dry_run=False) == ({"tts_request": 0, "tts_client": 0}, 0)
        assert verify(load.database).findings == []

        other = tmp_path / "other.log"
        other.write_bytes(lines.line(20) + b"\n" + log.read_bytes())
        assert load.load(other).counts().erased == 5
        for table in ("ingest_stream", "ingest_batch", "ingest_anchor", "ingest_day", "ingest_quarantine"):
            load.execute(f"DELETE FROM {table}")
        log.rename(tmp_path / "tts.log.1")
        counts = load.load(tmp_path / "tts.log.1", use_cache=False).counts()
        reprocess(load.database, Wanted(), Around(clock=lambda: NOW, loader_version="0"))

        assert (counts.erased, counts.dup, counts.quarantined) == (5, 3, 1)
        assert load.seqs() == [2, 4, 6, 20]
        assert held_bytes(load) == [("open", True)]


@pytest.mark.parametrize("request_id", ["x1", 'd\'été "7"', "x%"])
def test_a_request_is_found_by_its_whole_id(database_url: str, tmp_path: Path, request_id: str) -> None:
    """Also in quarantine, however JSON writes it; a longer id that contains it stays."""
    log = tmp_path / "tts.log"
    log.write_bytes(
        lines.line(1, request_id=request_id)
        + b"\n"
        + lines.line(2, request_id=request_id + "2")
        + b"\n"
        + lines.line(3, v=9, request_id=request_id)
        + b"\n"
        + lines.line(4, v=9, request_id=request_id + "2")
        + b"\n"
    )
    with loader(database_url) as load:
        load.load(log)

        assert erase(load.database, Target("request_id", request_id), NOW, dry_run=False) == ({"tts_request": 1}, 1)
        assert (load.seqs(), held_bytes(load)) == ([2], [("erased", False), ("open", True)])
        assert verify(load.database).findings == []


def test_many_rows_go_in_several_transactions(database_url: str, tmp_path: Path) -> None:
    """More rows than one transaction takes."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 4500, client_hash=CLIENT) + lines.lines(4501, 4510))
    with loader(database_url) as load:
        load.load(log)

        assert erase(load.database, TARGET, NOW, dry_run=False)[0]["tts_request"] == 4500
        assert (len(load.seqs()), verify(load.database).findings) == (10, [])


def test_it_names_the_files_that_still_hold_them(database_url: str, tmp_path: Path) -> None:
    """Live, rotated and compressed ones, with how many lines and until when; others are not named."""
    folder = tmp_path / "logs"
    folder.mkdir()
    log = a_log(folder)
    archive = folder / "tts.log.2.gz"
    archive.write_bytes(gzip.compress(lines.lines(30, 40, client_hash=CLIENT, padding="x" * 1000)))
    (folder / "tts.log.1").write_bytes(lines.lines(50, 60))
    (folder / "tts.log.3.gz").write_bytes(archive.read_bytes()[:50])
    for path in folder.iterdir():
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    with loader(database_url) as load:
        load.load(log)
        found = remaining_copies(load.database, TARGET, (), lambda _: timedelta(days=60))
        unknown = remaining_copies(load.database, TARGET, (), lambda _: None)

    until = "2027-01-21T12:00:00.000000Z"
    assert sorted(found, key=lambda copy: copy.path) == [
        Copy(str(log), 5, until),
        Copy(str(archive), 11, until),
        Copy(str(folder / "tts.log.3.gz"), None, until),
    ]
    assert {copy.expires_at for copy in unknown} == {None}


def test_the_bytes_are_gone_from_the_file_of_the_database(sqlite_template: Path, tmp_path: Path) -> None:
    """On SQLite neither free pages nor the write-ahead log keep what was erased."""
    path = tmp_path / "tts.db"
    path.write_bytes(sqlite_template.read_bytes())
    with loader(f"sqlite:///{path}") as load:
        load.load(a_log(tmp_path))
        erase(load.database, TARGET, NOW, dry_run=False)

        left = [file.name for file in tmp_path.glob("tts.db*") if CLIENT.encode() in file.read_bytes()]
    assert left == []


def test_nothing_to_look_for_is_wrong_use(database_url: str) -> None:
    """An empty value would match what has none."""
    with loader(database_url) as load, pytest.raises(ConfigError, match="nothing to look for"):
        erase(load.database, Target("request_id", " "), NOW, dry_run=False)


def test_the_names_of_a_client_go_too(database_url: str, tmp_path: Path) -> None:
    """Its own only; a request has none."""
    with loader(database_url) as load:
        load.load(a_log(tmp_path))
        for client in (CLIENT, OTHER):
            load.execute("INSERT INTO tts_client (client_hash, customer) VALUES (?, 'Ltd')", client)
        dry = erase(load.database, TARGET, NOW, dry_run=True)

        assert erase(load.database, TARGET, NOW, dry_run=False) == dry == ({"tts_request": 3, "tts_client": 1}, 2)
        assert load.rows("SELECT client_hash FROM tts_client") == [(OTHER,)]
        assert erase(load.database, Target("request_id", "none"), NOW, dry_run=False) == ({"tts_request": 0}, 0)


def test_a_later_version_makes_no_row_of_an_erased_line(database_url: str, tmp_path: Path) -> None:
    """A line that only a newer loader can read was erased out of quarantine: its key is dead, and no gap is hidden."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 2) + lines.line(3, v=9, client_hash=CLIENT) + b"\n" + lines.lines(5, 5))
    newer = tmp_path / "newer.log"
    newer.write_bytes(lines.line(6) + b"\n" + lines.line(3, client_hash=CLIENT) + b"\n")
    with loader(database_url) as load:
        load.load(log)
        erase(load.database, TARGET, NOW, dry_run=False)
        counts = load.load(newer).counts()

        assert (counts.ok, counts.erased, load.seqs()) == (1, 1, [1, 2, 5, 6])
        assert [finding.message for finding in verify(load.database).findings] == [
            f"1 lines of writer {lines.WRITER} are missing"
        ]


def test_a_conflicting_line_leaves_the_row_of_its_key_alone(database_url: str, tmp_path: Path) -> None:
    """The row is another's: erasing the line must not keep it from being loaded again after a restore."""
    log, other = tmp_path / "tts.log", tmp_path / "other.log"
    log.write_bytes(lines.lines(1, 2))
    other.write_bytes(lines.line(3) + b"\n" + lines.line(2, client_hash=CLIENT) + b"\n")
    with loader(database_url) as load:
        load.load([log, other])
        assert (load.kinds(), erase(load.database, TARGET, NOW, dry_run=False)[1]) == (["key_conflict"], 1)

        assert (load.seqs(), verify(load.database).findings) == ([1, 2, 3], [])
