"""Log lines for the loader's tests: defaults and overrides, nothing random."""

from __future__ import annotations

import json
from typing import Any

WRITER = "0123456789abcdef0123456789abcdef"

_REQUEST: dict[str, Any] = {
    "v": 1,
    "event": "tts.request",
    "ts": "2026-11-20T10:00:00.000000Z",
    "writer_id": WRITER,
    "seq": 1,
    "request_id": "0193f3c5-0000-7000-8000-000000000001",
    "instance": "test",
    "app_version": "0.1.0",
    "source": "api",
    "sample_weight": 1.0,
    "status": "ok",
    "fault": "none",
    "http_status": 200,
    "attempt": 1,
    "engine": "espeak",
    "language": "en",
    "text_chars": 11,
    "text_bytes": 11,
    "emotion": "neutral",
    "emotion_mode": "none",
    "emotion_intensity": 0.0,
    "speed": 1.0,
    "stream": False,
    "audio_seconds": 1.5,
    "queue_seconds": 0.01,
    "synthesis_seconds": 0.2,
    "total_seconds": 0.25,
    "queue_depth": 0,
    "in_flight": 1,
    "cold_start": False,
    "cache_hit": False,
}

#: Every optional key of a request with a value of its own.
FULL: dict[str, Any] = {
    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    "client_hash": "a1b2c3d4e5f60718",
    "session_hash": "b1b2c3d4e5f60718",
    "hash_key_id": "k1",
    "experiment": "voices",
    "variant": "b",
    "warnings": ["clipped", "silent"],
    "engine_version": "1.52",
    "model": "IndexTTS-2",
    "model_version": "2.0",
    "vocoder": "bigvgan",
    "precision": "fp16",
    "device": "cuda:0",
    "gpu_name": "NVIDIA L4",
    "gpu_uuid": "0a1b2c3d",
    "gpu_index": 0,
    "worker": 2,
    "worker_requests": 17,
    "speaker": "zh",
    "ref_cache_hit": True,
    "text_han_chars": 4,
    "text_digit_chars": 2,
    "text_space_chars": 1,
    "text_tokens": 9,
    "tokenizer": "bpe",
    "segments": 1,
    "repeat": True,
    "repeat_age_seconds": 12.5,
    "emotion_vector": [0.5, 0, 0, 0, 0, 0, 0, 0.25],
    "emotion_applied": True,
    "sample_rate_hz": 22050,
    "audio_bytes": 66150,
    "audio_format": "wav",
    "audio_rms_dbfs": -20.5,
    "silence_ratio": 0.1,
    "clipped_ratio": 0.0,
    "encode_seconds": 0.001,
    "first_audio_seconds": 0.2,
    "stage_seconds": {"gpt": 0.1, "vocoder": 0.05},
    "cpu_seconds": 0.3,
    "rss_bytes": 104857600,
    "gpu_seconds": 0.15,
    "gpu_memory_peak_bytes": 5368709120,
    "gpu_memory_used_bytes": 6442450944,
    "gpu_memory_total_bytes": 24696061952,
    "gpu_utilization": 0.6,
}


def request(seq: int = 1, **over: Any) -> dict[str, Any]:
    """A request as an object; a value `...` leaves the key out."""
    found = {**_REQUEST, "seq": seq, **over}
    return {key: value for key, value in found.items() if value is not ...}


def line(seq: int = 1, **over: Any) -> bytes:
    """A request line without its newline."""
    return encode(request(seq, **over))


def heartbeat(seq: int = 1, **over: Any) -> bytes:
    head = {key: _REQUEST[key] for key in ("v", "ts", "writer_id", "instance")}
    gpus = [{"index": 0, "uuid": "0a1b2c3d", "name": "NVIDIA L4", "utilization_mean": 0.5}]
    figures = {"workers_configured": 1, "workers_up": 1, "in_flight": 0, "queue_depth": 0, "uptime_seconds": 1.5}
    return encode({**head, "event": "tts.heartbeat", "seq": seq, **figures, "requests": 3, "gpus": gpus, **over})


def mark(seq: int = 1, **over: Any) -> bytes:
    head = {key: _REQUEST[key] for key in ("v", "ts", "writer_id", "instance")}
    return encode({**head, "event": "tts.mark", "seq": seq, "kind": "release", "label": "0.2.0", **over})


def encode(found: dict[str, Any]) -> bytes:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


def lines(first: int, last: int, **over: Any) -> bytes:
    """The request lines `first` to `last`, each with its newline."""
    return b"".join(line(seq, **over) + b"\n" for seq in range(first, last + 1))
