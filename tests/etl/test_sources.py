"""The time zone of a source's older lines: named until something is loaded, and one for all of its lines."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from etl.errors import ConfigError, ZoneMovedError
from etl.store.sources import settle_timezone
from tests.etl import lines
from tests.etl.loading import loader
from tests.etl.test_cli import run
from tests.etl.test_ingest import OLDER

STORED = "SELECT source_id, timezone FROM ingest_source ORDER BY source_id"


def test_the_first_one_is_kept_and_can_be_changed_until_a_line_is_loaded(database_url: str, tmp_path: Path) -> None:
    """A slip of the first import, which found nothing, must not bind; after a line another one is refused."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 1))
    with loader(database_url, zone="UTC") as load:
        settled = [
            settle_timezone(load.database, "default", wanted, "Europe/Berlin")
            for wanted in (None, "Asia/Tokyo", None, "Asia/Shanghai")
        ]
        assert (settled, load.rows(STORED)) == (
            ["UTC", "Asia/Tokyo", "Asia/Tokyo", "Asia/Shanghai"],
            [("default", "Asia/Shanghai")],
        )

    with loader(database_url) as load:
        load.load(log)
        with pytest.raises(ConfigError, match="are read in the time zone Asia/Shanghai, not UTC"):
            settle_timezone(load.database, "default", "UTC", "UTC")
        assert settle_timezone(load.database, "other", None, "Europe/Berlin") == "Europe/Berlin"


def test_a_name_that_is_none_is_not_kept(database_url: str) -> None:
    """Or every later run would be refused."""
    with loader(database_url, source_id="known") as load:
        for source in ("default", "known"):
            with pytest.raises(ConfigError, match="'Mars' is no time zone"):
                settle_timezone(load.database, source, "Mars", "UTC")
        assert load.rows(STORED) == [("known", "Asia/Shanghai")]


def test_a_dry_run_keeps_nothing(database_url: str, dialect: str, tmp_path: Path) -> None:
    """Neither the zone that it was tried with, nor partitions for the months of its lines."""
    log = tmp_path / "old.log"
    log.write_bytes(OLDER % 12 + OLDER % 13)
    arguments = ("backfill", log, "--database-url", database_url, "--timezone")
    tables = "SELECT COUNT(*) FROM " + ("sqlite_master" if dialect == "sqlite" else "pg_class")
    with loader(database_url, source_id="other") as load:
        before = load.rows(tables), load.rows(STORED)
        codes = [run(*arguments, zone, "--dry-run")[0] for zone in ("UTC", "Asia/Tokyo")]
        assert (codes, (load.rows(tables), load.rows(STORED))) == ([0, 0], before)

        assert run(*arguments, "Asia/Shanghai")[0] == 0
        assert load.rows("SELECT COUNT(*) FROM tts_request") == [(2,)]
        assert run(*arguments, "UTC", "--dry-run")[0] == 2


def test_no_batch_is_of_a_zone_that_was_changed(database_url: str, tmp_path: Path) -> None:
    """Two first runs with two zones: the second waits for the open batch and is refused, or stops the first."""
    log = tmp_path / "tts.log"
    log.write_bytes(OLDER % 12)
    with loader(database_url) as load, loader(database_url) as other:
        settle_timezone(other.database, "default", "UTC", "UTC")
        with pytest.raises(ZoneMovedError, match="source default changed from Asia/Shanghai to UTC"):
            load.load(log)
        settle_timezone(other.database, "default", "Asia/Shanghai", "UTC")
        refused: list[str] = []

        def change() -> None:
            with loader(database_url) as third:
                try:
                    settle_timezone(third.database, "default", "UTC", "UTC")
                except ConfigError as error:
                    refused.append(str(error))

        changing = threading.Thread(target=change)

        def reached(step: str) -> None:
            if step == "begun":
                changing.start()
                changing.join(0.2)

        load.reached = reached
        load.load(log)
        changing.join()

        assert (len(refused), len(load.seqs()), load.rows(STORED)) == (1, 1, [("default", "Asia/Shanghai")])
