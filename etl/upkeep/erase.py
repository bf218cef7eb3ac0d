"""`tts-etl erase`: the rows of a client or of a request go for good, quarantine too (etl.md, D12)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from etl.errors import ConfigError
from etl.lines.moments import utc_text
from etl.reading.files import NotReady, opened
from etl.store import erasing, held, labels
from etl.store.database import Database, Session
from etl.store.held import Held
from etl.upkeep import copies

_HASH = re.compile(r"[0-9a-f]{16,64}")

#: How long after its last change a log file is kept at most, None where nobody told.
KeptFor = Callable[[Path], timedelta | None]


@dataclass(frozen=True, slots=True)
class Target:
    """Whose rows: the column and its value."""

    column: Literal["client_hash", "request_id"]
    value: str

    def pattern(self) -> re.Pattern[bytes]:
        """Finds it in the bytes of a line, also of a broken one: a hash anywhere, a client's own id behind its key."""
        if self.column == "client_hash" and _HASH.fullmatch(self.value):
            return re.compile(re.escape(self.value.encode()))
        forms = b"|".join(re.escape(form) for form in self.forms())
        return re.compile(b'"%s"\\s*:\\s*"(?:%s)"' % (self.column.encode(), forms))

    def forms(self) -> list[bytes]:
        """The value as JSON may write it, without the quotes."""
        both = (json.dumps(self.value, ensure_ascii=ascii_only)[1:-1] for ascii_only in (False, True))
        return sorted({text.encode("utf-8", "surrogatepass") for text in both})


@dataclass(frozen=True, slots=True)
class Copy:
    """A file that still holds such lines; `expires_at` is RFC 3339, None where nobody said how long files are kept.

    Of a file that can't be read (`lines` None) nobody can say.
    """

    path: str
    lines: int | None
    expires_at: str | None


@dataclass(frozen=True, slots=True)
class Erased:
    """What went, or with a dry run would go, and where it remains."""

    rows: dict[str, int]
    quarantined: int
    copies: list[Copy]
    dry_run: bool


def erase(database: Database, target: Target, now: datetime, *, dry_run: bool) -> tuple[dict[str, int], int]:
    """Erases the rows and lines of a target; returns the rows of each table, and the lines in quarantine.

    With a client go the names that it was given. Raises ConfigError for an empty value, SchemaError.
    """
    if not target.value.strip() or "\0" in target.value:
        raise ConfigError("there is nothing to look for", "--client-hash or --request-id, as it stands in the row")
    database.require_schema()
    of_client = target.column == "client_hash"
    if dry_run:
        with database.transaction("none") as session:
            found = erasing.rows_with(session, target.column, target.value)
            named = {"tts_client": labels.count(session, target.value)} if of_client else {}
            return {**found, **named}, len(_lines_of(session, target))
    erasing.overwrite_freed_pages(database)
    rows = {table: _erase_rows(database, table, target, utc_text(now)) for table in erasing.tables_with(target.column)}
    with database.exclusive() as session:
        if of_client:
            rows["tts_client"] = labels.remove(session, target.value)
        lines = _lines_of(session, target)
        for line in lines:
            held.erase(session, line.q_id, utc_text(now), _key(line))
    erasing.empty_journal(database)
    return rows, len(lines)


def remaining_copies(database: Database, target: Target, more: tuple[str, ...], kept_for: KeptFor) -> list[Copy]:
    """The log files on disk that still hold lines of the target, read to their end."""
    pattern = target.pattern()
    return [copy for path in copies.known_files(database, more) if (copy := _copy(path, pattern, kept_for)) is not None]


def _copy(path: Path, pattern: re.Pattern[bytes], kept_for: KeptFor) -> Copy | None:
    try:
        with opened(path) as file:
            changed = datetime.fromtimestamp(file.stat.mtime_ns / 1e9, UTC)
            lines = None if isinstance(file, NotReady) else copies.matching_lines(file, pattern)
    except FileNotFoundError:
        return None
    except OSError:
        return Copy(str(path), None, None)
    if lines == 0:
        return None
    age = kept_for(path)
    return Copy(str(path), lines, None if age is None else utc_text(changed + age))


def _erase_rows(database: Database, table: str, target: Target, now: str) -> int:
    total, done = 0, erasing.CHUNK_ROWS
    while done == erasing.CHUNK_ROWS:
        with database.exclusive() as session:
            done = erasing.erase_chunk(session, table, (target.column, target.value), now)
        total += done
    return total


def _lines_of(session: Session, target: Target) -> list[Held]:
    """The lines in quarantine that name the target, by their numbers."""
    pattern = target.pattern()
    found = [line for form in target.forms() for line in held.containing(session, form)]
    matching = {line.q_id: line for line in found if pattern.search(line.raw)}
    return [matching[q_id] for q_id in sorted(matching)]


def _key(line: Held) -> tuple[str, str, int] | None:
    """The key that a version which can read the line would give it, None where it tells none or another line has it."""
    if line.event_day is None or line.writer_id is None or line.kind == "key_conflict":
        return None
    try:
        seq = json.loads(line.raw)["seq"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return (line.event_day, line.writer_id, seq) if type(seq) is int else None
