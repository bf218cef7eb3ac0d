"""Listens to methods of an engine's objects: the time they take, what they return. Prints are never parsed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .adapter import Report

Around = Callable[[Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]


def tap(owner: Any, name: str, around: Around) -> None:
    """Has `around(method, arguments, named)` called instead of `owner.name`, on this one object.

    A torch module calls its `forward` by that name, so this works for modules too. Without such a method nothing happens:
    versions differ, and a stage that isn't there has no time.
    """
    method = getattr(owner, name, None)
    if not callable(method):
        return

    def tapped(*arguments: Any, **named: Any) -> Any:
        return around(method, arguments, named)

    setattr(owner, name, tapped)


def time_as(stage: str, owner: Any, name: str, report: Callable[[], Report]) -> None:
    """Counts what `owner.name` takes to a stage of the report of that moment."""

    def timed(method: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        with report().stage(stage):
            return method(*arguments, **named)

    tap(owner, name, timed)
