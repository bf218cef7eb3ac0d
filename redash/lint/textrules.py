"""What must hold for the texts: each is said in every language of the pack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from redash.specs.problems import Problem
from redash.specs.spec import Pack, Source
from redash.specs.texts import Text

Path = tuple[str | int, ...]


def text_problems(pack: Pack) -> list[Problem]:
    """A problem for each text that lacks its Chinese."""
    return [
        source.problem("translation", f"{str(text)!r} is said in English alone: {{en: …, zh-CN: …}}", *path)
        for spec, source in _specs(pack)
        for path, text in _texts(spec, ())
        if text.untranslated
    ]


def _specs(pack: Pack) -> Iterator[tuple[BaseModel, Source]]:
    for query in pack.queries.values():
        yield query.head, query.source
    for chart in pack.charts.values():
        yield chart.chart, chart.source
    for board in pack.dashboards.values():
        yield board.dashboard, board.source
    for named in (pack.alerts, pack.sources, pack.destinations, pack.groups):
        for item in named.values():
            yield item.spec, item.source


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, Text]]:
    if isinstance(value, Text):
        yield path, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _texts(getattr(value, name), (*path, name))
    elif isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from _texts(item, (*path, key))
