"""The laws of a request line (docs/log-format.md): a line that breaks one is loaded and counted. Pure."""

from __future__ import annotations

from typing import Any

_SLACK = 1.01


def breaks_law(line: dict[str, Any]) -> bool:
    """Whether a request breaks at least one law; values of a wrong type count as absent."""
    if _status_breaks(line):
        return True
    synthesis = _number(line.get("synthesis_seconds"))
    if line.get("cache_hit") and "synthesis_seconds" in line and line["synthesis_seconds"] is not None:
        return True
    if _number(line.get("queue_seconds")) + synthesis > _number(line.get("total_seconds")) * _SLACK:
        return True
    if _number(line.get("text_bytes")) < _number(line.get("text_chars")):
        return True
    stages = line.get("stage_seconds")
    return type(stages) is dict and sum(map(_number, stages.values())) > synthesis * _SLACK


def _status_breaks(line: dict[str, Any]) -> bool:
    failed = line.get("error_code") is not None
    at_fault = line.get("fault") != "none"
    if line.get("status") != "ok":
        return not failed or not at_fault
    return failed or at_fault or not (line.get("cache_hit") is True or _number(line.get("audio_seconds")) > 0)


def _number(value: Any) -> float:
    return value if type(value) in (float, int) else 0.0
