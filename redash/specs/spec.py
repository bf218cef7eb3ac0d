"""Reads a specs folder into a Pack of queries, charts and dashboards, or into all that is wrong with its files.

A query's header is the comment at the top of `queries/<slug>.sql`, in YAML. `<slug>.sqlite.sql` and
`<slug>.postgresql.sql` replace the SQL where the dialects differ; they have no header of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from redash.errors import SpecErrors
from redash.specs.models import Chart, Dashboard, QueryHead
from redash.specs.problems import Place, Problem, of_validation, plain, position, read_yaml

Dialect = Literal["sqlite", "postgresql"]
DIALECTS: tuple[Dialect, ...] = ("sqlite", "postgresql")

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ModelT = TypeVar("_ModelT", bound=BaseModel)
_CHART: TypeAdapter[Any] = TypeAdapter(Chart)


@dataclass(frozen=True, slots=True)
class Source:
    """A file, and the positions of what it says."""

    place: Place
    document: Any = None

    def problem(self, rule: str, message: str, *path: str | int) -> Problem:
        """A problem at a key of the document."""
        return self.place.problem(rule, message, position(self.document, path))


@dataclass(frozen=True, slots=True)
class Sql:
    """The text of one file, whole: line numbers of the database are line numbers of the file."""

    file: str
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """One query; `sql` holds a text for each dialect."""

    slug: str
    head: QueryHead
    sql: Mapping[Dialect, Sql]
    source: Source


@dataclass(frozen=True, slots=True)
class NamedChart:
    """A chart of a query; `slug` is `query-slug/chart-name`."""

    slug: str
    query: str
    chart: Chart
    source: Source


@dataclass(frozen=True, slots=True)
class NamedDashboard:
    """A dashboard and where it was read."""

    slug: str
    dashboard: Dashboard
    source: Source


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything in a specs folder, by slug, in the order of the file names."""

    queries: dict[str, Query] = field(default_factory=dict)
    charts: dict[str, NamedChart] = field(default_factory=dict)
    dashboards: dict[str, NamedDashboard] = field(default_factory=dict)


def read_pack(folder: Path) -> tuple[Pack, list[Problem]]:
    """What could be read, and all that was wrong with the rest. References are not looked at here."""
    pack, problems = Pack(), []
    for path in sorted((folder / "queries").glob("*.sql")):
        problems += _read_query(pack, folder, path)
    for path in sorted((folder / "charts").glob("*.yaml")):
        problems += _read_charts(pack, folder, path)
    for path in sorted((folder / "dashboards").glob("*.yaml")):
        problems += _read_dashboard(pack, folder, path)
    return pack, problems


def usable_pack(folder: Path) -> Pack:
    """The pack for commands that run queries; raises SpecErrors with the first problem."""
    pack, problems = read_pack(folder)
    if problems:
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        raise SpecErrors(f"{problems[0]}{more}", "`tts-redash validate` names them all")
    return pack


def _read_query(pack: Pack, folder: Path, path: Path) -> list[Problem]:
    place = Place(path.as_posix())
    slug, _, dialect = path.stem.partition(".")
    if not _SLUG.fullmatch(slug):
        return [place.problem("slug", f"{path.name}: small letters, digits and single hyphens")]
    if dialect:
        return _check_variant(folder, path, place, (slug, dialect))
    text = path.read_text(encoding="utf-8")
    header, place = _header(text, place)
    head, source, problems = _read_model(QueryHead, header, place)
    if head is not None:
        sql: dict[Dialect, Sql] = {}
        for name in DIALECTS:
            variant = path.with_name(f"{slug}.{name}.sql")
            own = variant if variant.exists() else path
            sql[name] = Sql(own.as_posix(), own.read_text(encoding="utf-8"))
        pack.queries[slug] = Query(slug, head, sql, source)
    return problems


def _check_variant(folder: Path, path: Path, place: Place, name: tuple[str, str]) -> list[Problem]:
    slug, dialect = name
    if dialect not in DIALECTS:
        return [place.problem("dialect", f"{dialect!r} is none of {', '.join(DIALECTS)}")]
    if not (folder / "queries" / f"{slug}.sql").exists():
        return [place.problem("dialect", f"queries/{slug}.sql, which has the header of this query, is missing")]
    return []


def _header(text: str, place: Place) -> tuple[str, Place]:
    """The comment at the top of a SQL file as YAML, and how far that is from the file's corner."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line[3:] if line.startswith("-- ") else line[2:])
    return "\n".join(lines), Place(place.file, 0, 3)


def _read_charts(pack: Pack, folder: Path, path: Path) -> list[Problem]:
    place = Place(path.as_posix())
    document, problems = read_yaml(path.read_text(encoding="utf-8"), place)
    if problems:
        return problems
    if not isinstance(document, dict):
        return [place.problem("yaml", "charts by name are expected: `name:` and below it `type: chart`")]
    source = Source(place, document)
    for name, content in document.items():
        if not _SLUG.fullmatch(str(name)):
            problems.append(source.problem("slug", f"{name}: small letters, digits and single hyphens", name))
        try:
            chart = _CHART.validate_python(plain(content))
        except ValidationError as error:
            problems += of_validation(error, document, place, [name])
            continue
        slug = f"{path.stem}/{name}"
        pack.charts[slug] = NamedChart(slug, path.stem, chart, source)
    return problems


def _read_dashboard(pack: Pack, folder: Path, path: Path) -> list[Problem]:
    place = Place(path.as_posix())
    if not _SLUG.fullmatch(path.stem):
        return [place.problem("slug", f"{path.name}: small letters, digits and single hyphens")]
    dashboard, source, problems = _read_model(Dashboard, path.read_text(encoding="utf-8"), place)
    if dashboard is not None:
        pack.dashboards[path.stem] = NamedDashboard(path.stem, dashboard, source)
    return problems


def _read_model(kind: type[_ModelT], text: str, place: Place) -> tuple[_ModelT | None, Source, list[Problem]]:
    document, problems = read_yaml(text, place)
    source = Source(place, document)
    if problems:
        return None, source, problems
    try:
        return kind.model_validate(plain(document) if document is not None else {}), source, []
    except ValidationError as error:
        return None, source, of_validation(error, document, place)
