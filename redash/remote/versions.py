"""What a Redash server of some version can do: 10.1 and 25.1 to 26.9 differ where charts and alerts live."""

from __future__ import annotations

import re
from dataclasses import dataclass

_OLDEST, _REBORN, _NEWEST = (10, 1), (25, 1), (26, 9)


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A server's version, `26.8.0-dev` as (26, 8)."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """Of a text like `26.08.0-dev` or `10.1.0`; None if it is none."""
        found = re.match(r"v?(\d+)\.(\d+)", text)
        return cls(int(found[1]), int(found[2])) if found else None

    @property
    def grid_columns(self) -> int:
        """The columns of a dashboard: a widget's `col` and `sizeX` count in them."""
        return 12 if self >= Version(25, 8) else 6

    @property
    def min_chart_columns(self) -> int:
        """The narrowest that a widget can be."""
        return 2 if self.grid_columns == 12 else 1

    @property
    def has_alert_selector(self) -> bool:
        """An alert reads the first, the lowest or the highest row; before, always the first."""
        return self._since_reborn

    @property
    def has_alert_eval(self) -> bool:
        """An alert can be evaluated on demand."""
        return self._since_reborn

    @property
    def has_text_pattern(self) -> bool:
        """The parameter type `text-pattern`."""
        return self._since_reborn

    @property
    def alerts_with_parameters(self) -> bool:
        """An alert is evaluated on a query with parameters (at their defaults)."""
        return self._since_reborn

    @property
    def runs_new_schedules_at_once(self) -> bool:
        """A scheduled query that never ran is run at the next tick; before, after one whole interval."""
        return self._since_reborn

    @property
    def has_dashboard_parameters(self) -> bool:
        """A dashboard keeps values of its own for its parameters."""
        return self >= Version(26, 3)

    @property
    def has_source_dsn(self) -> bool:
        """A PostgreSQL data source takes a `dsn`."""
        return self >= Version(26, 3)

    @property
    def has_ranges_of_years(self) -> bool:
        """The ranges `d_last_2_years`, `d_last_3_years` and `d_last_10_years`."""
        return self >= Version(26, 3)

    @property
    def slack_has_channel(self) -> bool:
        """A Slack destination takes channel, username and icon."""
        return not self._since_reborn

    @property
    def warning(self) -> str | None:
        """One sentence if this version was never tried, else None."""
        own = (self.major, self.minor)
        if own == _OLDEST or _REBORN <= own <= _NEWEST:
            return None
        if own < _OLDEST:
            return f"Redash {self} is older than any that was tried (10.1)"
        if own > _NEWEST:
            return f"Redash {self} is newer than any that was tried (26.9)"
        return f"Redash {self} was a snapshot between the releases 10.1 and 25.1; it was not tried"

    @property
    def _since_reborn(self) -> bool:
        return self >= Version(*_REBORN)
