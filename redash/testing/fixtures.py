"""Case files read, and the log that a case or a log file stands for at a present moment."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from redash.errors import SpecErrors, WrongUse
from redash.specs.problems import Place, Problem, of_validation, read_yaml
from redash.testing.lines import stamp, written
from redash.testing.models import AsItIs, Case, File, Mark
from redash.testing.moments import moment

_CASE = TypeAdapter(Case)


@dataclass(frozen=True, slots=True)
class NamedCase:
    """A case and the file that it was read from."""

    name: str
    path: Path
    case: Case


@dataclass(frozen=True, slots=True)
class Log:
    """The lines of a fixture, and the options of `tts-etl mark` for each mark; `as_they_are` counts lines that may be broken."""

    lines: tuple[str, ...] = ()
    as_they_are: int = 0
    marks: tuple[tuple[str, ...], ...] = ()


def read_cases(folder: Path) -> dict[str, NamedCase]:
    """Each `<name>.yaml` of a folder, by name; raises SpecErrors with all that is wrong, and WrongUse without a case."""
    cases, problems = {}, []
    for path in sorted(folder.glob("*.yaml")):
        case, found = _read(path)
        problems += found
        if case is not None:
            cases[path.stem] = NamedCase(path.stem, path, case)
    if problems:
        raise SpecErrors("\n".join(map(str, problems)), "docs/redash-tests.md says what a case may hold")
    if not cases:
        raise WrongUse(f"there is no case in {folder}", "write cases/<name>.yaml, as docs/redash-tests.md shows")
    return cases


def log_of(named: NamedCase, present: datetime) -> Log:
    """The lines of a case, those of the cases that it names before its own; raises WrongUse for one that is not there."""
    logs = [log_of(_beside(named, name), present) for name in named.case.lines_of]
    logs += [_of_group(named, index, present) for index in range(len(named.case.lines))]
    return _joined(logs)


def log_of_files(paths: Iterable[Path], present: datetime) -> Log:
    """The lines of cases (`.yaml`) and of log files; raises SpecErrors, WrongUse."""
    return _joined([_log_of_file(path, present) for path in paths])


def _log_of_file(path: Path, present: datetime) -> Log:
    if path.suffix not in (".yaml", ".yml"):
        return _log_file(path, None)
    case, problems = _read(path)
    if case is None:
        raise SpecErrors("\n".join(map(str, problems)), "docs/redash-tests.md says what a case may hold")
    return log_of(NamedCase(path.stem, path, case), present)


def _read(path: Path) -> tuple[Case | None, list[Problem]]:
    place = Place(path.as_posix())
    document, problems = read_yaml(_text(path), place)
    if document is None:
        return None, problems
    try:
        return _CASE.validate_python({} if document.value is None else document.value), []
    except ValidationError as error:
        return None, of_validation(error, document, place)


def _beside(named: NamedCase, name: str) -> NamedCase:
    path = named.path.with_name(f"{name}.yaml")
    case, problems = _read(path)
    if case is None:
        raise SpecErrors("\n".join(map(str, problems)))
    if case.lines_of:
        raise WrongUse(f"{path.name} takes lines of other cases itself", f"name them in {named.path.name}")
    return NamedCase(name, path, case)


def _of_group(named: NamedCase, index: int, present: datetime) -> Log:
    group = named.case.lines[index]
    if isinstance(group, File):
        newest_at = None if group.newest_at is None else moment(group.newest_at, present)
        return _log_file(named.path.parent / group.file, newest_at)
    if isinstance(group, Mark):
        at = moment(group.at, present).isoformat()
        whose = () if group.instance is None else ("--instance", group.instance)
        return Log(marks=(("--kind", group.mark, "--label", group.label, "--at", at, *whose),))
    lines = tuple(written(group, present, f"{named.name} {index}"))
    return Log(lines, len(lines) if isinstance(group, AsItIs) else 0)


def _log_file(path: Path, newest_at: datetime | None) -> Log:
    lines = tuple(line for line in _text(path).splitlines() if line.strip())
    return Log(tuple(_moved(lines, newest_at)) if newest_at else lines, len(lines))


def _moved(lines: tuple[str, ...], newest_at: datetime) -> Iterator[str]:
    """The lines, all so far from their time that the newest stands at `newest_at`; what has no `ts` stays."""
    moments = [_ts(line) for line in lines]
    by = newest_at - max((at for at in moments if at is not None), default=newest_at)
    for line, at in zip(lines, moments, strict=True):
        yield line if at is None else _with_ts(line, at + by)


def _ts(line: str) -> datetime | None:
    try:
        return datetime.fromisoformat(json.loads(line)["ts"]).astimezone(UTC)
    except (ValueError, KeyError, TypeError):
        return None


def _with_ts(line: str, at: datetime) -> str:
    return json.dumps({**json.loads(line), "ts": stamp(at)}, ensure_ascii=False, separators=(",", ":"))


def _joined(logs: list[Log]) -> Log:
    lines = tuple(line for log in logs for line in log.lines)
    return Log(lines, sum(log.as_they_are for log in logs), tuple(mark for log in logs for mark in log.marks))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no UTF-8 text"
        raise WrongUse(f"can't read {path}: {reason}") from error
