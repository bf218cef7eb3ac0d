"""Rows of each stream by day, what went from them, and which stream a quarantined line belongs to."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EVENT_TABLES = ("tts_request", "tts_heartbeat", "tts_mark")
NUMBERS = ("n_reprocessed", "n_rows_erased", "n_rows_purged")


def upgrade() -> None:
    big, day = types()
    op.create_table(
        "ingest_day",
        sa.Column("stream_id", big, nullable=False),
        sa.Column("event_day", day, nullable=False),
        sa.Column("n_rows", big, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("stream_id", "event_day", name="pk_ingest_day"),
    )
    for name in NUMBERS:
        op.add_column("ingest_stream", sa.Column(name, big, nullable=False, server_default="0"))
    op.add_column("ingest_quarantine", sa.Column("stream_id", big))
    op.add_column("erased_key", sa.Column("event_day", day))
    op.add_column("erased_key", sa.Column("writer_id", sa.Text()))
    fill()


def types() -> tuple[Any, Any]:
    if op.get_bind().dialect.name == "sqlite":
        return sa.Integer(), sa.Text()
    return sa.BigInteger(), sa.Date()


def fill() -> None:
    """Counts the rows that there are; what is missing of those loaded, only a purge can have taken."""
    union = " UNION ALL ".join(f"SELECT stream_id, event_day FROM {table}" for table in EVENT_TABLES)  # noqa: S608
    op.execute(
        "INSERT INTO ingest_day (stream_id, event_day, n_rows) "  # noqa: S608
        f"SELECT stream_id, event_day, COUNT(*) FROM ({union}) AS e GROUP BY stream_id, event_day"
    )
    op.execute(
        "UPDATE ingest_stream SET n_rows_purged = n_ok + n_replayed - COALESCE((SELECT SUM(n_rows) FROM ingest_day "
        "WHERE ingest_day.stream_id = ingest_stream.stream_id), 0)"
    )
    # Which of several streams with one head a line came from was not kept; of a single one it is clear.
    op.execute(
        "UPDATE ingest_quarantine SET stream_id = (SELECT CASE WHEN COUNT(*) = 1 THEN MIN(s.stream_id) END FROM "
        "ingest_stream AS s WHERE s.source_id = ingest_quarantine.source_id "
        "AND s.head_sha256 = ingest_quarantine.head_sha256)"
    )


def downgrade() -> None:
    op.drop_column("erased_key", "writer_id")
    op.drop_column("erased_key", "event_day")
    op.drop_column("ingest_quarantine", "stream_id")
    for name in NUMBERS:
        op.drop_column("ingest_stream", name)
    op.drop_table("ingest_day")
