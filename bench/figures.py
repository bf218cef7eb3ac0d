"""A figure of the bench with its aim, and the table of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value; `aim` is at least, or with `at_most` at most, None where nothing is promised."""

    name: str
    value: float
    unit: str
    aim: float | None = None
    at_most: bool = False
    detail: str = ""

    @property
    def met(self) -> bool:
        if self.aim is None:
            return True
        return self.value <= self.aim if self.at_most else self.value >= self.aim

    @property
    def aim_text(self) -> str:
        return "" if self.aim is None else f"{'≤' if self.at_most else '≥'} {self.aim:g} {self.unit}"


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table; a missed aim is bold."""
    lines = ["| what | measured | aim | |", "|---|---|---|---|"]
    for figure in figures:
        shown = f"{figure.value:,.{2 if figure.value < 100 else 0}f} {figure.unit}"
        lines.append(
            f"| {figure.name} | {shown if figure.met else f'**{shown}**'} | {figure.aim_text} | {figure.detail} |"
        )
    return "\n".join(lines)
