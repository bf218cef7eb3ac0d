"""The first schema: events, the loader's books, settings and the view tts_logs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.sqlite import REAL

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A copy of what etl.tables held on the day of this migration: `name:kind`, `!` for NOT NULL, `=0` for a default.
EVENTS = {
    "tts_request": """
        row_id:int! event_day:day! local_at:local! ts:utc! writer_id:str! seq:int! request_id:str trace_id:str
        instance:str app_version:str source:str client_hash:str session_hash:str hash_key_id:str
        experiment:str variant:str sample_weight:float status:str! fault:str http_status:int error_code:str
        error_stage:str error_type:str warnings:json attempt:int engine:str engine_version:str model:str
        model_version:str vocoder:str precision:str device:str gpu_name:str gpu_uuid:str gpu_index:int
        worker:int worker_requests:int language:str speaker:str ref_cache_hit:bool text_chars:int
        text_bytes:int text_han_chars:int text_digit_chars:int text_space_chars:int text_tokens:int
        tokenizer:str segments:int repeat:bool repeat_age_seconds:float emotion:str emotion_mode:str
        emotion_intensity:float emotion_vector:json emotion_applied:bool speed:float stream:bool
        audio_seconds:float sample_rate_hz:int audio_bytes:int audio_format:str audio_rms_dbfs:float
        silence_ratio:float clipped_ratio:float queue_seconds:float synthesis_seconds:float
        encode_seconds:float first_audio_seconds:float total_seconds:float stage_seconds:json queue_depth:int
        in_flight:int cold_start:bool cache_hit:bool cpu_seconds:float rss_bytes:int gpu_seconds:float
        gpu_memory_peak_bytes:int gpu_memory_used_bytes:int gpu_memory_total_bytes:int gpu_utilization:float
        line_sha256:bytes! stream_id:int! byte_offset:int! extra:json
    """,
    "tts_heartbeat": """
        row_id:int! event_day:day! local_at:local! ts:utc! writer_id:str! seq:int! instance:str
        workers_configured:int workers_up:int in_flight:int queue_depth:int uptime_seconds:float requests:int
        sampled_out:int failed_writes:int rss_bytes:int gpus:json line_sha256:bytes! stream_id:int!
        byte_offset:int! extra:json
    """,
    "tts_mark": """
        row_id:int! event_day:day! local_at:local! ts:utc! writer_id:str! seq:int! instance:str kind:str
        label:str line_sha256:bytes! stream_id:int! byte_offset:int! extra:json
    """,
}
BOOKS = {
    "ingest_source": (
        """
        source_id:str! timezone:str last_pass_at:utc last_success_at:utc lag_bytes:int
        oldest_unimported_at:utc not_ready_archives:int last_error:str watch:str watch_at:utc
        """,
        "source_id",
    ),
    "ingest_stream": (
        """
        stream_id:int! source_id:str! head_sha256:bytes! head_cut:bool! generation:int! committed:int=0
        max_seen_size:int=0 n_ok:int=0 n_dup:int=0 n_quarantined:int=0 n_blank:int=0 n_skipped:int=0
        n_expired:int=0 n_erased:int=0 n_future:int=0 n_law_violations:int=0 n_replayed:int=0
        n_prefix_copies:int=0 lost_bytes:int=0 preamble_sha256:bytes last_path:str last_dev:int last_ino:int
        first_seen_at:utc! last_advance_at:utc
        """,
        "stream_id",
    ),
    "ingest_anchor": (
        """
        stream_id:int! off:int! win:int! sha256:bytes!
        """,
        "stream_id off",
    ),
    "ingest_batch": (
        """
        stream_id:int! from_off:int! to_off:int! run_id:str! n_ok:int=0 n_dup:int=0 n_quarantined:int=0
        n_blank:int=0 n_skipped:int=0 n_expired:int=0 n_erased:int=0 n_future:int=0 n_law_violations:int=0
        begun_at:utc! committed_at:utc!
        """,
        "stream_id from_off",
    ),
    "ingest_quarantine": (
        """
        q_id:int! source_id:str! head_sha256:bytes! off:int! len:int! raw_sha256:bytes! raw:bytes! kind:str!
        error:str! event_day:day writer_id:str loader_version:str! first_seen_at:utc! attempts:int!
        status:str! resolved_at:utc
        """,
        "q_id",
    ),
    "ingest_file_seen": (
        """
        source_id:str! path:str! dev:int! ino:int! size:int! ctime_ns:int! state:str!
        """,
        "source_id path",
    ),
    "retention_state": (
        """
        name:str! purged_before:day!
        """,
        "name",
    ),
    "erased_key": (
        """
        key_hash:bytes! erased_at:utc!
        """,
        "key_hash",
    ),
    "setting": (
        """
        name:str! value:str!
        """,
        "name",
    ),
}
KEY = ("event_day", "writer_id", "seq")
NUMBERED = {"ingest_stream": "stream_id", "ingest_quarantine": "q_id"}

POSTGRESQL: dict[str, Any] = {
    "str": sa.Text(),
    "int": sa.BigInteger(),
    "float": sa.Double(),
    "bool": sa.Boolean(),
    "json": JSONB(),
    "bytes": sa.LargeBinary(),
    "day": sa.Date(),
    "utc": sa.DateTime(timezone=True),
    "local": sa.DateTime(),
}
SQLITE: dict[str, Any] = {
    "str": sa.Text(),
    "int": sa.Integer(),
    "float": REAL(),
    "bool": sa.Integer(),
    "json": sa.Text(),
    "bytes": sa.LargeBinary(),
    "day": sa.Text(),
    "utc": sa.Text(),
    "local": sa.Text(),
}

VIEW = """
CREATE VIEW tts_logs (id, timestamp, text_length, emotion, response_time, success) AS
SELECT row_id, {timestamp}, text_chars, emotion, total_seconds, CASE WHEN status = 'ok' THEN 1 ELSE 0 END
FROM tts_request
"""
TIMESTAMP = {
    "sqlite": "replace(substr(local_at, 1, 19), 'T', ' ')",
    "postgresql": "date_trunc('second', local_at)",
}
REFUSAL = "tts_logs is read-only: use tts-etl purge"


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for name, specs in EVENTS.items():
        create_event_table(name, specs, dialect)
    for name, (specs, key) in BOOKS.items():
        columns = [column(spec, dialect, NUMBERED.get(name)) for spec in specs.split()]
        op.create_table(
            name,
            *columns,
            sa.PrimaryKeyConstraint(*key.split(), name=f"pk_{name}"),
            *checks_and_keys(name),
            sqlite_autoincrement=name in NUMBERED,
        )
    op.execute(VIEW.format(timestamp=TIMESTAMP[dialect]))
    if dialect == "sqlite":
        refuse_changes_on_sqlite()
    else:
        refuse_changes_on_postgresql()


def create_event_table(name: str, specs: str, dialect: str) -> None:
    columns = [column(spec, dialect, None) for spec in specs.split()]
    if dialect == "sqlite":
        op.create_table(
            name,
            *columns,
            sa.PrimaryKeyConstraint("row_id", name=f"pk_{name}"),
            sa.UniqueConstraint(*KEY, name=f"uq_{name}_event_day_writer_id_seq"),
            sqlite_autoincrement=True,
        )
    else:
        key = sa.PrimaryKeyConstraint(*KEY, name=f"pk_{name}")
        op.create_table(name, *columns, key, postgresql_partition_by="RANGE (event_day)")
        # Not an identity column: PostgreSQL before 17 has none on a partitioned table.
        op.execute(f"CREATE SEQUENCE {name}_row_id_seq OWNED BY {name}.row_id")
        op.execute(f"ALTER TABLE {name} ALTER COLUMN row_id SET DEFAULT nextval('{name}_row_id_seq')")
    op.create_index(f"ix_{name}_local_at", name, ["local_at"])


def checks_and_keys(name: str) -> list[sa.Constraint]:
    found: dict[str, list[sa.Constraint]] = {
        "ingest_stream": [
            sa.UniqueConstraint(
                "source_id",
                "head_sha256",
                "generation",
                name="uq_ingest_stream_source_id_head_sha256_generation",
            ),
            sa.CheckConstraint("committed >= 0", name="ck_ingest_stream_committed"),
        ],
        "ingest_batch": [sa.CheckConstraint("to_off > from_off", name="ck_ingest_batch_range")],
        "ingest_quarantine": [
            sa.UniqueConstraint(
                "source_id",
                "head_sha256",
                "off",
                "raw_sha256",
                name="uq_ingest_quarantine_source_id_head_sha256_off_raw_sha256",
            )
        ],
    }
    return found.get(name, [])


def column(spec: str, dialect: str, numbered: str | None) -> sa.Column[Any]:
    name, kind = spec.split(":")
    kind, _, default = kind.partition("=")
    types = SQLITE if dialect == "sqlite" else POSTGRESQL
    identity = [sa.Identity()] if dialect == "postgresql" and name == numbered else []
    return sa.Column(
        name,
        types[kind.rstrip("!")],
        *identity,
        nullable=not (kind.endswith("!") or default),
        server_default=default or None,
    )


def refuse_changes_on_sqlite() -> None:
    for verb in ("INSERT", "UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER tts_logs_{verb.lower()} INSTEAD OF {verb} ON tts_logs "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )


def refuse_changes_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION tts_logs_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER tts_logs_refuse INSTEAD OF INSERT OR UPDATE OR DELETE ON tts_logs "
        "FOR EACH ROW EXECUTE FUNCTION tts_logs_refuse()"
    )


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.execute("DROP VIEW tts_logs")
    if dialect == "postgresql":
        op.execute("DROP FUNCTION tts_logs_refuse()")
    for name in (*BOOKS, *EVENTS):
        op.drop_table(name)
