"""How Redash (25.1 and later) makes a state of a result, and when it tells those who subscribed. Pure."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from redash.data.database import Result, Value
from redash.specs.alerts import Alert

#: `stuck`: what can't be compared ends the job of Redash's worker, and the alert keeps the state that it had.
State = Literal["ok", "triggered", "unknown", "stuck"]

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_EQUALITY = ("==", "!=")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state that a result stands for, and the value that was compared (None where there was none)."""

    state: State
    value: Value = None


@dataclass(frozen=True, slots=True)
class Memory:
    """What Redash remembers of an alert between two looks."""

    state: State = "unknown"
    told_at: datetime | None = None


def verdict(alert: Alert, result: Result) -> Verdict:
    """Without rows, without the column and for null it is unknown, which tells nobody."""
    if not result.rows or alert.column not in result.columns:
        return Verdict("unknown")
    values = result.column(alert.column)
    try:
        value = values[0] if alert.selector == "first" else _extreme(alert.selector, values)
        return Verdict("unknown") if value is None else Verdict(compared(value, alert.op, alert.value), value)
    except ValueError:
        return Verdict("unknown")
    except TypeError:
        return Verdict("stuck")


def compared(value: Value, op: str, threshold: float | str) -> State:
    """Numbers, and texts that are numbers, as numbers; other texts and truths as texts, for == and != alone.

    Raises TypeError where Redash does: a text that is no number is neither more nor less than a number.
    """
    compare = _OPERATORS[op]
    number = None if isinstance(value, bool) else _number(value)
    if number is None:
        text = str(value).lower() if isinstance(value, bool) else value
        if compare(text, threshold):
            return "triggered"
        return "ok" if op in _EQUALITY else "unknown"
    limit = _number(threshold)
    if limit is None:
        return "unknown"
    return "triggered" if compare(number, limit) else "ok"


def told(before: Memory, now: Verdict, at: datetime, rearm_seconds: int) -> tuple[Memory, bool]:
    """What Redash remembers after a look, and whether it sends a message: at a change, and again as `rearm` says."""
    if now.state == "stuck":
        return before, False
    rearmed = (
        rearm_seconds > 0
        and before.state == "triggered"
        and before.told_at is not None
        and before.told_at + timedelta(seconds=rearm_seconds) < at
    )
    if now.state == before.state and not rearmed:
        return before, False
    return Memory(now.state, at), (before.state, now.state) != ("unknown", "ok")


def _extreme(selector: str, values: list[Value]) -> float:
    """Raises TypeError for a null among the rows, as Redash does, and ValueError for a text."""
    numbers = [float(value) for value in values]  # type: ignore[arg-type]
    return min(numbers) if selector == "min" else max(numbers)


def _number(value: Value) -> float | None:
    """None for a text that is no number; raises TypeError for null."""
    try:
        return float(value)  # type: ignore[arg-type]
    except ValueError:
        return None
