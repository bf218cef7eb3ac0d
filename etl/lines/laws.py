"""The laws of a request line (docs/log-format.md): a line that breaks one is loaded and counted. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

_SLACK = 1.01


class Lawful(NamedTuple):
    """What the laws are about; a number that is unknown is None, and 0 to the laws."""

    status: object
    fault: object
    error_code: object
    cache_hit: object
    audio_seconds: float | None
    synthesis_seconds: float | None
    queue_seconds: float | None
    total_seconds: float | None
    text_bytes: float | None
    text_chars: float | None
    stage_seconds: float | None


def breaks_law(line: dict[str, Any]) -> bool:
    """Whether a request breaks at least one law; values of a wrong type count as absent."""
    if line.get("cache_hit") and line.get("synthesis_seconds") is not None:
        return True
    stages = line.get("stage_seconds")
    seconds = None
    if type(stages) is dict:
        seconds = sum(number for number in map(_number, stages.values()) if number is not None)
    status = map(line.get, Lawful._fields[:4])
    return breaks((*status, *map(_number, map(line.get, Lawful._fields[4:10])), seconds))


def breaks(found: tuple[Any, ...]) -> bool:
    """Whether the values of a Lawful, of the right types, break at least one law; `stage_seconds` is a sum."""
    status, fault, error_code, cache_hit, audio, synthesis, queue, total, size, chars, stages = found
    if status == "ok":
        if error_code is not None or fault != "none" or not (cache_hit is True or (audio or 0) > 0):
            return True
    elif error_code is None or fault == "none":
        return True
    return (
        (cache_hit is True and synthesis is not None)
        or (queue or 0) + (synthesis or 0) > (total or 0) * _SLACK
        or (size or 0) < (chars or 0)
        or (stages is not None and stages > (synthesis or 0) * _SLACK)
    )


def _number(value: Any) -> float | None:
    return value if type(value) in (float, int) else None
