"""What the loader says about itself (etl.md, D16)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from etl.lines.moments import utc_text
from etl.store import figures, sources
from etl.store.database import Database
from etl.store.figures import SourceFigures

#: A watch writes its books at least every 10 s; one that hasn't for so long is off.
_WATCH_SECONDS = 60


def status(database: Database, now: datetime) -> dict[str, Any]:
    """The report time zone and each source's figures; moments RFC 3339, unknown None. Raises SchemaError."""
    database.require_schema()
    with database.transaction("snapshot") as session:
        gaps = figures.gaps(session, exact=False)
        return {
            "report_timezone": sources.report_timezone(session),
            "sources": [
                _shown(found, sum(gaps.get(found.source_id, {}).values()), now) for found in figures.sources(session)
            ],
        }


def live(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """The sources that an import or a watch looks after; all of them where none ever did.

    A backfill loads archives and looks at no live log, so it is no pass and no success: `last_pass_at` stays None, and
    a source that only backfills fill has nothing to be behind with.
    """
    passed: list[dict[str, Any]] = [source for source in shown["sources"] if source["last_pass_at"] is not None]
    return passed or list(shown["sources"])


def lags(shown: dict[str, Any], limit: timedelta, now: datetime) -> list[str]:
    """The live sources whose oldest unread byte, or whose last successful pass, is older than the limit."""
    late = []
    for source in live(shown):
        waiting = source["oldest_unimported_seconds"]
        success = source["last_success_at"]
        silent = success is None or now - datetime.fromisoformat(success) > limit
        if silent or (waiting is not None and waiting > limit.total_seconds()):
            late.append(source["source_id"])
    return late


def _shown(found: SourceFigures, gaps: int, now: datetime) -> dict[str, Any]:
    row = found.row
    return {
        "source_id": found.source_id,
        "timezone": row["timezone"],
        "lag_bytes": row["lag_bytes"],
        "oldest_unimported_seconds": _waiting(row, now),
        "last_pass_at": _text(row["last_pass_at"]),
        "last_success_at": _text(row["last_success_at"]),
        "last_error": row["last_error"],
        "lines": found.lines,
        "streams": found.streams,
        "archives_not_ready": row["not_ready_archives"],
        "possible_loss_bytes": found.possible_loss_bytes,
        "seq_gap_lines": gaps,
        "watch": _watch(row, now),
    }


def _waiting(row: dict[str, Any], now: datetime) -> float | None:
    """How long the oldest unread byte waits: 0 if nothing does, None before the first pass."""
    if row["lag_bytes"] == 0:
        return 0.0
    oldest = _moment(row["oldest_unimported_at"])
    return None if oldest is None else max(round((now - oldest).total_seconds(), 3), 0.0)


def _watch(row: dict[str, Any], now: datetime) -> str:
    at = _moment(row["watch_at"])
    if row["watch"] is None or at is None or (now - at).total_seconds() > _WATCH_SECONDS:
        return "off"
    return str(row["watch"])


def _moment(value: Any) -> datetime | None:
    """SQLite keeps moments as text, PostgreSQL gives datetimes."""
    if value is None or isinstance(value, datetime):
        return value
    return datetime.fromisoformat(str(value)).astimezone(UTC)


def _text(value: Any) -> str | None:
    moment = _moment(value)
    return None if moment is None else utc_text(moment)
