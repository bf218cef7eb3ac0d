"""Lines of the v1 form with all keys, about 1.7 kB each, the same ones for the same arguments."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

_START = datetime(2026, 9, 1, tzinfo=UTC)
#: Seconds from one line to the next: ten million of them last 23 days.
_STEP = 0.2
_EMOTIONS = ("happy", "angry", "sad", "afraid", "disgusted", "melancholic", "surprised", "calm")
_WRITERS = tuple(uuid.UUID(int=0x5EED0000000040008000000000000000 + number).hex for number in range(4))
_ALWAYS: dict[str, Any] = {
    "instance": "bench",
    "app_version": "0.1.0",
    "source": "api",
    "hash_key_id": "k1",
    "experiment": "voices",
    "variant": "b",
    "sample_weight": 1.0,
    "attempt": 1,
    "engine": "indextts2",
    "engine_version": "2.0.1",
    "model": "IndexTTS-2",
    "model_version": "2.0",
    "vocoder": "bigvgan",
    "precision": "fp16",
    "gpu_name": "NVIDIA L4",
    "gpu_uuid": "0a1b2c3d",
    "tokenizer": "bpe",
    "sample_rate_hz": 22050,
    "audio_format": "wav",
    "speed": 1.0,
    "gpu_memory_total_bytes": 24696061952,
}


def request(number: int, chance: random.Random) -> dict[str, Any]:
    """The line with this number (0, 1, 2 …), as an object with every key of the v1 form; unknown ones are None."""
    failed = chance.random() < 0.02
    repeat = chance.random() < 0.1
    worker = chance.randrange(len(_WRITERS))
    chars = chance.randint(5, 240)
    synthesis = round(chance.uniform(0.1, 4.0), 4)
    queue = round(chance.uniform(0.0, 0.2), 4)
    emotion = chance.choice(_EMOTIONS)
    strengths: list[float] = [0] * 8
    strengths[_EMOTIONS.index(emotion)] = round(chance.random(), 3)
    return {
        "v": 1,
        "event": "tts.request",
        "ts": (_START + timedelta(seconds=number * _STEP)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "writer_id": _WRITERS[number % len(_WRITERS)],
        "seq": number // len(_WRITERS) + 1,
        "request_id": str(uuid.UUID(int=chance.getrandbits(128))),
        "trace_id": f"{chance.getrandbits(128):032x}",
        **_ALWAYS,
        "client_hash": f"{chance.randrange(500):016x}",
        "session_hash": f"{chance.getrandbits(64):016x}",
        "status": "error" if failed else "ok",
        "fault": "service" if failed else "none",
        "http_status": 500 if failed else 200,
        "error_code": "SYNTH_FAILED" if failed else None,
        "error_stage": "synth" if failed else None,
        "error_type": "RuntimeError" if failed else None,
        "warnings": ["clipped"] if chance.random() < 0.1 else [],
        "device": f"cuda:{worker}",
        "gpu_index": worker,
        "worker": worker,
        "worker_requests": number // len(_WRITERS),
        "language": chance.choice(("zh", "en", "ja", "de")),
        "speaker": chance.choice(("anna", "li", "ref:0011223344556677")),
        "ref_cache_hit": chance.random() < 0.5,
        "text_chars": chars,
        "text_bytes": chars * 3,
        "text_han_chars": chars * 3 // 4,
        "text_digit_chars": chars // 20,
        "text_space_chars": chars // 10,
        "text_tokens": chars + 2,
        "segments": 1 + chars // 100,
        "repeat": repeat,
        "repeat_age_seconds": round(chance.uniform(1, 3600), 3) if repeat else None,
        "emotion": emotion,
        "emotion_mode": "vector",
        "emotion_intensity": round(chance.random(), 3),
        "emotion_vector": strengths,
        "emotion_applied": True,
        "stream": chance.random() < 0.3,
        "audio_seconds": round(chars * 0.21, 4),
        "audio_bytes": chars * 9261,
        "audio_rms_dbfs": round(chance.uniform(-30, -12), 3),
        "silence_ratio": round(chance.random() * 0.3, 4),
        "clipped_ratio": 0.0,
        "queue_seconds": queue,
        "synthesis_seconds": synthesis,
        "encode_seconds": round(synthesis * 0.01, 4),
        "first_audio_seconds": round(queue + synthesis / 3, 4),
        "total_seconds": round(queue + synthesis * 1.02, 4),
        "stage_seconds": {"gpt": round(synthesis * 0.6, 4), "vocoder": round(synthesis * 0.3, 4)},
        "queue_depth": chance.randrange(4),
        "in_flight": 1 + chance.randrange(4),
        "cold_start": False,
        "cache_hit": False,
        "cpu_seconds": round(synthesis * 0.4, 4),
        "rss_bytes": 2_000_000_000 + chance.randrange(10**8),
        "gpu_seconds": round(synthesis * 0.9, 4),
        "gpu_memory_peak_bytes": 5_368_709_120 + chance.randrange(10**8),
        "gpu_memory_used_bytes": 6_442_450_944 + chance.randrange(10**8),
        "gpu_utilization": round(chance.random(), 3),
    }


def encoded(first: int, count: int) -> Iterator[bytes]:
    """The lines `first` to `first + count - 1`, each with its newline."""
    encode = msgspec.json.Encoder().encode
    chance = random.Random(first)  # noqa: S311 (not for secrets)
    for number in range(first, first + count):
        # As the service does, a line leaves out what is null.
        yield encode({key: value for key, value in request(number, chance).items() if value is not None}) + b"\n"


def write(path: Path, first: int, count: int) -> Path:
    """Writes these lines, unless they are there already; a file that was cut short is never left under the name."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb", buffering=1024 * 1024) as file:
            file.writelines(encoded(first, count))
        unfinished.rename(path)
    return path
