"""What the files want on one server: every object by its key, in an order in which each follows what it refers to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from redash.errors import SpecErrors, WrongUse
from redash.lint.lineage import result_columns
from redash.lint.schema import Schema, packaged_schema
from redash.lint.sqlrules import sampled
from redash.specs.parameters import QueryParameter
from redash.specs.spec import DIALECTS, Dialect, Pack, Query
from redash.sync.boards import wanted_dashboard
from redash.sync.contents import dialect_of, source_key, wanted_charts, wanted_query
from redash.sync.outside import wanted_alert, wanted_destination, wanted_group, wanted_source
from redash.sync.wanted import Target, Wanted, slug_of

Desired = dict[str, Wanted]
_ThingT = TypeVar("_ThingT")


def desired(pack: Pack, target: Target) -> Desired:
    """All objects of a pack that is spoken in one language.

    Raises SpecErrors where a reference leads nowhere, WrongUse for what has no place in the environment.
    """
    _refuse_broken(pack)
    found = [*_sources(pack, target), *_groups(pack, target)]
    for query in sorted(pack.queries.values(), key=_needs_another):
        found.append(wanted_query(query, pack, target))
    schemas = {dialect: packaged_schema(dialect) for dialect in DIALECTS}
    for query in pack.queries.values():
        found += wanted_charts(query, pack, _columns(query, pack, target, schemas))
    for board in pack.dashboards.values():
        found += wanted_dashboard(board, pack, target)
    for slug in target.environment.destinations:
        found.append(wanted_destination(_named(pack.destinations, slug, "destination"), target))
    for alert in pack.alerts.values():
        found += wanted_alert(alert, target)
    return {one.key: one for one in found}


def _refuse_broken(pack: Pack) -> None:
    chains: list[tuple[str, list[Any], Collection[str]]] = [
        ("query", [named.query for named in pack.charts.values()], pack.queries),
        ("chart", [one.chart for named in pack.dashboards.values() for one in named.dashboard.widgets], pack.charts),
        ("query", [named.spec.query for named in pack.alerts.values()], pack.queries),
    ]
    for kind, names, known in chains:
        for name in names:
            if name is not None and name not in known:
                raise SpecErrors(f"there is no {kind} {name!r}", "`tts-redash validate` says who names it")


def _sources(pack: Pack, target: Target) -> list[Wanted]:
    """The data sources that queries or groups name and that are ours, each once."""
    slugs = [query.head.source for query in pack.queries.values()]
    for name in target.environment.groups:
        slugs += _named(pack.groups, name, "group").spec.sees
    keys = dict.fromkeys(source_key(slug, target) for slug in slugs)
    ours = [slug_of(key) for key in keys if key.startswith("source/")]
    return [wanted_source(_named(pack.sources, slug, "source"), target) for slug in ours]


def _groups(pack: Pack, target: Target) -> list[Wanted]:
    found = []
    for name in target.environment.groups:
        found += wanted_group(_named(pack.groups, name, "group"), target)
    return found


def _named(things: dict[str, _ThingT], slug: str, kind: str) -> _ThingT:
    if slug not in things:
        raise WrongUse(f"the environment needs the {kind} {slug!r}", f"write it into {kind}s.yaml, or name another")
    return things[slug]


def _needs_another(query: Query) -> bool:
    """Whether a parameter's choices come from another query, which must be there first."""
    return any(isinstance(parameter, QueryParameter) for parameter in query.head.parameters.values())


def _columns(query: Query, pack: Pack, target: Target, schemas: Mapping[Dialect, Schema]) -> tuple[str, ...]:
    """The columns of the query's result, as far as the schema that ships tells."""
    charts = [named.chart for named in pack.charts.values() if named.query == query.slug]
    if not any(chart.type == "table" for chart in charts):
        return ()
    dialect = dialect_of(query.head.source, pack, target)
    return result_columns(sampled(query.sql[dialect].text, query.head), dialect, schemas[dialect]) or ()
