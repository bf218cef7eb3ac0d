"""Ninety days of lines that end now, of every kind: requests of three instances, heartbeats, marks, broken lines.

The base is a line of bench.lines; what reports group by is spread over it. The same ones for the same arguments.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from bench.lines import request

SPAN = timedelta(days=90)
#: A service writes a heartbeat each 30 seconds: a quarter of a million in 90 days, for a million requests.
REQUESTS_A_HEARTBEAT = 4
_REQUESTS_A_BROKEN_LINE = 5_000
_RELEASE_EVERY = timedelta(days=9)
_INSTANCES = ("studio-1", "studio-2", "studio-3")
_EMOTIONS = ("neutral", "happy", "angry", "sad", "afraid", "disgusted", "melancholic", "surprised", "calm")
_ENGINES: tuple[dict[str, Any], ...] = (
    {"engine": "indextts2", "model": "IndexTTS-2", "model_version": "2.0", "vocoder": "bigvgan"},
    {"engine": "indextts2", "model": "IndexTTS-2", "model_version": "2.1", "vocoder": "bigvgan_v2"},
    {"engine": "cosyvoice", "model": "CosyVoice2-0.5B", "model_version": "2.0", "vocoder": "hifigan"},
    {"engine": "espeak", "model": None, "model_version": None, "vocoder": None, "gpu_name": None, "gpu_seconds": None},
)
_FAILURES = (
    ("error", "service", "OOM_GPU", "synth"),
    ("error", "client", "EMPTY_TEXT", "validate"),
    ("rejected", "service", "QUEUE_FULL", "admit"),
    ("timeout", "service", "SYNTH_TIMEOUT", "synth"),
    ("cancelled", "cancelled", "CANCELLED", "deliver"),
)
_NOT_MEASURED = ("audio_seconds", "synthesis_seconds", "first_audio_seconds", "stage_seconds", "gpu_seconds")
_WRITERS = {name: uuid.UUID(int=0x5EED1000000040008000000000000000 + n).hex for n, name in enumerate(_INSTANCES)}
# Marks come from a command, a process of its own.
_MARKER = uuid.UUID(int=0x5EED2000000040008000000000000000).hex


def write(path: Path, count: int, until: datetime) -> Path:
    """Writes `count` requests and all that belongs to them, in the order of time; `until` is UTC."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb", buffering=1024 * 1024) as file:
        file.writelines(_encoded(count, until))
    return path


def _encoded(count: int, until: datetime) -> Iterator[bytes]:
    encode = msgspec.json.Encoder().encode
    seqs: dict[str, int] = {}
    for line in _lines(count, until):
        if line is None:
            yield b'{"v":1,"event":"tts.request","ts":"yesterday"}\n'
            continue
        writer = line["writer_id"]
        seqs[writer] = line["seq"] = seqs.get(writer, 0) + 1
        yield encode({key: value for key, value in line.items() if value is not None}) + b"\n"


def _lines(count: int, until: datetime) -> Iterator[dict[str, Any] | None]:
    """Each line without its number; None is a broken one."""
    chance = random.Random(count)  # noqa: S311 (not for secrets)
    release = until - SPAN
    served = dict.fromkeys(_INSTANCES, 0)
    for number in range(count):
        ts = until - SPAN + SPAN * (number + 0.5) / count
        if ts >= release:
            yield from _marks(ts, release)
            release += _RELEASE_EVERY
        if number % _REQUESTS_A_BROKEN_LINE == _REQUESTS_A_BROKEN_LINE - 1:
            yield None
        if number % REQUESTS_A_HEARTBEAT == 0:
            instance = _INSTANCES[number // REQUESTS_A_HEARTBEAT % len(_INSTANCES)]
            yield _heartbeat(ts, instance, served[instance], chance)
        line = _request(number, ts, number / count, chance)
        served[line["instance"]] += 1
        yield line


def _request(number: int, ts: datetime, part: float, chance: random.Random) -> dict[str, Any]:
    """A request at `ts`, `part` of the way from the first day to the last."""
    instance = chance.choices(_INSTANCES, (6, 3, 1))[0]
    chars = min(max(round(chance.lognormvariate(3.9, 0.85)), 2), 1800)
    audio = chars * 0.21 * chance.uniform(0.85, 1.2) * (4 if chance.random() < 0.004 else 1)
    synthesis = (0.3 + 0.35 * audio) * chance.lognormvariate(0, 0.16)
    queue = chance.expovariate(4)
    line = {
        **request(number, chance),
        **chance.choices(_ENGINES, (5, 3, 2, 1))[0],
        "ts": _utc(ts),
        "writer_id": _WRITERS[instance],
        "instance": instance,
        "source": chance.choices(("api", "openai", "webui", "batch"), (5, 3, 1, 1))[0],
        # New clients come all the time, and a few make most of the calls.
        "client_hash": f"{int((200 + 3000 * part) * chance.random() ** 2):016x}",
        "experiment": "vocoder" if part > 0.5 else None,
        "variant": chance.choice("ab") if part > 0.5 else None,
        "emotion": chance.choices(_EMOTIONS, (40, 14, 5, 7, 3, 2, 4, 7, 12))[0],
        "sample_weight": 1.0 if chance.random() < 0.9 else 5.0,
        "language": chance.choices(("zh", "en", "ja", "ko"), (6, 2, 1, 1))[0],
        "speaker": f"voice-{chance.randrange(24)}",
        "text_chars": chars,
        "text_bytes": chars * 3,
        "text_tokens": chars + 2,
        "stream": chance.random() < 0.3,
        "cold_start": chance.random() < 0.004,
        "audio_seconds": round(audio, 4),
        "queue_seconds": round(queue, 6),
        "synthesis_seconds": round(synthesis, 6),
        "stage_seconds": {"gpt": round(synthesis * 0.6, 4), "vocoder": round(synthesis * 0.3, 4)},
        "first_audio_seconds": round(queue + synthesis / 3, 6),
        "total_seconds": round(queue + synthesis * 1.02, 6),
        "warnings": [chance.choice(("silent", "clipped", "mel_truncated"))] if chance.random() < 0.01 else [],
    }
    if chance.random() < 0.03:
        status, fault, code, stage = chance.choice(_FAILURES)
        line |= dict.fromkeys(_NOT_MEASURED)
        line |= {"status": status, "fault": fault, "error_code": code, "error_stage": stage}
    else:
        line |= {"status": "ok", "fault": "none", "error_code": None, "error_stage": None, "error_type": None}
    return line


def _heartbeat(ts: datetime, instance: str, served: int, chance: random.Random) -> dict[str, Any]:
    gpus = [
        {
            "index": index,
            "uuid": f"{instance[-1]}{index}b2c3d4",
            "name": "NVIDIA L4",
            "utilization_mean": round(chance.random(), 3),
            "memory_used_bytes": 9_000_000_000 + chance.randrange(10**9),
            "memory_total_bytes": 24_696_061_952,
        }
        for index in range(2)
    ]
    return {
        "v": 1,
        "event": "tts.heartbeat",
        "ts": _utc(ts),
        "writer_id": _WRITERS[instance],
        "seq": 0,
        "instance": instance,
        "workers_configured": 2,
        "workers_up": 2,
        "in_flight": chance.randrange(3),
        "queue_depth": chance.randrange(4),
        "uptime_seconds": 1.0,
        "requests": served,
        "sampled_out": 0,
        "failed_writes": 0,
        "rss_bytes": 6_000_000_000,
        "gpus": gpus,
    }


def _marks(ts: datetime, release: datetime) -> Iterator[dict[str, Any]]:
    """A release of each instance."""
    for instance in _INSTANCES:
        yield {
            "v": 1,
            "event": "tts.mark",
            "ts": _utc(ts),
            "writer_id": _MARKER,
            "seq": 0,
            "instance": instance,
            "kind": "release",
            "label": f"{release:%Y.%m.%d}",
        }


def _utc(ts: datetime) -> str:
    return ts.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
