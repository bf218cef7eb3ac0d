"""Options of an engine's table in the configuration, checked one by one: a typing error is said, not passed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .adapter import Unavailable


class Settings:
    """The options of one engine; each may be asked for once, and `done` refuses what nobody asked for.

    Raises:
        Unavailable: from every method, where a value can't be used.
    """

    def __init__(self, options: dict[str, Any]) -> None:
        self._left = dict(options)
        self._known: list[str] = []

    def text(self, name: str, default: str | None = None) -> str | None:
        """A text; a number stands for its digits, since `version = 2.5` is easily written without quotes."""
        value = self._take(name, default)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            value = str(value)
        if value is not None and not isinstance(value, str):
            raise self._wrong(name, "a text")
        return value

    def choice(self, name: str, allowed: tuple[str, ...], default: str | None) -> str | None:
        """A text out of `allowed`."""
        value = self.text(name, default)
        if value is not None and value not in allowed:
            raise self._wrong(name, f"one of {', '.join(allowed)}")
        return value

    def flag(self, name: str, default: bool | None = False) -> bool | None:
        """True or false."""
        value = self._take(name, default)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        value = self._take(name, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise self._wrong(name, f"a number from {low:g} to {high:g}")
        return value

    def folder(self, name: str) -> Path | None:
        """A folder, which need not be there."""
        value = self.text(name)
        return Path(value).expanduser() if value else None

    def table(self, name: str) -> dict[str, Any] | None:
        """A table; a list of texts stands for a table of each to itself."""
        value = self._take(name, None)
        if isinstance(value, list):
            value = {str(item): str(item) for item in value}
        if value is not None and not isinstance(value, dict):
            raise self._wrong(name, "a table or a list")
        return value

    def done(self) -> None:
        """Refuses options that no method asked for."""
        for name in self._left:
            raise Unavailable(f"no option is called {name}", f"known here: {', '.join(sorted(self._known))}")

    def _take(self, name: str, default: Any) -> Any:
        self._known.append(name)
        return self._left.pop(name, default)

    def _wrong(self, name: str, wanted: str) -> Unavailable:
        return Unavailable(f"option {name} can't be used", f"it must be {wanted}")
