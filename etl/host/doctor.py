"""`tts-etl doctor`: everything that can be wrong around the loader, and how to mend each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from etl.config import Settings
from etl.errors import EtlError
from etl.host import databasechecks, hostchecks
from etl.host.findings import Finding, fail
from etl.host.hosts import Host
from etl.reading import files
from etl.store import health
from etl.store.database import Database
from etl.upkeep.status import status


def examine(settings: Settings, logs: Sequence[str], host: Host, logrotate: Sequence[Path]) -> list[Finding]:
    """All checks in the order in which one would mend; what can't be asked without a database is left out."""
    folders = files.folders(logs)
    found = [
        hostchecks.log_folder(logs),
        hostchecks.log_rights(logs),
        hostchecks.state_folder(settings.state_folder),
        hostchecks.rotation(logs, host, logrotate),
        hostchecks.file_system(folders, host),
        hostchecks.events(folders, host),
    ]
    try:
        database = Database(settings.database_url)
    except EtlError as error:
        return [*found, hostchecks.disks(folders, host), fail("database", str(error), error.hint)]
    try:
        beside = [*folders, *([database.path.parent] if database.path else [])]
        return [*found, hostchecks.disks(beside, host), *_of_database(database, host)]
    finally:
        database.close()


def _of_database(database: Database, host: Host) -> list[Finding]:
    found = [databasechecks.reachable(database)]
    if database.path is not None and not database.is_missing():
        try:
            mode = health.journal_mode(database)
        except EtlError as error:
            return [*found, fail("sqlite file", str(error), error.hint)]
        found.append(databasechecks.sqlite_file(database.path, mode, host))
    if found[0].state == "fail":
        return found
    now = host.clock()
    with database.transaction("none") as session:
        found += [databasechecks.clocks(session, now), databasechecks.zones(session, now, host.timezone)]
    return [*found, databasechecks.lag(status(database, now), now)]
