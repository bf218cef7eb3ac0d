"""The figures of a worker's last frame, checked: keys of the log line with values that may stand in it, and no words.

They come from another environment's code: what is not as it should be is left out.
"""

from __future__ import annotations

import math
import re
from typing import Any

from tts_app.worker.vox_worker.names import EMOTIONS, WARNINGS

STAGE = re.compile(r"[a-z][a-z0-9_]{0,31}")
TOKENIZER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
MAX_STAGES = 32
COUNTS = ("segments", "text_tokens", "rss_bytes", "gpu_memory_peak_bytes")
SECONDS = ("cpu_seconds", "gpu_seconds")
FLAGS = ("ref_cache_hit", "emotion_applied")


def checked(header: dict[str, Any]) -> dict[str, Any]:
    """The usable figures of `header`, seconds to a microsecond; `warnings` are among those of the closed set."""
    found: dict[str, Any] = {key: header[key] for key in COUNTS if _is_count(header.get(key))}
    found |= {key: round(header[key], 6) for key in SECONDS if _is_seconds(header.get(key))}
    found |= {key: header[key] for key in FLAGS if isinstance(header.get(key), bool)}
    tokenizer = header.get("tokenizer")
    if isinstance(tokenizer, str) and TOKENIZER.fullmatch(tokenizer):
        found["tokenizer"] = tokenizer
    if (vector := _vector(header.get("emotion_vector"))) is not None:
        found["emotion_vector"] = vector
    if (stages := _stages(header.get("stage_seconds"))) is not None:
        found["stage_seconds"] = stages
    found["warnings"] = _warnings(header)
    return found


def _warnings(header: dict[str, Any]) -> tuple[str, ...]:
    named = header.get("warnings")
    warnings = [code for code in WARNINGS if isinstance(named, list) and code in named]
    if _is_count(header.get("unknown_tokens")) and header["unknown_tokens"] and "unknown_tokens" not in warnings:
        warnings.append("unknown_tokens")
    return tuple(warnings)


def _stages(value: Any) -> dict[str, float] | None:
    if not isinstance(value, dict):
        return None
    usable = [(name, seconds) for name, seconds in value.items() if STAGE.fullmatch(name) and _is_seconds(seconds)]
    return {name: round(seconds, 6) for name, seconds in usable[:MAX_STAGES]} or None


def _vector(value: Any) -> tuple[float, ...] | None:
    if not isinstance(value, list) or len(value) != len(EMOTIONS) or not all(map(_is_seconds, value)):
        return None
    return tuple(round(float(weight), 6) for weight in value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53


def _is_seconds(value: Any) -> bool:
    """Whether `value` is a finite number from 0 on."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
