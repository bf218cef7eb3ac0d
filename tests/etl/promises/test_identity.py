"""P6–P9, P12, P13, P25: which stream a file is, whatever its name, inode, length and first line are."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from etl.reading.files import discover
from tests.etl import lines
from tests.etl.loading import loader
from tests.etl.test_ingest import OLDER

BANNER = b"Running on local URL\n"


def test_an_inode_that_comes_back_is_no_identity(database_url: str, tmp_path: Path) -> None:
    """P6: deleted and made anew with the same inode and more bytes than before, a file is read from 0."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 5))
    with loader(database_url) as load:
        load.load(log)
        inode = log.stat().st_ino
        for _ in range(200):
            log.unlink()
            log.write_bytes(lines.lines(6, 20))
            if log.stat().st_ino == inode:
                break
        load.load(log)

        assert (load.seqs(), load.kinds()) == (list(range(1, 21)), [])


@pytest.mark.parametrize("banner", [b"", BANNER], ids=["other head", "same head"])
def test_a_truncated_file_that_outgrew_its_offset(database_url: str, tmp_path: Path, banner: bytes) -> None:
    """P7: while no loader ran, the same inode was truncated and has more bytes than were read of it: nothing is skipped."""
    log = tmp_path / "tts.log"
    log.write_bytes(banner + lines.lines(100, 110))
    with loader(database_url) as load:
        load.load(log)
        with log.open("r+b") as file:
            file.truncate(0)
            file.write(banner + lines.lines(111, 140))
        load.load(log)

        assert load.seqs() == list(range(100, 141))


@pytest.mark.parametrize("read", [1, 2, 5])
def test_equal_heads_and_equal_last_bytes(database_url: str, tmp_path: Path, read: int) -> None:
    """P8: under one banner, lines of one length that end in the same 64 bytes at the same offset: nothing is lost."""
    log = tmp_path / "tts.log"
    last = "z" * 80
    with loader(database_url) as load:
        log.write_bytes(BANNER + lines.lines(101, 100 + read, zzz=last))
        load.load(log)
        log.write_bytes(BANNER + lines.lines(201, 200 + read + 1, zzz=last))
        load.load(log)

        assert load.seqs() == [*range(101, 101 + read), *range(201, 201 + read + 1)]
        assert [generation for generation, _ in load.streams()] == [0, 1]


def test_lines_longer_than_the_window(database_url: str, tmp_path: Path) -> None:
    """P8: lines of 10,000 bytes that differ at their beginnings only are still told apart."""
    log = tmp_path / "tts.log"
    with loader(database_url) as load:
        for first in (100, 200, 300):
            log.write_bytes(BANNER + lines.lines(first, first + 1, zzz="z" * 10_000))
            load.load(log)

        assert load.seqs() == [100, 101, 200, 201, 300, 301]


def test_a_file_shorter_than_anything(database_url: str, tmp_path: Path) -> None:
    """P9: a pass by a new loader after each byte of a 300-byte file: as many rows as complete lines, at each byte."""
    log = tmp_path / "tts.log"
    content = b"".join(OLDER % (100 + number) for number in range(5))[:300]
    log.write_bytes(b"")
    found = []
    for at in range(len(content)):
        with log.open("ab") as file:
            file.write(content[at : at + 1])
        with loader(database_url) as load:
            load.load(log)
            found.append((load.rows("SELECT COUNT(*) FROM tts_request")[0][0], load.kinds(), load.streams()))

    whole = [content[: at + 1] for at in range(len(content))]
    expected: list[tuple[int, list[str], list[tuple[int, int]]]] = [
        (part.count(b"\n"), [], [(0, part.rindex(b"\n") + 1)] if b"\n" in part else []) for part in whole
    ]
    assert found == expected


def test_a_shorter_copy_a_hundred_times(database_url: str, tmp_path: Path) -> None:
    """P12: a copy that ends before what was read, plain and compressed: rows, offset and generations stay."""
    log, plain, packed = (tmp_path / name for name in ("tts.log", "tts.log.1", "tts.log.2.gz"))
    content = lines.lines(1, 60)
    log.write_bytes(content)
    with loader(database_url) as load:
        load.load(log)
        before = load.streams(), load.seqs()
        log.unlink()
        for turn in range(100):
            cut = len(content) * turn // 101
            plain.write_bytes(content[:cut])
            packed.write_bytes(gzip.compress(content[: content.rindex(b"\n", 0, cut + 1) + 1] if cut > 1000 else b""))
            load.load([plain, packed], use_cache=turn % 2 == 0)

        assert (load.streams(), load.seqs()) == before
        assert load.rows("SELECT n_ok, n_dup, n_replayed FROM ingest_stream") == [(60, 0, 0)]
        load.check_books()


def test_a_rename_between_listing_and_opening(database_url: str, tmp_path: Path) -> None:
    """P25: what was listed under a name is another file when it is opened: offset and bytes are of the one opened."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 5))
    with loader(database_url) as load:
        load.load(log)
        with log.open("ab") as file:
            file.write(lines.lines(6, 7))
        listed = discover([str(log)], rotated=True)
        log.rename(tmp_path / "tts.log.1")
        log.write_bytes(lines.lines(8, 30))
        load.load(listed)
        load.load(discover([str(log)], rotated=True))

        assert load.seqs() == list(range(1, 31))
        assert load.rows("SELECT SUM(n_dup), COUNT(*) FROM ingest_stream") == [(0, 2)]


def test_a_rename_while_the_file_is_open(database_url: str, tmp_path: Path) -> None:
    """P25: renamed, and another put in its place, within the transaction: the bytes are still those of one descriptor."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 5))
    done: list[str] = []

    def rename(step: str) -> None:
        if step == "begun" and not done:
            done.append(step)
            log.rename(tmp_path / "tts.log.1")
            log.write_bytes(lines.lines(6, 9))

    with loader(database_url) as load:
        load.reached = rename
        load.load(log)
        load.load(discover([str(log)], rotated=True))

        assert (load.seqs(), load.rows("SELECT SUM(n_dup) FROM ingest_stream")) == (list(range(1, 10)), [(0,)])
