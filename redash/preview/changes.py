"""What differs between two packs: queries, charts and dashboards, and the lines of their files. Pure but for reading files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Literal

from redash.specs.models import Widget
from redash.specs.spec import NamedDashboard, Pack, Query

Kind = Literal["new", "gone", "changed"]
_CONTEXT_LINES = 3


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a diff; `kind` is what became of it."""

    kind: Literal["same", "added", "removed", "hunk"]
    text: str


@dataclass(frozen=True, slots=True)
class FileDiff:
    """How a file changed."""

    name: str
    lines: tuple[DiffLine, ...]


@dataclass(frozen=True, slots=True)
class BoardChange:
    """A dashboard that looks different: its place in both packs, and its widgets that do, by pairs."""

    slug: str
    kind: Kind
    before: NamedDashboard | None
    after: NamedDashboard | None
    pairs: tuple[tuple[Widget | None, Widget | None], ...]


def changed_queries(before: Pack, after: Pack) -> dict[str, Kind]:
    """The queries that differ in their SQL or their header, by slug."""
    return {
        slug: _kind(before.queries.get(slug), after.queries.get(slug))
        for slug in sorted({*before.queries, *after.queries})
        if _said(before.queries.get(slug)) != _said(after.queries.get(slug))
    }


def changed_boards(before: Pack, after: Pack) -> list[BoardChange]:
    """The dashboards that differ, or that show a chart that does, in the order of the later pack."""
    charts = _changed_charts(before, after)
    found = []
    for slug in [*after.dashboards, *(slug for slug in before.dashboards if slug not in after.dashboards)]:
        old, new = before.dashboards.get(slug), after.dashboards.get(slug)
        pairs = tuple(_pairs(old, new, charts))
        if pairs or (old and old.dashboard) != (new and new.dashboard):
            found.append(BoardChange(slug, _kind(old, new), old, new, pairs))
    return found


def query_diffs(before: Pack, after: Pack, slug: str) -> list[FileDiff]:
    """The files of a query that differ: its SQL in each dialect, and its charts."""
    old, new = before.queries.get(slug), after.queries.get(slug)
    files = [(_sql(old, dialect), _sql(new, dialect)) for dialect in ("postgresql", "sqlite")]
    files.append((_chart_file(before, slug), _chart_file(after, slug)))
    return [diff for pair in dict.fromkeys(files) if (diff := _diff(*pair)) is not None]


def board_diff(change: BoardChange) -> FileDiff | None:
    """How the file of a dashboard changed, None where it did not."""
    return _diff(*(None if side is None else side.source.place.file for side in (change.before, change.after)))


def _changed_charts(before: Pack, after: Pack) -> set[str]:
    queries = changed_queries(before, after)
    return {
        slug
        for slug in {*before.charts, *after.charts}
        if slug.split("/", maxsplit=1)[0] in queries
        or (before.charts.get(slug) and before.charts[slug].chart)
        != (after.charts.get(slug) and after.charts[slug].chart)
    }


def _pairs(
    before: NamedDashboard | None, after: NamedDashboard | None, charts: set[str]
) -> Iterator[tuple[Widget | None, Widget | None]]:
    """The charts of a dashboard that look different, then those that it no longer has; a moved one looks the same."""
    old, new = _widgets(before), _widgets(after)
    for key in [*new, *(key for key in old if key not in new)]:
        pair = (old.get(key), new.get(key))
        alike = all(pair) and pair[0].values == pair[1].values and _size(pair[0]) == _size(pair[1])  # type: ignore[union-attr]
        if key[0] in charts or not alike:
            yield pair


def _widgets(board: NamedDashboard | None) -> dict[tuple[str, int], Widget]:
    """The charts of a dashboard by slug, and by number where one stands there twice."""
    found: dict[tuple[str, int], Widget] = {}
    for widget in board.dashboard.widgets if board else ():
        if widget.chart is not None:
            number = sum(chart == widget.chart for chart, _ in found)
            found[widget.chart, number] = widget
    return found


def _size(widget: Widget | None) -> tuple[int, int] | None:
    return None if widget is None else (widget.at.width, widget.at.height)


def _kind(before: object, after: object) -> Kind:
    return "new" if before is None else "gone" if after is None else "changed"


def _said(query: Query | None) -> object:
    return None if query is None else (query.head, {dialect: sql.text for dialect, sql in query.sql.items()})


def _sql(query: Query | None, dialect: Literal["sqlite", "postgresql"]) -> str | None:
    return None if query is None else query.sql[dialect].file


def _chart_file(pack: Pack, query: str) -> str | None:
    return next((named.source.place.file for named in pack.charts.values() if named.query == query), None)


def _diff(before: str | None, after: str | None) -> FileDiff | None:
    old, new = (Path(name).read_text(encoding="utf-8").splitlines() if name else [] for name in (before, after))
    lines = tuple(map(_line, list(unified_diff(old, new, n=_CONTEXT_LINES, lineterm=""))[2:]))
    path = Path(after or before or "")
    return FileDiff(f"{path.parent.name}/{path.name}", lines) if lines else None


def _line(text: str) -> DiffLine:
    if text.startswith("@@"):
        return DiffLine("hunk", text)
    return DiffLine({"+": "added", "-": "removed"}.get(text[0], "same"), text)  # type: ignore[arg-type]
