"""What a mistake is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutation:
    """A mistake: its edits (file, old text, new text; every place that has the old text) and the quickest tests."""

    name: str
    edits: tuple[tuple[str, str, str], ...]
    tests: tuple[str, ...]
