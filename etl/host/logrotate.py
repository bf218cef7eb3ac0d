"""What logrotate's configuration says of a log file. Pure, but for `read_stanzas`, which reads the files."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

_STANZA = re.compile(r"([^{}]*)\{([^{}]*)\}", re.DOTALL)
_SCRIPT = re.compile(r"^\s*(?:pre|post|first|last)\w*\s*$.*?^\s*endscript\s*$", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"^\s*#.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Stanza:
    """One `paths { directives }` of a file: its patterns, and the first words of its lines with the rest."""

    file: Path
    patterns: tuple[str, ...]
    directives: dict[str, str]

    def rotates(self, log: Path) -> bool:
        return any(fnmatch(str(log), pattern) for pattern in self.patterns)


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
