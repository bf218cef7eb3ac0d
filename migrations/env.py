"""How Alembic meets the database: on the connection of `tts-etl migrate`, or (alembic check) on TTS_DATABASE_URL."""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import Connection

from etl.store.database import Database
from etl.tables import PARTITION_NAME, metadata


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Leaves out the monthly partitions, which are made on demand and no part of the schema."""
    return not (kind == "table" and name is not None and PARTITION_NAME.fullmatch(name))


def run_on(connection: Connection) -> None:
    # The caller holds the transaction: all steps of an upgrade or none.
    context.configure(
        connection=connection,
        target_metadata=metadata(connection.dialect.name),
        include_name=include_name,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


connection = context.config.attributes.get("connection")
if connection is not None:
    run_on(connection)
else:
    database = Database(os.environ.get("TTS_DATABASE_URL", "sqlite:///data/tts.db"))
    with database.exclusive() as session:
        run_on(session.connection)
    database.close()
