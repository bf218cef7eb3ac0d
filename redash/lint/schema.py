"""The tables and columns that the pack may use, as a packaged snapshot for each dialect.

`tts-redash schema --database-url … --write` makes `snapshots/<dialect>.json` anew from a migrated database; a test keeps
the files equal to the migrations.
"""

from __future__ import annotations

import json
from pathlib import Path

from redash.config import PACKAGED
from redash.specs.spec import Dialect

#: {table: {column: type}}
Schema = dict[str, dict[str, str]]


def packaged_schema(dialect: Dialect) -> Schema:
    """The snapshot that ships."""
    schema: Schema = json.loads(_file(PACKAGED, dialect).read_text(encoding="utf-8"))
    return schema


def write_schema(folder: Path, dialect: Dialect, schema: Schema) -> Path:
    """Puts a snapshot into a specs folder and says where."""
    path = _file(folder, dialect)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(schema, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return path


def _file(folder: Path, dialect: Dialect) -> Path:
    return folder / "snapshots" / f"{dialect}.json"
