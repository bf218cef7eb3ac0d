"""P5: concurrent imports are safe without any lock: the compare-and-set and the keys hold by themselves."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from etl.errors import DatabaseAwayError
from etl.lines.counts import Counts
from etl.store import streams
from etl.tail import Head
from tests.etl import lines
from tests.etl.loading import Loader, loader

IMPORTERS = 8
_LOCKS = re.compile(r" FOR (?:UPDATE|SHARE)|(?<=BEGIN) IMMEDIATE")
_ADVISORY = re.compile(r"pg_advisory_xact_lock(?:_shared)?\(%s\)")


@contextmanager
def unlocked(url: str) -> Iterator[Loader]:
    """A loader whose statements take no lock: neither the product's, nor a row's, nor SQLite's at BEGIN."""
    with loader(url) as load:

        @event.listens_for(load.database._engine, "before_cursor_execute", retval=True)
        def without_locks(
            _connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool
        ) -> tuple[str, Any]:
            return _ADVISORY.sub("%s", _LOCKS.sub("", statement)), values

        yield load


def meeting(number: int) -> Callable[[str], None]:
    """A `reached` that lets so many transactions read their offset before any of them writes (or a moment passes)."""
    condition = threading.Condition()
    here: set[int] = set()

    def reached(step: str) -> None:
        if step == "sorted":
            with condition:
                here.add(threading.get_ident())
                condition.notify_all()
                condition.wait_for(lambda: len(here) >= number, timeout=0.1)

    return reached


def test_eight_importers_without_locks_load_each_line_once(database_url: str, tmp_path: Path) -> None:
    """Eight at once on one growing file: each line one row, no duplicate, one stream, and the books add up."""
    log = tmp_path / "tts.log"
    log.touch()
    barrier = threading.Barrier(IMPORTERS + 1)
    troubles: list[BaseException] = []
    rounds = 12

    def import_each_round() -> None:
        with unlocked(database_url) as load:
            for round_ in rendezvous:
                load.reached = round_
                barrier.wait()
                try:
                    load.load(log)
                except DatabaseAwayError:
                    pass
                except BaseException as error:  # noqa: BLE001
                    troubles.append(error)
                barrier.wait()

    rendezvous = [meeting(IMPORTERS) for _ in range(rounds)]
    threads = [threading.Thread(target=import_each_round) for _ in range(IMPORTERS)]
    for thread in threads:
        thread.start()
    for part in range(rounds):
        with log.open("ab") as file:
            file.write(lines.lines(part * 20 + 1, part * 20 + 20))
        barrier.wait()
        barrier.wait()
    for thread in threads:
        thread.join()

    with loader(database_url) as load:
        load.load(log)
        assert troubles == []
        assert load.seqs() == list(range(1, rounds * 20 + 1))
        assert load.rows("SELECT n_ok, n_dup, committed FROM ingest_stream") == [(rounds * 20, 0, log.stat().st_size)]
        load.check_books()


def test_an_offset_moves_only_from_where_it_was_read(database_url: str, tmp_path: Path) -> None:
    """The compare-and-set alone: from another offset than the stored one nothing is written and False is said."""
    place = streams.Place(str(tmp_path), 1, 2, 100)
    moment = "2026-11-22T12:00:00.000000Z"
    with loader(database_url) as load, load.database.transaction() as session:
        stream_id = streams.create_stream(session, "default", Head(b"h" * 32, 5, cut=False), 0, moment)

        def moved(start: int, end: int) -> bool:
            step = streams.Advance(stream_id, start, end, "run", moment, moment, place, None)
            return streams.advance(session, step, Counts(ok=1), [])

        assert [moved(0, 10), moved(0, 10), moved(5, 20), moved(10, 20)] == [True, False, False, True]
        books = session.run("SELECT committed, n_ok FROM ingest_stream").all()
        assert [tuple(row) for row in books] == [(20, 2)]
