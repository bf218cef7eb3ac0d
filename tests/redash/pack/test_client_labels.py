"""Who stands behind a client is seen by who may see it, and the query works for all others too."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from redash.config import PACKAGED
from redash.data.answers import answers
from redash.data.database import reading
from redash.specs.reading import read_pack

PACK, _ = read_pack(PACKAGED)
ANNA, BEN = "a" * 16, "b" * 16
LABELS = f'client_hash,customer,department\n{ANNA},"R&D <Söhne> ""One""",客服\n{BEN},ACME,\n'
NAMED = [(ANNA, 'R&D <Söhne> "One"', "客服"), (BEN, "ACME", "")]
UNNAMED = [(ANNA, "", ""), (BEN, "", "")]


def tts_etl(*arguments: str) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "tts-etl"), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def top(url: str) -> list[tuple[Any, ...]]:
    """Client, customer and department of *Top clients* for whoever logs in with this URL."""
    with reading(url, 30) as opened:
        given = {"period.start": "2026-11-01", "period.end": "2026-11-30"}
        found = answers(opened, PACK, given, datetime(2026, 11, 22, tzinfo=UTC)).of_query(
            PACK.queries["users-top"], {}, {}
        )
    return list(zip(*(found.column(name) for name in ("client", "customer", "department")), strict=True))


@pytest.fixture
def labelled(fill: Callable[..., None], line: Callable[..., Any], tmp_path: Path) -> Callable[[str], None]:
    """Fills a database with a request of each of two clients, and their labels."""

    def fill_it(url: str) -> None:
        fill(
            url,
            line("2026-11-20T02:00:00", client_hash=ANNA, audio_seconds=9.0),
            line("2026-11-20T02:00:00", client_hash=BEN),
        )
        (tmp_path / "clients.csv").write_text(LABELS, encoding="utf-8")
        tts_etl("clients", "import", "--database-url", url, str(tmp_path / "clients.csv"))

    return fill_it


def test_on_postgresql_only_tts_owner_sees_labels(postgres: Any, postgres_template: str, labelled: Any):
    """tts_read gets the same rows with no name in them, and no error."""
    url = postgres.url(postgres.create(postgres_template))
    tts_etl("migrate", "--create-roles", "--database-url", url)
    labelled(url)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for role in ("tts_read", "tts_owner"):
            connection.execute(
                text(
                    f"DO $$ BEGIN CREATE ROLE looks_{role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
                    f"GRANT {role} TO looks_{role}"
                )
            )
    engine.dispose()

    assert top(url.replace("postgres:@", "looks_tts_read:@")) == UNNAMED
    assert top(url.replace("postgres:@", "looks_tts_owner:@")) == NAMED


def test_in_a_sqlite_file_whoever_reads_it_reads_them(sqlite_template: Path, labelled: Any, tmp_path: Path):
    """A file has no roles: who may open it may see all."""
    shutil.copy(sqlite_template, tmp_path / "tts.db")
    url = f"sqlite:///{tmp_path}/tts.db"
    labelled(url)

    assert top(url) == NAMED
