"""The keys of the log line, version 1: name, kind of value, and whether a line must have it.

One list for the decoder (etl.lines.records) and the tables (etl.tables), so that they can't differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["str", "int", "float", "bool", "strings", "floats", "numbers", "objects"]


@dataclass(frozen=True, slots=True)
class Field:
    """A key of the line: `numbers` is an object of numbers, `objects` a list of objects."""

    name: str
    kind: Kind
    required: bool


def _fields(kind: Kind, names: str) -> list[Field]:
    """Fields of one kind; a name with `!` at its end must be in the line."""
    return [Field(name.rstrip("!"), kind, name.endswith("!")) for name in names.split()]


HEAD = (*_fields("str", "ts! writer_id!"), *_fields("int", "seq!"))

REQUEST = (
    *HEAD,
    *_fields("str", "request_id! trace_id instance! app_version! source! client_hash session_hash hash_key_id"),
    *_fields("str", "experiment variant"),
    *_fields("float", "sample_weight!"),
    *_fields("str", "status! fault!"),
    *_fields("int", "http_status"),
    *_fields("str", "error_code error_stage error_type"),
    *_fields("strings", "warnings"),
    *_fields("int", "attempt!"),
    *_fields("str", "engine! engine_version model model_version vocoder precision device gpu_name gpu_uuid"),
    *_fields("int", "gpu_index worker worker_requests"),
    *_fields("str", "language! speaker"),
    *_fields("bool", "ref_cache_hit"),
    *_fields("int", "text_chars! text_bytes! text_han_chars text_digit_chars text_space_chars text_tokens"),
    *_fields("str", "tokenizer"),
    *_fields("int", "segments"),
    *_fields("bool", "repeat"),
    *_fields("float", "repeat_age_seconds"),
    *_fields("str", "emotion! emotion_mode!"),
    *_fields("float", "emotion_intensity!"),
    *_fields("floats", "emotion_vector"),
    *_fields("bool", "emotion_applied"),
    *_fields("float", "speed!"),
    *_fields("bool", "stream!"),
    *_fields("float", "audio_seconds"),
    *_fields("int", "sample_rate_hz audio_bytes"),
    *_fields("str", "audio_format"),
    *_fields("float", "audio_rms_dbfs silence_ratio clipped_ratio"),
    *_fields("float", "queue_seconds synthesis_seconds encode_seconds first_audio_seconds total_seconds!"),
    *_fields("numbers", "stage_seconds"),
    *_fields("int", "queue_depth! in_flight!"),
    *_fields("bool", "cold_start! cache_hit!"),
    *_fields("float", "cpu_seconds"),
    *_fields("int", "rss_bytes"),
    *_fields("float", "gpu_seconds"),
    *_fields("int", "gpu_memory_peak_bytes gpu_memory_used_bytes gpu_memory_total_bytes"),
    *_fields("float", "gpu_utilization"),
)

HEARTBEAT = (
    *HEAD,
    *_fields("str", "instance!"),
    *_fields("int", "workers_configured workers_up in_flight queue_depth"),
    *_fields("float", "uptime_seconds"),
    *_fields("int", "requests sampled_out failed_writes rss_bytes"),
    *_fields("objects", "gpus"),
)

MARK = (*HEAD, *_fields("str", "instance! kind! label"))

#: The table that takes the lines of an event, and the fields of such a line.
EVENTS: dict[str, tuple[str, tuple[Field, ...]]] = {
    "tts.request": ("tts_request", REQUEST),
    "tts.heartbeat": ("tts_heartbeat", HEARTBEAT),
    "tts.mark": ("tts_mark", MARK),
}
