"""JSON Schemas for editors: completion and errors while a file is written, made from the same models that read it.

`tts-redash schema --editors --write` makes `redash/editors/<kind>.schema.json` anew; a test keeps them equal to the models.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from redash.specs.alerts import Alert
from redash.specs.charts import Chart
from redash.specs.models import Dashboard, QueryHead, Slug
from redash.specs.places import DataSource, Destination, Environment, Group

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_KINDS: dict[str, TypeAdapter[Any]] = {
    "query-header": TypeAdapter(QueryHead),
    "charts": TypeAdapter(dict[Slug, Chart]),
    "dashboard": TypeAdapter(Dashboard),
    "alert": TypeAdapter(Alert),
    "sources": TypeAdapter(dict[Slug, DataSource]),
    "destinations": TypeAdapter(dict[Slug, Destination]),
    "groups": TypeAdapter(dict[Slug, Group]),
    "environment": TypeAdapter(Environment),
}


def editor_schemas() -> dict[str, dict[str, Any]]:
    """The schema of each kind of file, by its name."""
    return {kind: {"$schema": _DIALECT, **adapter.json_schema()} for kind, adapter in _KINDS.items()}


def editor_files() -> dict[str, str]:
    """The text of each schema's file, by its name."""
    return {
        f"{kind}.schema.json": json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
        for kind, schema in editor_schemas().items()
    }


def write_editor_files(folder: Path) -> list[Path]:
    """Writes them into `folder`/editors and says where."""
    written = []
    for name, text in editor_files().items():
        path = folder / "editors" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written
