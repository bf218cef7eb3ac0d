"""P32: at every single commit the ledger covers the bytes up to the offset, and the counters are those of the rows."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from etl.reading.stretches import CHUNK_BYTES
from tests.etl import lines
from tests.etl.loading import loader

_PADDING = "x" * 8000
_BAD = b'{"v":9}\n\nbanner\n'


@pytest.mark.parametrize("bulk_bytes", [1, CHUNK_BYTES * 100], ids=["packed", "live"])
def test_the_books_add_up_at_every_commit(database_url: str, tmp_path: Path, bulk_bytes: int) -> None:
    """Seen from another connection, over batches with bad lines, duplicates, archives and a shorter copy."""
    log, archive, copy = (tmp_path / name for name in ("tts.log", "tts.log.1.gz", "tts.log.2"))
    count = CHUNK_BYTES // 8000
    whole = lines.lines(1, count, padding=_PADDING) + _BAD * 50 + lines.lines(count + 1, 2 * count, padding=_PADDING)
    log.write_bytes(whole)
    archive.write_bytes(gzip.compress(lines.lines(count // 2, count // 2 + 40, padding=_PADDING) + _BAD))
    copy.write_bytes(whole[: len(whole) // 2])
    seen = []
    with loader(database_url) as load, loader(database_url) as other:

        def reached(step: str) -> None:
            if step == "committed":
                other.check_books()
                held = other.rows(
                    "SELECT SUM(n_ok) + SUM(n_replayed), SUM(n_quarantined), SUM(committed) FROM ingest_stream"
                )[0]
                rows = other.rows("SELECT COUNT(*), (SELECT COUNT(*) FROM ingest_quarantine) FROM tts_request")[0]
                seen.append((held[0] - rows[0], held[1] - rows[1], held[2]))

        load.reached = reached
        for path in (archive, log, copy):
            load.load(path, bulk_bytes=bulk_bytes, accept=True)
        with log.open("ab") as file:
            file.write(lines.lines(3 * count, 3 * count + 5) + _BAD)
        load.load(log, bulk_bytes=bulk_bytes)

        assert [found[:2] for found in seen] == [(0, 0)] * len(seen)
        assert [found[2] for found in seen] == sorted({found[2] for found in seen})
        assert (len(seen) >= 5, load.rows("SELECT SUM(n_dup) FROM ingest_stream")) == (True, [(41,)])
