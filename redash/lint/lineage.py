"""Facts about a SQL text without a database: does it parse, do its tables and columns exist, what does it return.

sqlglot reads the text in its own dialect; nothing is ever translated from one dialect into another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError, ParseError, TokenError
from sqlglot.optimizer.qualify import qualify

from redash.lint.schema import Schema
from redash.specs.spec import Dialect

SQLGLOT = {"sqlite": "sqlite", "postgresql": "postgres"}
_NAMED = re.compile(r"column:? '?([^'\s]+?)'?(?: could not| is ambiguous|$)", re.IGNORECASE)
_MAKES_BLANK = re.compile(r"(DATETIME\(|CURRENT_TIMESTAMP|STRFTIME\('[^']*%d %H)", re.IGNORECASE)
# Each turn takes one unknown column out of the text; a text with more is reported in parts.
_MOST_ERRORS = 50


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a SQL text, and where, counted from 1."""

    line: int
    column: int
    message: str


@dataclass(frozen=True, slots=True)
class Lineage:
    """The columns of the result in their order (None if that could not be found out), and the faults.

    `blank_moments`: those of them that SQLite makes as `day time`, with a blank between.
    """

    columns: tuple[str, ...] | None
    faults: tuple[Fault, ...] = ()
    blank_moments: tuple[str, ...] = ()


def lineage(sql: str, dialect: Dialect, schema: Schema) -> Lineage:
    """Parses one SELECT and resolves its tables and columns against the schema."""
    try:
        statements = [statement for statement in sqlglot.parse(sql, dialect=SQLGLOT[dialect]) if statement]
    except ParseError as error:
        return Lineage(None, tuple(_parse_fault(item) for item in error.errors))
    except TokenError as error:
        return Lineage(None, (Fault(1, 1, str(error).splitlines()[0]),))
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        return Lineage(None, (Fault(1, 1, "one SELECT is expected, and nothing else"),))
    faults = _unknown_tables(statements[0], schema)
    if faults:
        return Lineage(None, faults)
    return _resolved(statements[0], dialect, schema)


def result_columns(sql: str, dialect: Dialect, schema: Schema) -> tuple[str, ...] | None:
    """The columns alone, in their order; what they are made of is resolved only where their names depend on it."""
    try:
        statement = sqlglot.parse_one(sql, dialect=SQLGLOT[dialect])
    except (ParseError, TokenError):
        return None
    names = [_plain_name(one) for one in statement.selects] if isinstance(statement, exp.Query) else [""]
    return tuple(names) if all(names) else lineage(sql, dialect, schema).columns


def _plain_name(projection: exp.Expr) -> str:
    """The name of a column that no database writes otherwise; nothing for a star and for what has no name of its own."""
    named = isinstance(projection, exp.Alias | exp.Column) and not projection.is_star
    name = projection.alias_or_name if named else ""
    return name if name == name.lower() else ""


def _parse_fault(item: dict[str, str | int]) -> Fault:
    near = str(item.get("highlight") or "").strip()
    message = str(item.get("description") or "not SQL").rstrip(".")
    return Fault(int(item.get("line") or 1), int(item.get("col") or 1), f"{message} near {near!r}" if near else message)


def _unknown_tables(statement: exp.Expr, schema: Schema) -> tuple[Fault, ...]:
    known = {*schema, *(cte.alias for cte in statement.find_all(exp.CTE))}
    tables = [table for table in statement.find_all(exp.Table) if isinstance(table.this, exp.Identifier)]
    return tuple(
        Fault(*_position(table.this), f"the database has no table or view {table.name!r}")
        for table in tables
        if table.name not in known
    )


def _resolved(statement: exp.Query, dialect: Dialect, schema: Schema) -> Lineage:
    faults: list[Fault] = []
    # Reading a schema takes longer than most texts: only the tables that are named.
    named: dict[str, object] = {
        table.name: schema[table.name] for table in statement.find_all(exp.Table) if table.name in schema
    }
    for _ in range(_MOST_ERRORS):
        try:
            qualified = qualify(statement.copy(), schema=named, dialect=SQLGLOT[dialect])
        except OptimizeError as error:
            column = _blamed(statement, str(error))
            if column is None:
                return Lineage(None, (*faults, Fault(1, 1, str(error).splitlines()[0])))
            faults.append(Fault(*_position(column.this), f"no column {column.sql()!r} here"))
            column.replace(exp.null())
        else:
            columns = tuple(qualified.named_selects) if isinstance(qualified, exp.Query) else None
            return Lineage(columns, tuple(faults), _blank_moments(statement) if dialect == "sqlite" else ())
    return Lineage(None, tuple(faults))


def _blank_moments(statement: exp.Query) -> tuple[str, ...]:
    """By what makes them in the outermost select: a REPLACE around it is taken to put the T in."""
    made = ((projection.alias_or_name, projection.unalias()) for projection in statement.selects)
    return tuple(name for name, value in made if _MAKES_BLANK.match(value.sql(dialect="sqlite")))


def _blamed(statement: exp.Expr, message: str) -> exp.Column | None:
    """The column that sqlglot complains about, found by name and, where it says one, by position."""
    named = _NAMED.search(message.splitlines()[0].split(" for table")[0].split(". Line")[0])
    if named is None:
        return None
    at = re.search(r"Line: (\d+), Col: (\d+)", message)
    for column in statement.find_all(exp.Column):
        meta = column.this.meta
        if column.name == named[1] and (at is None or (meta.get("line"), meta.get("col")) == (int(at[1]), int(at[2]))):
            return column
    return None


def _position(identifier: exp.Expr) -> tuple[int, int]:
    """Line and first column; sqlglot notes the last one."""
    meta = identifier.meta
    return int(meta.get("line") or 1), max(1, int(meta.get("col") or 1) - len(identifier.name) + 1)
