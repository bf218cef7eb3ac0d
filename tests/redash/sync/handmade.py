"""What a person makes in Redash by hand: two queries, three charts, an alert that tells a hook, and a dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from click.testing import CliRunner, Result

from redash.cli import cli
from redash.errors import RedashError
from redash.remote.api import Api
from redash.remote.client import Json
from tests.redash.sync.conftest import World

SQL = """\
SELECT 'ok' AS status, 3 AS calls
WHERE '{{ span.start }}' <= '{{ span.end }}' AND '{{ choice }}' <> ''"""
_SPAN = {"name": "span", "title": "Span", "type": "date-range", "value": "d_last_7_days"}
_COLUMN = {
    "globalSeriesType": "line",
    "columnMapping": {"status": "x", "calls": "y"},
    "xAxis": {"type": "category", "labels": {"enabled": True}},
    "numberFormat": "0.0",
}
_COUNTER = {"counterColName": "calls", "rowNumber": 1, "targetRowNumber": 1, "stringDecimal": 0, "counterLabel": "Sum"}


@dataclass(frozen=True, slots=True)
class Handmade:
    """The ids of what was made."""

    choices: int
    query: int
    line: int
    sum: int
    alert: int
    board: int


def handmade(world: World) -> Handmade:
    """Makes all of it as `human@example.com`, on the data source that the first apply made."""
    with world.person() as api:
        source = world.row("sources", "Speech")["id"]
        choices = _query(api, source, "Choices", "SELECT 'ok' AS value", [])
        own: list[Json] = [
            _SPAN,
            {"name": "choice", "title": "Choice", "type": "query", "queryId": choices, "value": "ok"},
        ]
        query = _query(api, source, "Slow calls!", SQL, own)
        line = chart(api, query, "CHART", "Per status", _COLUMN)
        counted = chart(api, query, "COUNTER", "Sum", _COUNTER)
        hook = world.row("destinations", "Hook")["id"]
        condition = {"column": "value", "op": ">", "value": 3, "custom_subject": "Much", "custom_body": "Look."}
        alert = api.alerts.create(choices, "Too much", condition, 60)["id"]
        api.alerts.subscribe(alert, hook)
        board = api.dashboards.create("Morning round")["id"]
        widget(api, board, None, (0, 0, 12, 1), text="### By hand")
        widget(api, board, line, (0, 1, 6, 5), {"span": "dashboard-level", "choice": "dashboard-level"})
        widget(api, board, counted, (6, 1, 6, 5), {"span": "dashboard-level", "choice": "static-value"})
        api.dashboards.update(board, {"is_draft": False, "tags": ["mine"]})
    return Handmade(choices, query, line, counted, alert, board)


def _query(api: Api, source: int, name: str, sql: str, parameters: list[Json]) -> int:
    options = {"parameters": parameters, "apply_auto_limit": False}
    body = {"name": name, "query": sql, "data_source_id": source, "description": "By hand.", "options": options}
    return int(api.queries.create(body)["id"])


def chart(api: Api, query: int, kind: str, name: str, options: Json) -> int:
    """A visualization of a query."""
    return int(api.visualizations.create(query, kind, name, "", options)["id"])


def widget(
    api: Api,
    board: int,
    shown: int | None,
    at: tuple[int, int, int, int],
    mappings: dict[str, str] | None = None,
    text: str = "",
) -> int:
    """A widget on a dashboard, at (column, row, width, height), its parameters mapped by these types."""
    position = dict(zip(("col", "row", "sizeX", "sizeY"), at, strict=True))
    mapped: dict[str, Any] = {
        name: {
            "name": name,
            "type": kind,
            "mapTo": name,
            "value": "ok" if kind == "static-value" else None,
            "title": "",
        }
        for name, kind in (mappings or {}).items()
    }
    return int(api.widgets.create(board, shown, text, {"position": position, "parameterMappings": mapped})["id"])


def call(world: World, *arguments: str) -> Result:
    """A command of `tts-redash` on the world's server and files."""
    key = world.folder.parent / "key"
    key.write_text(f"{world.api_key}\n", encoding="utf-8")
    said = f"url: {world.fake.url}\napi_key: file:{key}\ndestinations: [hook]\ngroups: [viewers]\n"
    world.write("environments/default.yaml", said)
    return CliRunner().invoke(cli, [*arguments, "--specs", str(world.folder)])


def error_of(result: Result) -> tuple[str, str, int]:
    """What a command that failed says: the line, the hint, the exit code."""
    assert isinstance(result.exception, RedashError)
    return str(result.exception), result.exception.hint, result.exception.exit_code


def texts(world: World) -> dict[str, str]:
    """All files of the pack but the environment's."""
    found = [path for path in world.folder.rglob("*.*") if path.parent.name != "environments"]
    return {path.relative_to(world.folder).as_posix(): path.read_text(encoding="utf-8") for path in found}
