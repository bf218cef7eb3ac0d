"""Reads a specs folder into a Pack, or into all that is wrong with its files.

A query's header is the comment at the top of `queries/<slug>.sql`, in YAML. `<slug>.sqlite.sql` and
`<slug>.postgresql.sql` replace the SQL where the dialects differ; they have no header of their own.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from redash.errors import SpecErrors, WrongUse
from redash.specs.alerts import Alert
from redash.specs.charts import Chart
from redash.specs.models import Dashboard, QueryHead
from redash.specs.places import DataSource, Destination, Environment, Group
from redash.specs.problems import Place, Problem, of_validation, read_yaml
from redash.specs.spec import DIALECTS, Dialect, Named, NamedChart, NamedDashboard, Pack, Query, Source, Sql

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_BAD_SLUG = "small letters, digits and single hyphens"
_SpecT = TypeVar("_SpecT")

_QUERY, _DASHBOARD = TypeAdapter(QueryHead), TypeAdapter(Dashboard)
_ALERT, _GROUP, _ENVIRONMENT = TypeAdapter(Alert), TypeAdapter(Group), TypeAdapter(Environment)
_CHART: TypeAdapter[Any] = TypeAdapter(Chart)
_SOURCE: TypeAdapter[DataSource] = TypeAdapter(DataSource)
_DESTINATION: TypeAdapter[Destination] = TypeAdapter(Destination)


def read_pack(folder: Path) -> tuple[Pack, list[Problem]]:
    """What could be read, and all that was wrong with the rest. References are not looked at here."""
    pack, problems = Pack(), []
    for path in sorted((folder / "queries").glob("*.sql")):
        problems += _read_query(pack, folder, path)
    for path in sorted((folder / "charts").glob("*.yaml")):
        problems += _read_charts(pack, path)
    for path in sorted((folder / "dashboards").glob("*.yaml")):
        dashboard, found = _one(path, _DASHBOARD)
        problems += found
        if dashboard:
            pack.dashboards[dashboard.slug] = NamedDashboard(dashboard.slug, dashboard.spec, dashboard.source)
    problems += _each(folder / "alerts", _ALERT, pack.alerts)
    problems += _each(folder / "environments", _ENVIRONMENT, pack.environments)
    problems += _many(folder / "sources.yaml", _SOURCE, pack.sources)
    problems += _many(folder / "destinations.yaml", _DESTINATION, pack.destinations)
    problems += _many(folder / "groups.yaml", _GROUP, pack.groups)
    return pack, problems


def usable_pack(folder: Path) -> Pack:
    """The pack for commands that run queries; raises SpecErrors with the first problem."""
    pack, problems = read_pack(folder)
    if problems:
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        raise SpecErrors(f"{problems[0]}{more}", "`tts-redash validate` names them all")
    return pack


def environment_of(pack: Pack, name: str) -> Environment:
    """`environments/<name>.yaml`; raises WrongUse if there is none."""
    if name not in pack.environments:
        known = ", ".join(pack.environments) or "none yet: make environments/<name>.yaml"
        raise WrongUse(f"there is no environment {name!r}", f"known: {known}")
    return pack.environments[name].spec


def _read_query(pack: Pack, folder: Path, path: Path) -> list[Problem]:
    place = Place(path.as_posix())
    slug, _, dialect = path.stem.partition(".")
    if not _SLUG.fullmatch(slug):
        return [place.problem("slug", f"{path.name}: {_BAD_SLUG}")]
    if dialect:
        return _check_variant(folder, place, (slug, dialect))
    text, problems = _text(path, place)
    header, place = _header(text, place)
    named, found = _model(_QUERY, slug, header, place)
    if named and not problems:
        sql: dict[Dialect, Sql] = {}
        for name in DIALECTS:
            variant = path.with_name(f"{slug}.{name}.sql")
            own = variant if variant.exists() else path
            text, unreadable = _text(own, Place(own.as_posix()))
            problems += unreadable
            sql[name] = Sql(own.as_posix(), text)
        pack.queries[slug] = Query(slug, named.spec, sql, named.source)
    return problems or found


def _check_variant(folder: Path, place: Place, name: tuple[str, str]) -> list[Problem]:
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


def _read_charts(pack: Pack, path: Path) -> list[Problem]:
    charts: dict[str, Named[Any]] = {}
    problems = _many(path, _CHART, charts)
    for name, chart in charts.items():
        slug = f"{path.stem}/{name}"
        pack.charts[slug] = NamedChart(slug, path.stem, chart.spec, chart.source)
    return problems


def _each(folder: Path, adapter: TypeAdapter[_SpecT], into: dict[str, Named[_SpecT]]) -> list[Problem]:
    """A folder with a file for each."""
    problems = []
    for path in sorted(folder.glob("*.yaml")):
        named, found = _one(path, adapter)
        problems += found
        if named:
            into[named.slug] = named
    return problems


def _one(path: Path, adapter: TypeAdapter[_SpecT]) -> tuple[Named[_SpecT] | None, list[Problem]]:
    place = Place(path.as_posix())
    if not _SLUG.fullmatch(path.stem):
        return None, [place.problem("slug", f"{path.name}: {_BAD_SLUG}")]
    text, problems = _text(path, place)
    if problems:
        return None, problems
    return _model(adapter, path.stem, text, place)


def _many(path: Path, adapter: TypeAdapter[_SpecT], into: dict[str, Named[_SpecT]]) -> list[Problem]:
    """One file with many, by name; that there is none is right too."""
    if not path.exists():
        return []
    place = Place(path.as_posix())
    text, problems = _text(path, place)
    document, unreadable = read_yaml(text, place)
    if problems or document is None:
        return problems or unreadable
    if not isinstance(document.value, dict):
        return [place.problem("yaml", "things by name are expected: `name:` and below it what it is")]
    for name, content in document.value.items():
        source = Source(place, document, (name,))
        if not _SLUG.fullmatch(name):
            problems.append(source.problem("slug", f"{name}: {_BAD_SLUG}"))
        try:
            into[name] = Named(name, adapter.validate_python(content), source)
        except ValidationError as error:
            problems += of_validation(error, document, place, [name])
    return problems


def _model(
    adapter: TypeAdapter[_SpecT], slug: str, text: str, place: Place
) -> tuple[Named[_SpecT] | None, list[Problem]]:
    document, problems = read_yaml(text, place)
    if document is None:
        return None, problems
    try:
        spec = adapter.validate_python({} if document.value is None else document.value)
    except ValidationError as error:
        return None, of_validation(error, document, place)
    return Named(slug, spec, Source(place, document)), []


def _text(path: Path, place: Place) -> tuple[str, list[Problem]]:
    try:
        return path.read_text(encoding="utf-8"), []
    except (OSError, UnicodeDecodeError):
        return "", [place.problem("file", "this is no readable UTF-8 text")]
