#!/usr/bin/env python3
"""Writes docs/dashboards/<slug>.md, one page a dashboard, from the specs; with --check only says whether they are up to date."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from redash.config import PACKAGED
from redash.specs.charts import AnyChart, Axis, Cohort, Counter, Drawn, Table, Unit
from redash.specs.models import Widget
from redash.specs.parameters import Range
from redash.specs.reading import usable_pack
from redash.specs.spec import NamedDashboard, Pack, Query

FOLDER = Path(__file__).parents[1] / "docs" / "dashboards"
SOURCES = "../../redash"
READING = """\
Σ is a sum, *w* is `sample_weight` (1 where a line stands for itself), | reads “of those with”, *n* is a number of lines. Percentiles are
exact (nearest rank) and never averaged. Success is ok of all requests; availability counts faults of the service alone. Days are those of
the report time zone, and the running day is marked. A panel whose figure these lines lack says so.
"""
UNITS: dict[Unit, str] = {
    "count": "a count",
    "number": "a number",
    "seconds": "seconds",
    "hours": "hours",
    "ratio": "a share, shown as %",
    "percent": "%",
    "rtf": "synthesis seconds / audio seconds",
    "chars": "characters",
    "bytes": "bytes",
}
KINDS = {
    "line": "lines",
    "column": "columns",
    "bar": "bars",
    "area": "areas",
    "scatter": "points",
    "bubble": "bubbles",
    "box": "boxes",
}


def page(pack: Pack, board: NamedDashboard) -> str:
    """The page of one dashboard."""
    spec = board.dashboard
    parts = [
        f"# {spec.title}\n\n{str(spec.description).strip()}\n\n{READING}",
        f"Filters: {_filters(pack, board)}. Files: [the dashboard]({SOURCES}/dashboards/{board.slug}.yaml); those of a panel stand with it.\n"
        "(`python scripts/docs_dashboards.py` writes this page from them.)\n",
    ]
    told: dict[str, str] = {}
    for widget in sorted(spec.widgets, key=lambda one: (one.at.row, one.at.column)):
        parts.append(_heading(str(widget.text)) if widget.text else _panel(pack, widget, told))
    return "\n".join(parts)


def _filters(pack: Pack, board: NamedDashboard) -> str:
    """The inputs of a dashboard, with what they start at."""
    queries = {pack.charts[widget.chart].query for widget in board.dashboard.widgets if widget.chart}
    named = {name: item for slug in queries for name, item in pack.queries[slug].head.parameters.items()}
    told = [(str(named[name].title), _start(item.default)) for name, item in board.dashboard.parameters.items()]
    return ", ".join(f"{title} ({start})" for title, start in told) or "none"


def _start(default: str | float | Range) -> str:
    if isinstance(default, Range):
        return f"{default.start} to {default.end}"
    return "all" if default == "%" else str(default).removeprefix("d_").replace("_", " ")


def _heading(text: str) -> str:
    words = text.strip().splitlines()[0].lstrip("# ")
    return f"## {words}\n"


def _panel(pack: Pack, widget: Widget, told: dict[str, str]) -> str:
    """Question, unit and formula; what a query says is said at its first panel."""
    chart = pack.charts[widget.chart or ""]
    query, spec = pack.queries[chart.query], chart.chart
    lines = [f"### {spec.title}", "", f"*{spec.question or spec.description}*", ""]
    lines += [f"* Unit: {_unit(spec)}.", f"* Formula: `{spec.formula}`." if spec.formula else ""]
    lines += [f"* Shown: {_shown(spec)}. {spec.description}.".replace("..", ".")]
    lines += [
        f"* Fixed here: {', '.join(f'{name} = `{value}`' for name, value in widget.values.items())}."
        if widget.values
        else ""
    ]
    first = told.setdefault(query.slug, str(spec.title))
    said = (
        " ".join(str(query.head.details or query.head.description).split())
        if first == str(spec.title)
        else f"as of “{first}” above."
    )
    lines += [f"* Query: {said} ({_files(query)})", ""]
    return "\n".join(line for index, line in enumerate(lines) if line or index in (1, 3, len(lines) - 1))


def _unit(spec: AnyChart) -> str:
    if isinstance(spec, Table):
        units = {UNITS[column.unit] for column in spec.table if column.unit}
        return f"of each column ({', '.join(sorted(units))})" if units else "none: texts"
    if isinstance(spec, Drawn):
        axes = [spec.y_axis] + [spec.right_axis] * any(measure.axis == "right" for measure in spec.y)
        return "parts of a whole" if spec.kind == "pie" else " and ".join(_axis(axis) for axis in axes)
    if isinstance(spec, Cohort):
        return "%" if spec.percent else "a count"
    return UNITS[spec.unit]


def _axis(axis: Axis) -> str:
    title = str(axis.title)
    return UNITS[axis.unit] if not title or title == UNITS[axis.unit] else f"{title} ({UNITS[axis.unit]})"


def _shown(spec: AnyChart) -> str:
    if isinstance(spec, Drawn):
        kind = KINDS.get(spec.kind, {"pie": "a pie", "heatmap": "a heat map"}.get(spec.kind, spec.kind))
        extra = [" with marks" if spec.marks else "", " with intervals" if spec.error else ""]
        return f"{kind}{''.join(extra)} over `{spec.x}`" if spec.kind != "pie" else kind
    if isinstance(spec, Counter):
        return "one figure" + (f", with {spec.note_title} beside it" if spec.note else "")
    if isinstance(spec, Table):
        return "a table: " + ", ".join(str(column.title) or column.column for column in spec.table)
    return "cohorts" if isinstance(spec, Cohort) else "a cross table"


def _files(query: Query) -> str:
    """Links to the SQL, one where both databases read the same."""
    names = sorted({Path(sql.file).name for sql in query.sql.values()}, key=len)
    return ", ".join(f"[`{name}`]({SOURCES}/queries/{name})" for name in names)


def pages() -> Iterator[tuple[Path, str]]:
    """Each page with its place."""
    pack = usable_pack(PACKAGED)
    for board in pack.dashboards.values():
        yield FOLDER / f"{board.slug}.md", page(pack, board)


def main() -> int:
    """Writes the pages, or says with --check whether each is what it would be, and no other is there."""
    made = dict(pages())
    if "--check" in sys.argv:
        found = {path: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
        return int(found != made)
    FOLDER.mkdir(exist_ok=True)
    for path in set(FOLDER.glob("*.md")) - set(made):
        path.unlink()
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
