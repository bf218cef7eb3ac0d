"""P11: an archive in every state of its making continues from the plain file's offset."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from etl.reading.files import discover
from tests.etl import lines
from tests.etl.loading import loader

CONTENT = lines.lines(1, 40)
WHOLE = gzip.compress(CONTENT)
MEMBERS = gzip.compress(CONTENT[:5000]) + gzip.compress(CONTENT[5000:])
TORN = {f"{kept} bytes": WHOLE[:kept] for kept in (0, 1, 2, 17, len(WHOLE) // 2, len(WHOLE) - 8, len(WHOLE) - 1)}
TORN |= {"half of the members": MEMBERS[: len(MEMBERS) - 100], "garbage behind it": WHOLE + b"garbage"}


@pytest.mark.parametrize("last", [WHOLE, MEMBERS], ids=["one member", "several members"])
@pytest.mark.parametrize("torn", TORN.values(), ids=TORN)
def test_every_state_of_an_archive(database_url: str, tmp_path: Path, torn: bytes, last: bytes) -> None:
    """Half read as plain text, then seen torn, beside the plain file and alone, then whole: each line once."""
    log, plain, packed = (tmp_path / name for name in ("tts.log", "tts.log.1", "tts.log.1.gz"))
    log.write_bytes(CONTENT[: len(CONTENT) // 2])
    with loader(database_url) as load:
        load.load(log)
        half = load.seqs()
        log.rename(plain)
        log.write_bytes(b"")
        packed.write_bytes(torn)
        report = load.load(discover([str(log)], rotated=True))
        states = [file.state for file in report.files if file.path == packed]
        plain.unlink()
        load.load(discover([str(log)], rotated=True))
        assert (states, load.seqs(), load.kinds()) == (["not_ready"], half, [])

        packed.write_bytes(last)
        load.load(discover([str(log)], rotated=True))
        load.load(discover([str(log)], rotated=True), use_cache=False)

        assert (load.seqs(), load.kinds()) == (list(range(1, 41)), [])
        assert load.rows("SELECT n_ok, n_dup, n_replayed, committed, generation FROM ingest_stream") == [
            (40, 0, 0, len(CONTENT), 0)
        ]
        load.check_books()
