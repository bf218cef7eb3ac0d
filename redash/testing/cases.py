"""Runs a case: its lines into a database of each kind, its alerts and queries asked as of its present, and what differs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from redash.data.answers import Answers, answers
from redash.data.database import Reading, Result, Value, reading
from redash.errors import QueryFailed, RedashError, WrongUse
from redash.specs.spec import Dialect, Pack
from redash.testing.clock import clocked
from redash.testing.fixtures import NamedCase, log_of
from redash.testing.loading import Stand
from redash.testing.models import Expectation
from redash.testing.moments import span
from redash.testing.states import verdict

_SHOWN_DIFFERENCES = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case: how many expectations were held against how many databases, and each that was not met."""

    case: str
    title: str
    databases: tuple[Dialect, ...]
    expectations: int
    faults: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The outcome as a JSON object."""
        return {**asdict(self), "databases": list(self.databases), "faults": list(self.faults)}


@dataclass(frozen=True, slots=True)
class AsOf(Reading):
    """An open database whose clock stands: each text is run as of `moment`."""

    moment: datetime

    def run(self, sql: str) -> Result:
        """Runs a query as of the moment; raises QueryFailed."""
        return Reading.run(self, clocked(sql, self.dialect).at(self.moment))


def run_case(named: NamedCase, pack: Pack, on: Stand, timeout_seconds: float) -> Outcome:
    """Loads the case's lines once for each kind of database and holds all expectations against each.

    Raises WrongUse for an alert, a query or a parameter that is not there.
    """
    for expected in named.case.expect:
        _require_known(named, expected, pack)
    present = datetime.now(UTC).replace(microsecond=0)
    found: dict[Dialect, list[Result | str]] = {}
    faults: list[str] = []
    try:
        log = log_of(named, present)
        for dialect in on.dialects:
            url = on.filled(dialect, named.case.report_timezone, log)
            with reading(url, timeout_seconds) as opened:
                found[dialect] = [_asked(opened, pack, expected, present) for expected in named.case.expect]
    except RedashError as error:
        if error.exit_code != 1:
            raise
        faults.append(f"{error} {error.hint}".strip())
    for index, expected in enumerate(named.case.expect):
        results = {dialect: several[index] for dialect, several in found.items()}
        faults += _faults(expected, pack, results)
    return Outcome(named.name, named.case.title, tuple(found), len(named.case.expect), tuple(faults))


def without_a_case(pack: Pack, cases: Iterable[NamedCase]) -> dict[str, list[str]]:
    """By alert the states, `triggered` and `ok`, that no case expects of it."""
    seen = {(expected.alert, expected.state) for named in cases for expected in named.case.expect}
    missing = {slug: [state for state in ("triggered", "ok") if (slug, state) not in seen] for slug in pack.alerts}
    return {slug: states for slug, states in missing.items() if states}


def same(one: Value, other: Value, within: float = 0) -> bool:
    """Whether two values say the same: numbers to six digits or `within`, texts of moments as moments."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other or (_moment(one) is not None and _moment(one) == _moment(other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=max(within, 1e-12))
    return one == other


def _require_known(named: NamedCase, expected: Expectation, pack: Pack) -> None:
    if expected.alert is not None and expected.alert not in pack.alerts:
        raise WrongUse(f"{named.path}: there is no alert {expected.alert!r}", f"known: {', '.join(pack.alerts)}")
    if expected.query is not None and expected.query not in pack.queries:
        raise WrongUse(f"{named.path}: there is no query {expected.query!r}", f"known: {', '.join(pack.queries)}")


def _asked(opened: Reading, pack: Pack, expected: Expectation, present: datetime) -> Result | str:
    """The result, or why there is none."""
    moment = present + span(expected.after)
    at = AsOf(opened.dialect, opened.connection, opened.timeout_seconds, moment)
    given = {name: str(value) for name, value in expected.parameters.items()}
    asking: Answers = answers(at, pack, given, moment)
    slug = expected.query or pack.alerts[str(expected.alert)].spec.query
    try:
        return replace(asking.of_query(pack.queries[slug], {}, {}), milliseconds=0)
    except QueryFailed as error:
        return str(error)


def _faults(expected: Expectation, pack: Pack, results: Mapping[Dialect, Result | str]) -> list[str]:
    told = expected.alert or expected.query
    after = "" if span(expected.after).total_seconds() == 0 else f" after {expected.after}"
    found = []
    for dialect, result in results.items():
        said = [result] if isinstance(result, str) else _of_result(expected, pack, result)
        found += [f"{told}{after} on {dialect}: {one}" for one in said]
    answered = [result for result in results.values() if isinstance(result, Result)]
    for other in answered[1:]:
        found += [
            f"{told}{after} on SQLite and PostgreSQL: {text}" for text in _apart(answered[0], other, expected.within)
        ]
    return found


def _of_result(expected: Expectation, pack: Pack, result: Result) -> list[str]:
    found = []
    if expected.state is not None:
        got = verdict(pack.alerts[str(expected.alert)].spec, result)
        if got.state != expected.state:
            found.append(f"is {got.state} ({got.value!r}), expected {expected.state}")
        if expected.value is not None and not same(got.value, expected.value, expected.within):
            found.append(f"the value is {got.value!r}, expected {expected.value!r}")
    return found + (_unlike(expected.rows, result, expected.within) if expected.rows is not None else [])


def _unlike(rows: list[dict[str, Any]], result: Result, within: float) -> list[str]:
    """By row and column what is not as expected; columns that are not named may hold anything."""
    if len(rows) != len(result.rows):
        shown = [dict(zip(result.columns, row, strict=True)) for row in result.rows[:_SHOWN_DIFFERENCES]]
        return [f"{len(result.rows)} rows, expected {len(rows)}: {shown}"]
    found = []
    for number, (expected, row) in enumerate(zip(rows, result.rows, strict=True), 1):
        got = dict(zip(result.columns, row, strict=True))
        for column, value in expected.items():
            if column not in got:
                found.append(f"there is no column {column!r}")
            elif not same(got[column], value, within):
                found.append(f"row {number}: {column} is {got[column]!r}, expected {value!r}")
    return found[:_SHOWN_DIFFERENCES]


def _apart(one: Result, other: Result, within: float) -> list[str]:
    """What two databases say differently of the same lines."""
    if one.columns != other.columns:
        return [f"columns {list(one.columns)} and {list(other.columns)}"]
    if len(one.rows) != len(other.rows):
        return [f"{len(one.rows)} and {len(other.rows)} rows"]
    found = [
        f"row {number}: {column} is {left!r} and {right!r}"
        for number, rows in enumerate(zip(one.rows, other.rows, strict=True), 1)
        for column, left, right in zip(one.columns, *rows, strict=True)
        if not same(left, right, within)
    ]
    return found[:_SHOWN_DIFFERENCES]


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
