"""`tts-etl erase`: the rows of a client or of a request go for good, quarantine too (etl.md, D12)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from etl.errors import ConfigError
from etl.lines.moments import utc_text
from etl.reading.files import NotReady, opened
from etl.store import erasing, held
from etl.store.database import Database, Session
from etl.upkeep import copies

_HASH = re.compile(r"[0-9a-f]{16,64}")


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

    Raises ConfigError for an empty value, SchemaError.
    """
    if not target.value.strip():
        raise ConfigError("there is nothing to look for", "--client-hash or --request-id, as it stands in the row")
    database.require_schema()
    if dry_run:
        with database.transaction("none") as session:
            found = erasing.rows_with(session, target.column, target.value)
            return found, len(_lines_of(session, target))
    erasing.overwrite_freed_pages(database)
    rows = {table: _erase_rows(database, table, target, utc_text(now)) for table in erasing.tables_with(target.column)}
    with database.exclusive() as session:
        numbers = _lines_of(session, target)
        for q_id in numbers:
            held.erase(session, q_id, utc_text(now))
    erasing.empty_journal(database)
    return rows, len(numbers)


def remaining_copies(
    database: Database, target: Target, more: tuple[str, ...], kept_for: timedelta | None
) -> list[Copy]:
    """The log files on disk that still hold lines of the target, read to their end."""
    pattern = target.pattern()
    return [copy for path in copies.known_files(database, more) if (copy := _copy(path, pattern, kept_for)) is not None]


def _copy(path: Path, pattern: re.Pattern[bytes], kept_for: timedelta | None) -> Copy | None:
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
    return Copy(str(path), lines, None if kept_for is None else utc_text(changed + kept_for))


def _erase_rows(database: Database, table: str, target: Target, now: str) -> int:
    total, done = 0, erasing.CHUNK_ROWS
    while done == erasing.CHUNK_ROWS:
        with database.exclusive() as session:
            done = erasing.erase_chunk(session, table, (target.column, target.value), now)
        total += done
    return total


def _lines_of(session: Session, target: Target) -> list[int]:
    """The numbers of the lines in quarantine that name the target."""
    pattern = target.pattern()
    found = [one for form in target.forms() for one in held.containing(session, form)]
    return sorted({q_id for q_id, raw in found if pattern.search(raw)})
