"""A specs folder as values: what each file says, by slug, and where it says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, Literal, TypeVar

from redash.specs.alerts import Alert
from redash.specs.charts import AnyChart
from redash.specs.documents import Document
from redash.specs.models import Dashboard, QueryHead
from redash.specs.places import DataSource, Destination, Environment, Group
from redash.specs.problems import Place, Problem, position
from redash.specs.texts import Lang, spoken

Dialect = Literal["sqlite", "postgresql"]
DIALECTS: tuple[Dialect, ...] = ("sqlite", "postgresql")

_SpecT = TypeVar("_SpecT")


@dataclass(frozen=True, slots=True)
class Source:
    """A file, and the positions of what it says; `under` leads to one of several things in a file."""

    place: Place
    document: Document | None = None
    under: tuple[str, ...] = ()

    def problem(self, rule: str, message: str, *path: str | int) -> Problem:
        """A problem at a key of the document."""
        return self.place.problem(rule, message, position(self.document, [*self.under, *path]))


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
    chart: AnyChart
    source: Source


@dataclass(frozen=True, slots=True)
class NamedDashboard:
    """A dashboard and where it was read."""

    slug: str
    dashboard: Dashboard
    source: Source


@dataclass(frozen=True, slots=True)
class Named(Generic[_SpecT]):
    """Anything else that has a slug, what its file says, and where."""

    slug: str
    spec: _SpecT
    source: Source


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything in a specs folder, by slug, in the order of the file names."""

    queries: dict[str, Query] = field(default_factory=dict)
    charts: dict[str, NamedChart] = field(default_factory=dict)
    dashboards: dict[str, NamedDashboard] = field(default_factory=dict)
    alerts: dict[str, Named[Alert]] = field(default_factory=dict)
    sources: dict[str, Named[DataSource]] = field(default_factory=dict)
    destinations: dict[str, Named[Destination]] = field(default_factory=dict)
    groups: dict[str, Named[Group]] = field(default_factory=dict)
    environments: dict[str, Named[Environment]] = field(default_factory=dict)

    def spoken(self, lang: Lang) -> Pack:
        """The same pack with each text in one language: `str(text)` says it."""
        return replace(
            self,
            queries={slug: replace(item, head=spoken(item.head, lang)) for slug, item in self.queries.items()},
            charts={slug: replace(item, chart=spoken(item.chart, lang)) for slug, item in self.charts.items()},
            dashboards={
                slug: replace(item, dashboard=spoken(item.dashboard, lang)) for slug, item in self.dashboards.items()
            },
            **{kind: _spoken(getattr(self, kind), lang) for kind in ("alerts", "sources", "destinations", "groups")},
        )


def _spoken(named: dict[str, Named[_SpecT]], lang: Lang) -> dict[str, Named[_SpecT]]:
    return {slug: replace(item, spec=spoken(item.spec, lang)) for slug, item in named.items()}
