"""Log files: which there are, and one opened descriptor of each, read by position (etl.md, D5 and D8)."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from etl.errors import ConfigError
from etl.reading.archives import BROKEN, SUFFIXES, Decompressed, compression_of
from etl.tail import HEAD_BYTES, Anchor, Head, anchor_at, head_of

_COMPRESSED = r"(?:\.(?:gz|xz|bz2|zst))?"
_DATE = r"-\d{4}-?\d\d-?\d\d(?:[-_.T]?\d+)*"
_NEVER = re.compile(r"\..*|.*\.(?:tmp|swp)|.*~")
# Nearly every first line is shorter than this.
_MOST_HEADS = 16 * 1024
_IN_FOLDER = re.compile(rf".+\.(?:log|jsonl)(?:\.\d+|{_DATE})?{_COMPRESSED}")


@dataclass(frozen=True, slots=True)
class FileStat:
    """What tells one state of a file from another, as a hint only."""

    path: Path
    dev: int
    ino: int
    size: int
    mtime_ns: int
    ctime_ns: int


class LogFile:
    """One opened file: `size` is logical, and all is read through the descriptor of the one opening.

    `complete` is said of archives only: they don't grow, so their last line may lack its newline. Of a `salvaged` one
    nobody knows whether its bytes are those that were written.
    """

    def __init__(
        self, stat: FileStat, fd: int, archive: Decompressed | None, size: int, *, salvaged: bool = False
    ) -> None:
        self.stat = stat
        self.size = size
        self.salvaged = salvaged
        self.complete = archive is not None and not salvaged
        self._fd = fd
        self._archive = archive
        self.head = self._head()

    def read(self, offset: int, length: int) -> bytes:
        """The logical bytes from `offset`, fewer at the end; what was appended behind `size` is none. Raises OSError."""
        length = min(length, max(self.size - offset, 0))
        if self._archive is not None:
            try:
                return self._archive.read(offset, length)
            except BROKEN as error:
                raise OSError(f"{self.stat.path} changed while it was read") from error
        return _pread(self._fd, offset, length)

    def look_again(self) -> bool:
        """Takes size and head anew from the descriptor; whether they differ: a live file was truncated or grew."""
        before = self.size, self.head
        if self._archive is None:
            self.size = os.fstat(self._fd).st_size
            self.head = self._head()
        return (self.size, self.head) != before

    def _head(self) -> Head | None:
        """The identity by what the descriptor holds now; a whole archive has one even without a newline."""
        first = self.read(0, _MOST_HEADS)
        if b"\n" not in first and len(first) == _MOST_HEADS:
            first = self.read(0, HEAD_BYTES)
        head = head_of(first)
        if head is None and self.complete and first:
            return Head(hashlib.sha256(first).digest(), len(first), cut=False)
        return head

    def matches(self, anchor: Anchor) -> bool:
        """Whether the bytes before the anchor's offset are the anchor's."""
        before = self.read(anchor.off - anchor.win, anchor.win)
        return len(before) == anchor.win and anchor_at(anchor.off, anchor.win, before) == anchor

    def still_holds(self, head: Head, end: int, anchors: Sequence[Anchor]) -> bool:
        """Whether the descriptor still has this head, `end` bytes and these anchors: it may be truncated any time."""
        now = os.fstat(self._fd)
        if self._archive is not None:
            return (now.st_size, now.st_mtime_ns) == (self.stat.size, self.stat.mtime_ns)
        return now.st_size >= end and self._head() == head and all(map(self.matches, anchors))


@dataclass(frozen=True, slots=True)
class NotReady:
    """An archive that is still being written, or broken: asked again in the next pass."""

    stat: FileStat
    reason: str


@contextmanager
def opened(path: Path, *, salvage: bool = False) -> Iterator[LogFile | NotReady]:
    """Opens a file once. With `salvage` a broken archive is what can be read of it.

    Raises OSError where the file can't be opened (FileNotFoundError: it is gone).
    """
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield _of_descriptor(path, fd, salvage=salvage)
    finally:
        os.close(fd)


def stat_of(path: Path, found: os.stat_result) -> FileStat:
    return FileStat(path, found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _of_descriptor(path: Path, fd: int, *, salvage: bool) -> LogFile | NotReady:
    stat = stat_of(path, os.fstat(fd))
    # The same descriptor says what the bytes are: a name tells nothing about a file that is just being compressed.
    compression = compression_of(_pread(fd, 0, 8))
    if compression is None:
        if path.name.endswith(SUFFIXES):
            return NotReady(stat, "no archive yet")
        return LogFile(stat, fd, None, stat.size)
    archive = Decompressed(fd, compression)
    size, broken = archive.readable_size()
    if broken is None:
        return LogFile(stat, fd, archive, size)
    if salvage:
        saved = Decompressed(fd, compression, broken=True)
        if size := saved.readable_size()[0]:
            return LogFile(stat, fd, saved, size, salvaged=True)
    return NotReady(stat, f"not whole: {type(broken).__name__}")


def _pread(fd: int, offset: int, length: int) -> bytes:
    """Reads until `length` bytes or the end: one call may return fewer."""
    parts = []
    while length > 0:
        part = os.pread(fd, length, offset)
        if not part:
            break
        parts.append(part)
        offset += len(part)
        length -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def rotated_forms(path: Path) -> re.Pattern[str]:
    """The names that a log file has after its rotation, its own among them: X, X.N, X-DATE, STEM-DATE.EXT, and .gz."""
    name, stem, extension = re.escape(path.name), re.escape(path.stem), re.escape(path.suffix)
    return re.compile(rf"(?:{name}(?:\.\d+|{_DATE})?|{stem}{_DATE}{extension}){_COMPRESSED}")


def discover(paths: Sequence[str], *, rotated: bool, may_come: bool = False) -> list[Path]:
    """The files that paths (files, folders, globs) mean, oldest first; with `rotated` a file's rotated ones too.

    Raises ConfigError for a path that is not there, with `may_come` only if its folder is missing as well; and for one
    that nobody may look at.
    """
    found: list[Path] = []
    for text in paths:
        of_path = _of_path(text, rotated=rotated)
        if not of_path and not may_come and not is_folder(Path(text)):
            raise ConfigError(f"{text} is not there", "name a log file or a folder of them: --log, or TTS_LOG")
        if not of_path and not is_folder(Path(text).parent) and not _is_glob(text):
            raise ConfigError(
                f"the folder {Path(text).parent} is not there", "name the service's log: --log, or TTS_LOG"
            )
        found += of_path
    return one_of_each(found)


def folders(paths: Sequence[str]) -> list[Path]:
    """The folders in which files of these paths may appear."""
    named = [Path(text) if is_folder(Path(text)) else Path(text).parent for text in paths]
    return sorted({folder.resolve() for folder in named if is_folder(folder)})


def is_folder(path: Path) -> bool:
    """Whether a folder lies there, as far as anybody may look."""
    return S_ISDIR(_mode(path) or 0)


def is_there(path: Path) -> bool:
    """Whether anything lies there, as far as anybody may look."""
    return bool(_mode(path))


def is_closed(path: Path) -> bool:
    """Whether the rights of its folders keep everybody from looking."""
    return _mode(path) is None


def _mode(path: Path) -> int | None:
    """What lies there, as a stat says it: 0 for nothing, None where nobody may look."""
    try:
        return path.stat().st_mode
    except PermissionError:
        return None
    except (OSError, ValueError):
        return 0


def _of_path(text: str, *, rotated: bool) -> list[Path]:
    path = Path(text)
    if is_closed(path):
        raise ConfigError(f"can't look at {path}: Permission denied", "give its reader the right to enter its folders")
    if is_folder(path):
        return _matching(path, _IN_FOLDER)
    if _is_glob(text) and _mode(path) == 0:
        anchor = Path(path.anchor) if path.is_absolute() else Path()
        return [match for match in anchor.glob(str(path.relative_to(anchor))) if _may_be_file(match)]
    if rotated and is_folder(path.parent):
        return _matching(path.parent, rotated_forms(path))
    return [path] if _may_be_file(path) else []


def _may_be_file(path: Path) -> bool:
    """Whether it is a file, or may be one for all that anybody may see: then opening it says why it can't be read."""
    mode = _mode(path)
    return mode is None or S_ISREG(mode)


def _is_glob(text: str) -> bool:
    return any(sign in text for sign in "*?[")


def _matching(folder: Path, names: re.Pattern[str]) -> list[Path]:
    try:
        entries = list(folder.iterdir())
    except OSError as error:
        raise ConfigError(f"can't list {folder}: {error.strerror}", "give its reader the right to list it") from error
    wanted = [entry for entry in entries if names.fullmatch(entry.name) and not _NEVER.fullmatch(entry.name)]
    return [entry for entry in wanted if _may_be_file(entry)]


def one_of_each(paths: list[Path]) -> list[Path]:
    """Without the doubles of links, oldest first (the order decides nothing, it only keeps rows in their order)."""
    by_inode: dict[tuple[int, int], tuple[int, Path]] = {}
    closed = []
    for path in paths:
        try:
            found = path.stat()
        except PermissionError:
            closed.append(path)
        except OSError:
            continue
        else:
            by_inode.setdefault((found.st_dev, found.st_ino), (found.st_mtime_ns, path))
    return [*(path for _, path in sorted(by_inode.values())), *dict.fromkeys(closed)]
