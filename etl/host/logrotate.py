"""What logrotate's configuration says of a log file. Pure, but for `read_stanzas`, which reads the files."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatch
from pathlib import Path

_STANZA = re.compile(r"([^{}]*)\{([^{}]*)\}", re.DOTALL)
_SCRIPT = re.compile(r"^\s*(?:pre|post|first|last)\w*\s*$.*?^\s*endscript\s*$", re.DOTALL | re.MULTILINE)
_PERIODS = {"hourly": 1 / 24, "daily": 1, "weekly": 7, "monthly": 31, "yearly": 366}
_DATE = re.compile(r"-\d{4}-?\d\d-?\d\d(?:[-_.T]?\d+)*(?=(?:\.[a-z]+)?$)")
_NUMBER = re.compile(r"(?:\.\d+)?(?:\.(?:gz|xz|bz2|zst))?$")
_COMMENT = re.compile(r"^\s*#.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Stanza:
    """One `paths { directives }` of a file: its patterns, and the first words of its lines with the rest."""

    file: Path
    patterns: tuple[str, ...]
    directives: dict[str, str]

    def rotates(self, log: Path) -> bool:
        return any(fnmatch(str(log), pattern) for pattern in self.patterns)

    def kept_for(self) -> timedelta | None:
        """How long after its last change a file is kept at most: until it is rotated, and then `rotate` times more.

        None where time doesn't decide it (`size`), or nothing is ever removed. A log that gets no line isn't rotated
        under `notifempty`, and then its files stay longer.
        """
        named = [name for name in self.directives if name in _PERIODS]
        if not named or "size" in self.directives:
            return None
        period = timedelta(days=_PERIODS[named[-1]])
        times, age = self._number("rotate", 0), self._number("maxage", None)
        limits = [] if times is None or times < 0 else [period * (times + 1)]
        limits += [] if age is None else [period + timedelta(days=age)]
        return min(limits, default=None)

    def _number(self, name: str, missing: int | None) -> int | None:
        """A directive's number; `missing` where it isn't set."""
        text = self.directives.get(name)
        if text is None:
            return missing
        return int(text) if re.fullmatch(r"-?\d{1,6}", text) else None


def live_log(path: Path) -> Path:
    """The log that a file is, or was rotated from: without number, date and compression."""
    name = _NUMBER.sub("", path.name, count=1)
    return path.with_name(_DATE.sub("", name, count=1) or path.name)


def kept_for(stanzas: Sequence[Stanza], path: Path) -> timedelta | None:
    """How long the stanza of a log keeps this file of it; None where none says so."""
    found = [age for stanza in stanzas if stanza.rotates(live_log(path)) and (age := stanza.kept_for()) is not None]
    return min(found, default=None)


def stanzas_of(text: str, file: Path) -> list[Stanza]:
    """The stanzas of a configuration; directives above them hold for all that follow."""
    bare = _SCRIPT.sub("", _COMMENT.sub("", text))
    found = []
    common: dict[str, str] = {}
    for before, inside in _STANZA.findall(bare):
        lines = before.strip().splitlines()
        common |= _directives([line for line in lines if not _is_path(line)])
        patterns = [part for line in lines if _is_path(line) for part in shlex.split(line)]
        found.append(Stanza(file, tuple(patterns), {**common, **_directives(inside.splitlines())}))
    return found


def read_stanzas(paths: Sequence[Path]) -> tuple[list[Stanza], list[Path]]:
    """The stanzas of files, and of the files in folders; second, what could not be read."""
    found: list[Stanza] = []
    unreadable: list[Path] = []
    for path in paths:
        try:
            for file in sorted(path.iterdir()) if path.is_dir() else [path]:
                found += stanzas_of(file.read_text(encoding="utf-8"), file)
        except (OSError, ValueError):
            unreadable.append(path)
    return found, unreadable


def _directives(lines: Sequence[str]) -> dict[str, str]:
    words = [line.split(None, 1) for line in lines if line.strip()]
    return {word[0]: word[1].strip() if len(word) > 1 else "" for word in words}


def _is_path(line: str) -> bool:
    return line.strip().startswith(("/", '"', "'"))
