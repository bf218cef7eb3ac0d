"""How many lines became what. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(slots=True)
class Counts:
    """Lines by what became of them. `lines` is the sum of all but the last two, which tell more about some of them.

    A glued line counts twice: as its torn half, quarantined, and as the whole line behind it.
    """

    ok: int = 0
    dup: int = 0
    quarantined: int = 0
    blank: int = 0
    skipped: int = 0
    expired: int = 0
    erased: int = 0
    outside: int = 0
    future: int = 0
    law_violations: int = 0

    @property
    def lines(self) -> int:
        return (
            self.ok
            + self.dup
            + self.quarantined
            + self.blank
            + self.skipped
            + self.expired
            + self.erased
            + self.outside
        )

    def add(self, other: Counts) -> None:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))
