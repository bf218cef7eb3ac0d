"""Which files are read, and how plain and compressed ones look by their logical offsets."""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.errors import ConfigError
from etl.reading.files import LogFile, NotReady, discover, opened
from etl.tail import anchor_at, head_of

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TEXT = b"".join(b"line %06d\n" % number for number in range(200_000))
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".bz2": bz2.compress,
    ".zst": zstd.compress,
}


def names(paths: list[Path]) -> set[str]:
    return {path.name for path in paths}


def touch(folder: Path, *files: str) -> None:
    for name in files:
        (folder / name).write_bytes(name.encode())


def test_a_folder_means_its_logs_and_what_they_were_rotated_to(tmp_path: Path) -> None:
    """Logs and their rotated and compressed forms are read; hidden, temporary and other files are not."""
    wanted = [
        "a.log",
        "a.log.1",
        "a.log.2.gz",
        "a.log-20261122",
        "a.log-20261122.xz",
        "b-2026-11-22.log.zst",
        "c.jsonl",
    ]
    touch(tmp_path, *wanted, "b-20261122.log", "a.log-20261122-1732240000.bz2")
    touch(tmp_path, ".a.log", "a.log.swp", "a.log.tmp", "a.log.1.gz.tmp", "tts.db", "notes.txt", "a.log~")

    expected = {*wanted, "b-20261122.log", "a.log-20261122-1732240000.bz2"}
    assert names(discover([str(tmp_path)], rotated=False)) == expected


def test_a_file_means_itself_or_also_what_it_was_rotated_to(tmp_path: Path) -> None:
    """With `rotated` a log's own rotated forms come with it, those of another log don't."""
    own = {"tts.log", "tts.log.1", "tts.log.2.gz", "tts.log-20261122", "tts-20261122.log.gz", "tts.log.gz"}
    touch(tmp_path, *own, "other.log", "tts.log.swp", "xtts.log", "tts2.log.1")

    path = str(tmp_path / "tts.log")
    assert (names(discover([path], rotated=True)), names(discover([path], rotated=False))) == (own, {"tts.log"})


def test_what_is_missing_is_an_error(tmp_path: Path) -> None:
    """A named path that isn't there is refused; a watch may wait for a file, but not for a folder."""
    path = str(tmp_path / "tts.log")

    with pytest.raises(ConfigError, match="is not there"):
        discover([path], rotated=True)
    assert discover([path], rotated=True, may_come=True) == []
    with pytest.raises(ConfigError, match="the folder"):
        discover([str(tmp_path / "none/tts.log")], rotated=True, may_come=True)


def test_globs_and_links_give_each_file_once(tmp_path: Path) -> None:
    """Doubles by links or by several paths fall together."""
    touch(tmp_path, "a.log", "b.log")
    (tmp_path / "c.log").symlink_to(tmp_path / "a.log")

    assert len(discover([str(tmp_path / "*.log"), str(tmp_path)], rotated=True)) == 2


@pytest.mark.parametrize("suffix", COMPRESS)
def test_an_archive_is_read_by_the_offsets_of_its_text(tmp_path: Path, suffix: str) -> None:
    """Size, head and any stretch are those of the decompressed bytes, forwards and backwards."""
    path = tmp_path / f"tts.log{suffix}"
    path.write_bytes(COMPRESS[suffix](TEXT))

    with opened(path) as file:
        assert isinstance(file, LogFile)
        assert (file.size, file.head, file.complete) == (len(TEXT), head_of(TEXT), True)
        for offset in (0, 1_500_000, 10, len(TEXT) - 5):
            assert file.read(offset, 100) == TEXT[offset : offset + 100]


@pytest.mark.parametrize("suffix", COMPRESS)
@pytest.mark.parametrize("kept", [0, 1, 2, 17, 0.5, -1, -4])
def test_an_archive_that_is_not_whole_is_not_ready(tmp_path: Path, suffix: str, kept: float) -> None:
    """At any length below the whole, the trailer included, it is left for the next pass."""
    data = COMPRESS[suffix](TEXT)
    path = tmp_path / f"tts.log{suffix}"
    path.write_bytes(data[: int(len(data) * kept) if 0 < kept < 1 else int(kept)])

    with opened(path) as file:
        assert isinstance(file, NotReady)


def test_several_members_are_one_archive_and_garbage_behind_is_none(tmp_path: Path) -> None:
    """Archives appended to one another are read through; other bytes behind the last are not accepted."""
    path = tmp_path / "tts.log.gz"
    path.write_bytes(gzip.compress(TEXT[:1000]) + gzip.compress(TEXT[1000:]))
    with opened(path) as file:
        assert isinstance(file, LogFile)
        assert file.size == len(TEXT)

    path.write_bytes(gzip.compress(TEXT) + b"garbage")
    with opened(path) as file:
        assert isinstance(file, NotReady)


def test_a_broken_archive_can_be_salvaged(tmp_path: Path) -> None:
    """With salvage its readable beginning is read like a plain file, whose last line may be half."""
    path = tmp_path / "tts.log.gz"
    data = gzip.compress(TEXT)
    path.write_bytes(data[: len(data) // 2])

    with opened(path, salvage=True) as file:
        assert isinstance(file, LogFile)
        assert (file.complete, file.read(0, 100)) == (False, TEXT[:100])
        assert 0 < file.size < len(TEXT)


def test_a_compressed_file_under_a_plain_name_is_an_archive(tmp_path: Path) -> None:
    """The first bytes decide, not the name."""
    path = tmp_path / "tts.log"
    path.write_bytes(gzip.compress(TEXT))

    with opened(path) as file:
        assert isinstance(file, LogFile)
        assert file.size == len(TEXT)


def test_what_is_appended_to_an_open_file_is_read_after_a_second_look(tmp_path: Path) -> None:
    """Until then it ends where it ended when it was judged: else a shorter copy's lines could lie behind the offset."""
    path = tmp_path / "tts.log"
    path.write_bytes(TEXT[:5000])

    with opened(path) as file:
        assert isinstance(file, LogFile)
        looks = [file.look_again()]
        path.write_bytes(TEXT[:6000])
        found = [file.read(4000, 5000)]
        looks.append(file.look_again())
        found.append(file.read(4000, 5000))
        looks.append(file.look_again())

    assert (looks, found) == ([False, True, False], [TEXT[4000:5000], TEXT[4000:6000]])


def test_a_change_under_the_open_descriptor_is_seen(tmp_path: Path) -> None:
    """Truncation, another head and other bytes before an offset are told, growth is not one of them."""
    path = tmp_path / "tts.log"
    path.write_bytes(TEXT[:5000])
    anchor = anchor_at(5000, 4096, TEXT[:5000])

    with opened(path) as file:
        assert isinstance(file, LogFile)
        head = file.head
        assert head is not None
        assert file.still_holds(head, 5000, [anchor])
        path.write_bytes(TEXT[:6000])
        assert file.still_holds(head, 5000, [anchor])
        path.write_bytes(TEXT[:4000])
        assert not file.still_holds(head, 5000, [anchor])
        path.write_bytes(b"other" + TEXT[5:6000])
        assert not file.still_holds(head, 5000, [anchor])
        path.write_bytes(TEXT[:4990] + b"otherbytes" + TEXT[5000:6000])
        assert not file.still_holds(head, 5000, [anchor])
