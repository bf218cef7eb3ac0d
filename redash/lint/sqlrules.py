"""What must hold for a query on its own: parameters, schedule, SQL in both dialects, no twin.

The numbers T… name the traps of Redash that a rule keeps us out of; each message says what would happen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from redash.errors import ParameterError
from redash.lint.lineage import lineage
from redash.lint.schema import Schema
from redash.lint.weights import averaged_percentiles, unweighted
from redash.specs.models import QueryHead
from redash.specs.parameters import (
    PLACEHOLDER,
    EnumParameter,
    NumberParameter,
    Parameter,
    QueryParameter,
    RangeParameter,
    dynamic_range,
    placeholders_of,
)
from redash.specs.problems import Problem
from redash.specs.spec import DIALECTS, Dialect, Pack, Query, Sql

_DAY_SECONDS = 86_400
_OTHER_MUSTACHE = re.compile(r"\{\{\{|\{\{\s*[#^/&!>=]")

#: The columns that a query returns in a dialect, by (query, dialect); None where they could not be found out.
Outputs = dict[tuple[str, Dialect], tuple[str, ...] | None]


def query_problems(query: Query, pack: Pack) -> list[Problem]:
    """Everything that is wrong with the header and the placeholders of a query."""
    found = _parameter_problems(query, pack) + _schedule_problems(query)
    for sql in dict.fromkeys(query.sql.values()):
        found += _placeholder_problems(query, sql)
    return found


def sql_problems(query: Query, schemas: Mapping[Dialect, Schema], outputs: Outputs) -> list[Problem]:
    """What is wrong with the SQL in each dialect; notes the columns that it returns in `outputs`."""
    found = []
    for dialect in DIALECTS:
        sql = query.sql[dialect]
        facts = lineage(sampled(sql.text, query.head), dialect, schemas[dialect])
        outputs[query.slug, dialect] = facts.columns
        found += [
            Problem(sql.file, fault.line, fault.column, f"sql-{dialect}", fault.message) for fault in facts.faults
        ]
        found += [
            Problem(sql.file, 1, 1, "timestamp", f"{name} is a day and a time with a blank between: put a T there")
            for name in facts.blank_moments
        ]
        found += _counting_problems(sql, sampled(sql.text, query.head), dialect)
        twice = {name for name in facts.columns or () if (facts.columns or ()).count(name) > 1}
        found += [Problem(sql.file, 1, 1, "column", f"the result has two columns {name!r}") for name in sorted(twice)]
    return found


def _counting_problems(sql: Sql, text: str, dialect: Dialect) -> list[Problem]:
    faults = {"unweighted": unweighted(text, dialect), "averaged-percentile": averaged_percentiles(text, dialect)}
    return [
        Problem(sql.file, fault.line, fault.column, rule, fault.message)
        for rule, several in faults.items()
        for fault in several
    ]


def twin_problems(pack: Pack) -> list[Problem]:
    """T14: Redash runs queries with equal SQL once, and shares result, schedule and alerts between them."""
    seen: dict[tuple[Dialect, str], str] = {}
    found = []
    for query in pack.queries.values():
        for dialect in DIALECTS:
            bare = "".join(re.sub(r"--[^\n]*", "", query.sql[dialect].text).split())
            twin = seen.setdefault((dialect, bare), query.slug)
            if twin != query.slug:
                message = f"the same SQL as {twin}: Redash will share one result and one schedule between them"
                found.append(Problem(query.sql[dialect].file, 1, 1, "duplicate-sql", message, "warning"))
    return list(dict.fromkeys(found))


def sampled(text: str, head: QueryHead) -> str:
    """The SQL with any value in place of each placeholder, line by line as it was."""

    def sample(match: re.Match[str]) -> str:
        parameter = head.parameters.get(match[1].split(".")[0])
        return "1" if isinstance(parameter, NumberParameter) else "2026-01-01 00:00:00"

    return PLACEHOLDER.sub(sample, text)


def default_fault(parameter: Parameter) -> str | None:
    """Why a parameter's default is no value of its type, or None."""
    if isinstance(parameter, EnumParameter) and parameter.default not in parameter.options:
        return f"the default {parameter.default!r} is none of the options"
    if isinstance(parameter, RangeParameter) and isinstance(parameter.default, str):
        return dynamic_fault(parameter.default)
    return None


def dynamic_fault(name: str) -> str | None:
    """Why Redash would not know a `d_…` name, or None."""
    try:
        dynamic_range(name, datetime(2026, 1, 1, tzinfo=UTC))
    except ParameterError as error:
        return str(error)
    return None


def _parameter_problems(query: Query, pack: Pack) -> list[Problem]:
    found = []
    used = {name for sql in query.sql.values() for name in PLACEHOLDER.findall(sql.text)}
    for name, parameter in query.head.parameters.items():
        path = ("parameters", name)
        if not used & placeholders_of(name, parameter):
            found.append(query.source.problem("parameter", f"{name} is declared and not used", *path))
        fault = default_fault(parameter)
        if fault:
            found.append(query.source.problem("parameter", f"{name}: {fault}", *path, "default"))
        if isinstance(parameter, QueryParameter):
            found += _dropdown_problems(query, name, pack.queries.get(parameter.query))
        dynamic = isinstance(parameter.default, str) and parameter.default.startswith("d_")
        if dynamic and query.head.schedule:
            message = f"{name}: only a browser resolves {parameter.default!r}, so the schedule would never run"
            found.append(query.source.problem("schedule", message, *path, "default"))
    return found


def _dropdown_problems(query: Query, name: str, dropdown: Query | None) -> list[Problem]:
    if dropdown is None:
        message = f"{name}: there is no query of this name for its values"
    elif dropdown.head.parameters:
        message = f"{name}: the query {dropdown.slug} needs parameters itself"
    else:
        return []
    return [query.source.problem("reference", message, "parameters", name, "query")]


def _schedule_problems(query: Query) -> list[Problem]:
    schedule, found = query.head.schedule, []
    if schedule is None:
        return []
    if schedule.time and schedule.interval_seconds % _DAY_SECONDS:
        found.append(query.source.problem("schedule", "a time goes with whole days only", "schedule", "time"))
    if schedule.day_of_week and schedule.interval_seconds % (7 * _DAY_SECONDS):
        found.append(
            query.source.problem("schedule", "a day of the week goes with whole weeks only", "schedule", "day_of_week")
        )
    return found


def _placeholder_problems(query: Query, sql: Sql) -> list[Problem]:
    head, found = query.head, []
    declared = {name for item in head.parameters.items() for name in placeholders_of(*item)}
    for number, line in enumerate(sql.text.splitlines(), 1):
        if line.startswith("--"):
            continue
        for other in _OTHER_MUSTACHE.finditer(line):
            message = f"only plain {{{{ name }}}} placeholders are used, not {other[0]!r}"
            found.append(Problem(sql.file, number, other.start() + 1, "placeholder", message))
        for match in PLACEHOLDER.finditer(line):
            fault = _placeholder_fault(match, line, head, declared)
            if fault:
                found.append(Problem(sql.file, number, match.start() + 1, "placeholder", fault))
    return found


def _placeholder_fault(match: re.Match[str], line: str, head: QueryHead, declared: set[str]) -> str | None:
    if match[1] not in declared:
        return f"{match[0]} is not declared in the header"
    quoted = line[: match.start()].count("'") % 2 == 1
    number = isinstance(head.parameters[match[1].split(".")[0]], NumberParameter)
    if quoted == number:
        return f"{match[0]} must stand {'without' if number else 'inside single'} quotes"
    return None
