"""The log files on disk that the books know of, and the lines in them that a pattern finds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from etl.errors import ConfigError
from etl.reading import files
from etl.reading.files import LogFile
from etl.store import streams
from etl.store.database import Database

_CHUNK = 4 * 1024 * 1024


def known_files(database: Database, more: Sequence[str] = ()) -> list[Path]:
    """What lies where a file was seen last or at these paths, with what it was rotated to; oldest first.

    Of a folder that nobody may look into the path itself stands for all that may lie there.
    """
    with database.transaction("none") as session:
        named = [*streams.paths(session), *more]
    found: list[Path] = []
    for path in named:
        try:
            found += files.discover([path], rotated=True, may_come=True)
        except ConfigError:
            folder = Path(path).parent
            found += [Path(path)] if files.is_folder(folder) or files.is_closed(folder) else []
    return files.one_of_each(found)


def matching_lines(file: LogFile, pattern: re.Pattern[bytes]) -> int:
    """How many lines of a file match."""
    return sum(1 for part in _whole_lines(file) for line in _candidates(part, pattern) if pattern.search(line))


def _candidates(part: bytes, pattern: re.Pattern[bytes]) -> list[bytes]:
    return part.split(b"\n") if pattern.search(part) else []


def _whole_lines(file: LogFile) -> Iterator[bytes]:
    """The file in parts that end with a line, the last one as it is."""
    rest, offset = b"", 0
    while chunk := file.read(offset, _CHUNK):
        offset += len(chunk)
        whole, newline, rest = (rest + chunk).rpartition(b"\n")
        if newline:
            yield whole
        elif len(rest) > _CHUNK:
            yield rest
            rest = rest[-64 * 1024 :]
    yield rest
