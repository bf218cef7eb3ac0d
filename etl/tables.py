"""The tables, as SQLAlchemy sees them on each kind of database; executes nothing.

The two kinds differ in types (docs/schema.md) and in where the primary key lies: PostgreSQL has it on the key of
the line, since a partitioned table's must hold the partition column; SQLite numbers rows only by an INTEGER PRIMARY
KEY, so the key of the line is a unique constraint there (docs/decisions/0003-row-id.md).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.sqlite import REAL
from sqlalchemy.types import TypeEngine

from etl.lines.fields import EVENTS, Field

#: The Alembic revision that this code reads and writes (a test keeps it equal to the newest migration).
REVISION = "0003"

#: The name of a monthly partition on PostgreSQL: its table, year and month.
PARTITION_NAME = re.compile(r"(tts_request|tts_heartbeat|tts_mark)_(\d{4})_(\d\d)")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}

KEY = ("event_day", "writer_id", "seq")

_POSTGRESQL: dict[str, TypeEngine[Any]] = {
    "str": Text(),
    "int": BigInteger(),
    "float": Double(),
    "bool": Boolean(),
    "json": JSONB(),
    "bytes": LargeBinary(),
    "day": Date(),
    "utc": DateTime(timezone=True),
    "local": DateTime(),
}
_SQLITE: dict[str, TypeEngine[Any]] = {
    "str": Text(),
    "int": Integer(),
    "float": REAL(),
    "bool": Integer(),
    "json": Text(),
    "bytes": LargeBinary(),
    "day": Text(),
    "utc": Text(),
    "local": Text(),
}
_JSON_KINDS = ("strings", "floats", "numbers", "objects")

# NOT NULL stands only where a line of an older form has a value too.
_EVENT_HEAD = "event_day:day! local_at:local!"
_EVENT_TAIL = "line_sha256:bytes! stream_id:int! byte_offset:int! extra:json"
_NEVER_NULL = frozenset({"ts", "writer_id", "seq", "status"})

_NUMBERED = {"ingest_stream": "stream_id", "ingest_quarantine": "q_id"}

#: Counters of lines, in ingest_stream and ingest_batch alike.
COUNTERS = (
    "n_ok",
    "n_dup",
    "n_quarantined",
    "n_blank",
    "n_skipped",
    "n_expired",
    "n_erased",
    "n_future",
    "n_law_violations",
)
_COUNTER_COLUMNS = " ".join(f"{name}:int=0" for name in COUNTERS)

_BOOKS = {
    "ingest_source": (
        "source_id:str! timezone:str last_pass_at:utc last_success_at:utc lag_bytes:int oldest_unimported_at:utc "
        "not_ready_archives:int last_error:str watch:str watch_at:utc",
        "source_id",
    ),
    "ingest_stream": (
        "stream_id:int! source_id:str! head_sha256:bytes! head_cut:bool! generation:int! committed:int=0 "
        f"max_seen_size:int=0 {_COUNTER_COLUMNS} n_replayed:int=0 n_prefix_copies:int=0 lost_bytes:int=0 "
        "preamble_sha256:bytes last_path:str last_dev:int last_ino:int first_seen_at:utc! last_advance_at:utc "
        "n_reprocessed:int=0 n_rows_erased:int=0 n_rows_purged:int=0",
        "stream_id",
    ),
    "ingest_day": ("stream_id:int! event_day:day! n_rows:int=0", "stream_id event_day"),
    "ingest_anchor": ("stream_id:int! off:int! win:int! sha256:bytes!", "stream_id off"),
    "ingest_batch": (
        f"stream_id:int! from_off:int! to_off:int! run_id:str! {_COUNTER_COLUMNS} begun_at:utc! committed_at:utc!",
        "stream_id from_off",
    ),
    "ingest_quarantine": (
        "q_id:int! source_id:str! head_sha256:bytes! off:int! len:int! raw_sha256:bytes! raw:bytes! kind:str! "
        "error:str! event_day:day writer_id:str loader_version:str! first_seen_at:utc! attempts:int! status:str! "
        "resolved_at:utc stream_id:int",
        "q_id",
    ),
    "ingest_file_seen": (
        "source_id:str! path:str! dev:int! ino:int! size:int! ctime_ns:int! state:str!",
        "source_id path",
    ),
    "retention_state": ("name:str! purged_before:day!", "name"),
    "erased_key": ("key_hash:bytes! erased_at:utc! event_day:day writer_id:str", "key_hash"),
    "setting": ("name:str! value:str!", "name"),
    "tts_client": ("client_hash:str! customer:str! department:str", "client_hash"),
}


def event_columns(table: str) -> tuple[str, ...]:
    """The columns of an event table that the loader fills, in their order (row_id is the database's)."""
    return tuple(spec[0] for spec in _event_specs(table) if spec[0] != "row_id")


@cache
def metadata(dialect: str) -> MetaData:
    """All tables as the database of this kind (`sqlite` or `postgresql`) has them."""
    result = MetaData(naming_convention=NAMING)
    for event_table, _ in EVENTS.values():
        _event_table(result, event_table, dialect)
    for name, (specs, key) in _BOOKS.items():
        columns = [_column(spec, dialect, key) for spec in map(_spec, specs.split())]
        Table(name, result, *columns, PrimaryKeyConstraint(*key.split()), sqlite_autoincrement=name in _NUMBERED)
    stream, batch, quarantine = (result.tables[f"ingest_{name}"] for name in ("stream", "batch", "quarantine"))
    stream.append_constraint(UniqueConstraint("source_id", "head_sha256", "generation"))
    stream.append_constraint(CheckConstraint("committed >= 0", name="committed"))
    batch.append_constraint(CheckConstraint("to_off > from_off", name="range"))
    quarantine.append_constraint(UniqueConstraint("source_id", "head_sha256", "off", "raw_sha256"))
    return result


def _event_table(result: MetaData, name: str, dialect: str) -> None:
    columns = [_column(spec, dialect) for spec in _event_specs(name)]
    if dialect == "sqlite":
        # AUTOINCREMENT: a number is never used again, also not after a purge.
        table = Table(
            name, result, *columns, PrimaryKeyConstraint("row_id"), UniqueConstraint(*KEY), sqlite_autoincrement=True
        )
    else:
        table = Table(name, result, *columns, PrimaryKeyConstraint(*KEY), postgresql_partition_by="RANGE (event_day)")
    Index(None, table.c.local_at)


def _event_specs(table: str) -> list[tuple[str, str, bool, str | None]]:
    """(name, kind, not null, default) of each column of an event table, in their order."""
    fields = next(fields for name, fields in EVENTS.values() if name == table)
    head = [("row_id", "int", True, None), *map(_spec, _EVENT_HEAD.split())]
    return [*head, *map(_field_spec, fields), *map(_spec, _EVENT_TAIL.split())]


def _field_spec(field: Field) -> tuple[str, str, bool, str | None]:
    kind = "utc" if field.name == "ts" else "json" if field.kind in _JSON_KINDS else field.kind
    return field.name, kind, field.name in _NEVER_NULL, None


def _spec(text: str) -> tuple[str, str, bool, str | None]:
    """`name:kind`, with `!` at the end for NOT NULL, or `=value` for NOT NULL with a default."""
    name, kind = text.split(":")
    kind, _, default = kind.partition("=")
    return name, kind.rstrip("!"), kind.endswith("!") or bool(default), default or None


def _column(spec: tuple[str, str, bool, str | None], dialect: str, key: str = "") -> Column[Any]:
    name, kind, not_null, default = spec
    types = _SQLITE if dialect == "sqlite" else _POSTGRESQL
    numbered = [Identity()] if dialect != "sqlite" and name == key in _NUMBERED.values() else []
    return Column(name, types[kind], *numbered, nullable=not not_null, server_default=default)
