"""Everything that can be known to be wrong with a specs folder without a database, all at once."""

from __future__ import annotations

from pathlib import Path

from redash.lint.alertrules import alert_problems
from redash.lint.boardrules import chart_problems, dashboard_problems
from redash.lint.placerules import place_problems
from redash.lint.schema import packaged_schema
from redash.lint.sqlrules import Outputs, query_problems, sql_problems, twin_problems
from redash.lint.textrules import text_problems
from redash.specs.problems import Problem
from redash.specs.reading import read_pack
from redash.specs.spec import DIALECTS, Pack


def validate(folder: Path) -> tuple[Pack, list[Problem]]:
    """The pack and its problems, in the order of files and lines."""
    pack, problems = read_pack(folder)
    schemas = {dialect: packaged_schema(dialect) for dialect in DIALECTS}
    outputs: Outputs = {}
    for query in pack.queries.values():
        problems += query_problems(query, pack)
        problems += sql_problems(query, schemas, outputs)
    problems += twin_problems(pack)
    for chart in pack.charts.values():
        problems += chart_problems(chart, pack, outputs)
    for board in pack.dashboards.values():
        problems += dashboard_problems(board, pack)
    for alert in pack.alerts.values():
        problems += alert_problems(alert, pack, outputs)
    return pack, sorted({*problems, *place_problems(pack), *text_problems(pack)})
