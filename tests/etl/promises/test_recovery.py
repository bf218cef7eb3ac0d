"""P23 (with test_clocks.py), P26–P29: clocks that are wrong, backups, several hosts, lines lost, and a cache that is only a cache."""

from __future__ import annotations

import gzip
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from etl.loading.ingest import Reading
from etl.loading.runs import Runner, Surroundings
from etl.reading.files import discover
from etl.upkeep.status import status
from tests.etl import lines
from tests.etl.loading import NOW, Loader, loader
from tests.etl.test_follow import settings


@pytest.mark.parametrize("year", [1996, 2016, 2036])
def test_clocks_do_not_matter(database_url: str, tmp_path: Path, year: int) -> None:
    """P23: the loader's clock and the files' times are years off, in either direction, and step back: the same table."""
    log, old = tmp_path / "tts.log", tmp_path / "tts.log.1.gz"
    old.write_bytes(gzip.compress(lines.lines(1, 20)))
    moments = [datetime(year, 6, 1, tzinfo=UTC), datetime(year, 5, 31, tzinfo=UTC), NOW]
    with loader(database_url) as load:
        for turn, moment in enumerate(moments):
            with log.open("ab") as file:
                file.write(lines.lines(21 + turn * 10, 30 + turn * 10))
            for path in (log, old):
                os.utime(path, (moment.timestamp(), moment.timestamp()))
            load.clock = lambda moment=moment: moment
            load.load(discover([str(log)], rotated=True))

        assert load.seqs() == list(range(1, 51))
        assert load.rows("SELECT SUM(n_ok), SUM(n_dup), SUM(generation), COUNT(*) FROM ingest_stream") == [
            (50, 0, 0, 2)
        ]
        load.check_books()


def test_a_restored_backup_heals(database_url: str, dialect: str, request: Any, tmp_path: Path) -> None:
    """P26: what was loaded after the backup is loaded again from the files, as if nothing had been restored."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 20))
    with loader(database_url) as load:
        load.load(log)
    restored = _copy(database_url, dialect, request, tmp_path)
    found = []
    for url in (database_url, restored):
        with loader(url) as load:
            if url == database_url:
                with log.open("ab") as file:
                    file.write(lines.lines(21, 40))
                (tmp_path / "tts.log.1").write_bytes(log.read_bytes())
                load.load(log)
                log.write_bytes(lines.lines(41, 50))
            load.load(discover([str(log)], rotated=True))
            load.check_books()
            books = load.rows("SELECT head_sha256, committed, n_ok, n_dup FROM ingest_stream ORDER BY committed")
            found.append((load.rows("SELECT seq, line_sha256, byte_offset FROM tts_request ORDER BY seq"), books))

    assert len(found[0][0]) == 50
    assert found[0] == found[1]


def _copy(url: str, dialect: str, request: Any, folder: Path) -> str:
    if dialect == "sqlite":
        shutil.copy(folder / "tts.db", folder / "restored.db")
        return f"sqlite:///{folder}/restored.db"
    server = request.getfixturevalue("postgres")
    return str(server.url(server.create(str(make_url(url).database))))


def test_hosts_share_a_database(database_url: str, tmp_path: Path) -> None:
    """P27: two hosts' files under two sources, and one file under both: each row once, books and counts apart."""
    paths = []
    for number, host in enumerate(("a", "b")):
        folder = tmp_path / host
        folder.mkdir()
        paths.append(folder / "tts.log")
        paths[-1].write_bytes(lines.lines(1, 5, writer_id=f"{number:032x}"))
    shared = tmp_path / "shared.log"
    shared.write_bytes(lines.lines(1, 3))
    with loader(database_url) as one, loader(database_url, source_id="other") as two:
        first = [one.load([paths[0], shared]).counts(), two.load([paths[1], shared]).counts()]
        again = [one.load([paths[0], shared]).counts(), two.load([paths[1], shared]).counts()]

        assert [(counts.ok, counts.dup) for counts in (*first, *again)] == [(8, 0), (5, 3), (0, 0), (0, 0)]
        assert one.rows("SELECT COUNT(*) FROM tts_request") == [(13,)]
        one.check_books()


def source_status(load: Loader, url: str, folder: Path) -> dict[str, Any]:
    """A pass with all its books, and what status says after it."""
    around = Surroundings(clock=lambda: NOW, host_timezone="Asia/Shanghai")
    runner = Runner(load.database, settings(url, folder), around)
    report = runner.read(discover([str(folder)], rotated=True), Reading())
    runner.close_pass(report, [folder.resolve()], None)
    return dict(status(load.database, NOW)["sources"][0])


def test_lost_lines_are_told(database_url: str, tmp_path: Path) -> None:
    """P28: an archive deleted before it was read is a gap of exactly its lines; seen and cut bytes are a possible loss."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 10))
    with loader(database_url) as load:
        before = source_status(load, database_url, tmp_path)
        log.write_bytes(lines.lines(28, 30) + b'{"half')
        gone = source_status(load, database_url, tmp_path)
        log.write_bytes(lines.lines(31, 32))
        cut = source_status(load, database_url, tmp_path)

    names = ("seq_gap_lines", "possible_loss_bytes")
    assert [[found[name] for name in names] for found in (before, gone, cut)] == [[0, 0], [17, 0], [17, 6]]


def test_an_archive_that_was_torn_is_looked_at_again(database_url: str, tmp_path: Path) -> None:
    """P29: the cache spares an archive that did not change, never one that did."""
    archive = tmp_path / "tts.log.1.gz"
    whole = gzip.compress(lines.lines(1, 9))
    archive.write_bytes(whole[:50])
    with loader(database_url) as load:
        # Long after the file's last change, so that its state is remembered.
        load.clock = lambda: datetime(2100, 1, 1, tzinfo=UTC)
        states = [load.load(archive).files[0].state for _ in range(2)]
        archive.write_bytes(whole)
        load.load(archive)

        assert (states, load.seqs()) == (["not_ready", "not_ready"], list(range(1, 10)))
