"""Listens to methods of an engine's objects: the time they take, what they return. Prints are never parsed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
