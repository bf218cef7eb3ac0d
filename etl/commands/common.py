"""What every command needs: a database for as long as it runs, and one way to print JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import rich_click as click

from etl.config import Settings
from etl.printable import storable
from etl.store.database import Database


@contextmanager
def connected(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        database.close()


def print_json(value: object) -> None:
    """The result, and nothing else, on stdout."""
    click.echo(storable(json.dumps(value, ensure_ascii=False)))
