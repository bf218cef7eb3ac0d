"""Facts about how a SQL text counts: a line may stand for many requests (sample_weight), and a percentile is no sum.

A select whose rows are requests counts and sums with their weight. Once they are grouped, its rows are days or engines, and
may be counted as such. A sample size is a count of lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from redash.lint.lineage import SQLGLOT, Fault
from redash.specs.spec import Dialect

REQUESTS, WEIGHT = "tts_request", "sample_weight"
#: On the line of an aggregate: why it goes without the weight.
_EXCUSED = re.compile(r"--.*\bunweighted:\s*\S")
_PERCENTILE = re.compile(r"^(p\d{2}|median|percentile)(_|$)", re.IGNORECASE)
_SAMPLE = re.compile(r"^(n|n_\w+|\w+_n|measured|(\w+_)?lines)$")
_UNWEIGHTABLE = (exp.Avg, exp.PercentileCont, exp.PercentileDisc, exp.Median, exp.Count)


def unweighted(sql: str, dialect: Dialect) -> tuple[Fault, ...]:
    """Each count, sum and mean over requests that leaves their weight out; nothing for a text that does not parse."""
    statement = _parsed(sql, dialect)
    if statement is None:
        return ()
    selects = list(statement.find_all(exp.Select))
    of_requests = _selects_of_requests(selects)
    weights = _weighted_names(of_requests)
    excused = {number for number, line in enumerate(sql.splitlines(), 1) if _EXCUSED.search(line)}
    found = []
    for select in of_requests:
        for call in _own_calls(select):
            fault = _at(call, f"{call.sql()[:60]} leaves out the weight of the requests")
            if not (_is_weighted(call, weights) or _is_sample_size(call) or fault.line in excused):
                found.append(fault)
    return tuple(found)


def averaged_percentiles(sql: str, dialect: Dialect) -> tuple[Fault, ...]:
    """Each mean or sum of a column that is a percentile by its name."""
    statement = _parsed(sql, dialect)
    calls = statement.find_all(exp.Avg, exp.Sum) if statement else ()
    return tuple(
        _at(call, f"{call.sql()[:60]}: a percentile of percentiles is no percentile")
        for call in calls
        if any(_PERCENTILE.search(column.name) for column in call.find_all(exp.Column))
    )


def _parsed(sql: str, dialect: Dialect) -> exp.Expr | None:
    try:
        statement = sqlglot.parse_one(sql, dialect=SQLGLOT[dialect])
    except SqlglotError:
        return None
    return statement


def _selects_of_requests(selects: list[exp.Select]) -> list[exp.Select]:
    """Those with a row a request among their sources: the table, or what only filters and adds to it."""
    names, found = {REQUESTS}, []
    while True:
        found = [select for select in selects if _reads(select, names)]
        more = {name for select in found if not _is_grouped(select) for name in _names_of(select)} - names
        if not more:
            return found
        names |= more


def _reads(select: exp.Select, names: set[str]) -> bool:
    joins = [join.this for join in select.args.get("joins") or []]
    source = select.args.get("from_")
    return any(
        (isinstance(table, exp.Table | exp.Subquery) and table.alias_or_name in names) or _plain_name(table) in names
        for table in [*joins, *([source.this] if source else [])]
    )


def _plain_name(table: exp.Expr) -> str:
    return table.name if isinstance(table, exp.Table) else ""


def _names_of(select: exp.Select) -> Iterator[str]:
    """The name that the select's rows have outside of it: that of a CTE or of a subquery."""
    above = select.parent
    while isinstance(above, exp.SetOperation):
        above = above.parent
    if isinstance(above, exp.CTE | exp.Subquery) and above.alias:
        yield above.alias


def _is_grouped(select: exp.Select) -> bool:
    aggregates = (call for call in _own_calls(select) if not call.find_ancestor(exp.Window))
    return bool(select.args.get("group") or select.args.get("distinct") or any(True for _ in aggregates))


def _own_calls(select: exp.Select) -> Iterator[exp.Expr]:
    """The counts, sums and means of the select itself, not of the selects inside it."""
    for call in select.find_all(exp.Sum, *_UNWEIGHTABLE):
        if call.find_ancestor(exp.Select) is select:
            yield call


def _weighted_names(selects: list[exp.Select]) -> set[str]:
    names = {WEIGHT}
    while True:
        more = {
            projection.alias
            for select in selects
            for projection in select.expressions
            if projection.alias and any(column.name in names for column in projection.find_all(exp.Column))
        } - names
        if not more:
            return names
        names |= more


def _is_weighted(call: exp.Expr, weights: set[str]) -> bool:
    if isinstance(call, _UNWEIGHTABLE):
        return isinstance(call, exp.Count) and isinstance(call.this, exp.Distinct)
    # SUM(SUM(weight)) OVER () is a sum of what is weighted already.
    return any(column.name in weights for column in call.find_all(exp.Column))


def _is_sample_size(call: exp.Expr) -> bool:
    """Whether it says how much a figure rests on: held against a number, or called `n`, `measured` or `lines`."""
    if not isinstance(call, exp.Count):
        return False
    above = call.parent
    if isinstance(above, exp.GT | exp.GTE | exp.LT | exp.LTE):
        return True
    while isinstance(above, exp.Window | exp.Cast | exp.Round):
        above = above.parent
    return isinstance(above, exp.Alias) and _SAMPLE.search(above.alias) is not None


def _at(call: exp.Expr, message: str) -> Fault:
    meta = call.meta
    length = int(meta.get("end") or 0) - int(meta.get("start") or 0) + 1
    return Fault(int(meta.get("line") or 1), max(1, int(meta.get("col") or 1) - length + 1), message)
