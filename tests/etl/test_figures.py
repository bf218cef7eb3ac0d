"""Lost lines are counted by day from the books where the books can say it, and row by row where they can't."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from etl.store import figures
from etl.upkeep.erase import Target, erase
from tests.etl import lines
from tests.etl.loading import NOW, Loader, loader

DAYS = ("2026-11-18", "2026-11-19", "2026-11-20")
A, B = "a" * 32, "b" * 32
OLDER = b"[2026-11-19 10:23:45] INFO - TextLen=%d, Emotion=happy, Duration=2.3s, Success=True\n"


def log_of(tmp_path: Path, writers: dict[str, list[int]], name: str = "tts.log", each_day: int = 5) -> Path:
    """The lines of writers by their numbers, in order, five a day; every third one is a heartbeat."""
    found = []
    for writer, seqs in writers.items():
        for seq in seqs:
            ts = f"{DAYS[min((seq - 1) // each_day, 2)]}T10:00:00.000000Z"
            found.append((lines.line if seq % 3 else lines.heartbeat)(seq, writer_id=writer, ts=ts) + b"\n")
    (tmp_path / name).write_bytes(b"".join(found))
    return tmp_path / name


def gaps(load: Loader) -> dict[str, dict[str, int]]:
    """The gaps, which must be the same whether all rows are counted or not."""
    with load.database.transaction("snapshot") as session:
        quick, exact = figures.gaps(session, exact=False), figures.gaps(session, exact=True)
    assert quick == exact
    return quick


@pytest.mark.parametrize(
    ("missing", "expected"),
    [([], {}), ([7], {A: 1}), ([1], {A: 1}), ([5, 6], {A: 2}), ([15], {}), ([6, 7, 8, 9, 10], {A: 5})],
)
def test_missing_numbers_are_counted(database_url: str, tmp_path: Path, missing: list[int], expected: object) -> None:
    """In the middle of a day, over a day's end, a whole day, the first one; the end of a writer can't be seen."""
    present = [seq for seq in range(1, 16) if seq not in missing]
    with loader(database_url) as load:
        load.load(log_of(tmp_path, {A: present, B: list(range(1, 16))}))

        assert gaps(load) == ({"default": expected} if expected else {})


def test_older_lines_hide_no_gap(database_url: str, tmp_path: Path) -> None:
    """A day has as many older lines as another form lacks: its rows are as many as its numbers, and one is missing."""
    log = log_of(tmp_path, {A: [6, 7, 9, 10]})
    with loader(database_url) as load:
        load.execute("INSERT INTO retention_state (name, purged_before) VALUES ('events', '2026-01-01')")
        load.load(log)
        assert gaps(load) == {"default": {A: 1}}
        (tmp_path / "old.log").write_bytes(OLDER % 7)
        load.load(tmp_path / "old.log")

        assert load.rows("SELECT SUM(n_rows) FROM ingest_day") == [(5,)]
        assert gaps(load) == {"default": {A: 1}}


def test_a_line_that_was_erased_or_quarantined_is_not_lost(database_url: str, tmp_path: Path) -> None:
    """Also when the same bad line lies in quarantine twice, once a source."""
    log = log_of(tmp_path, {A: [1, 2, 3, 4]})
    log.write_bytes(log.read_bytes() + lines.line(5, v=9, writer_id=A) + b"\n" + lines.line(7, writer_id=A) + b"\n")
    copy = tmp_path / "copy.log"
    copy.write_bytes(log.read_bytes())
    with loader(database_url) as load, loader(database_url, source_id="other") as other:
        load.load(log)
        other.load(copy)
        assert gaps(load) == {"default": {A: 1}}
        erase(load.database, Target("request_id", "0193f3c5-0000-7000-8000-000000000001"), NOW, dry_run=False)

        assert gaps(load) == {}


def test_each_writer_counts_for_its_source(database_url: str, tmp_path: Path) -> None:
    """Two hosts, two gaps."""
    with loader(database_url) as load, loader(database_url, source_id="other") as other:
        load.load(log_of(tmp_path, {A: [1, 3]}, "a.log"))
        other.load(log_of(tmp_path, {B: [1, 4]}, "b.log"))

        assert gaps(load) == {"default": {A: 1}, "other": {B: 2}}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    numbers=st.dictionaries(st.sampled_from([A, B, "c" * 32]), st.sets(st.integers(1, 15), min_size=1), min_size=1),
    older=st.integers(0, 3),
)
def test_both_ways_agree_on_any_numbers(
    sqlite_template: Path, tmp_path: Path, dialect: str, numbers: dict[str, set[int]], older: int
) -> None:
    """Whatever is missing: what the books say is what the rows say, and both are the numbers below the highest."""
    path = tmp_path / "any.db"
    path.write_bytes(sqlite_template.read_bytes())
    with loader(f"{dialect}:///{path}") as load:
        log = log_of(tmp_path, {writer: sorted(seqs) for writer, seqs in numbers.items()})
        log.write_bytes(b"".join(OLDER % number for number in range(older)) + log.read_bytes())
        load.load(log)
        expected = {writer: max(seqs) - len(seqs) for writer, seqs in numbers.items()}

        found = gaps(load).get("default", {})
    assert found == {writer: missing for writer, missing in expected.items() if missing}


def test_days_that_are_whole_are_not_counted(database_url: str, tmp_path: Path) -> None:
    """The books say that nothing is missing there: only the day with a gap is looked through."""
    seen: list[str] = []

    def note(_connection, _cursor, statement: str, values: object, *_: object) -> None:
        if "COUNT(*) FROM tts_" in statement:
            seen.append(str(values))

    with loader(database_url) as load:
        load.load(log_of(tmp_path, {A: [*range(1, 13), 14, 15]}))
        event.listen(Engine, "before_cursor_execute", note)
        try:
            gaps(load)
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    counted = [values for values in seen if DAYS[2] in values]
    assert (len(counted), len(seen)) == (6, 3 + 9)
