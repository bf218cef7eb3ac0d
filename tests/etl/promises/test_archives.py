"""P11: an archive in every state of its making continues from the plain file's offset; a broken one loses nothing."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from etl.reading.files import discover
from etl.upkeep.verify import verify
from tests.etl import lines
from tests.etl.loading import loader

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

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


#: Each as its own program writes it, with a sum to check it by; stored: a wrong byte is one wrong byte of a line.
KINDS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "stored.gz": partial(gzip.compress, compresslevel=0),
    "xz": lzma.compress,
    "bz2": partial(bz2.compress, compresslevel=1),
    "zst": partial(zstd.compress, options={zstd.CompressionParameter.checksum_flag: 1}),
}
#: Too many random digits for any of them to hold back all until the end.
MANY = 400
LARGE = b"".join(
    lines.line(seq, padding=random.Random(seq).randbytes(600).hex()) + b"\n"  # noqa: S311
    for seq in range(1, MANY + 1)
)


@pytest.mark.parametrize("damage", ["cut", "a wrong byte"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_can_be_read_of_a_broken_archive(database_url: str, tmp_path: Path, kind: str, damage: str) -> None:
    """--salvage loads it, once however often; what the break spoilt comes with the whole archive, and nothing twice."""
    whole = KINDS[kind](LARGE)
    at = len(whole) * 3 // 4
    archive = tmp_path / f"tts.log.1.{kind}"
    archive.write_bytes(whole[:at] if damage == "cut" else whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
    with loader(database_url) as load:
        assert [file.state for file in load.load(archive).files] == ["not_ready"]
        saved = load.load(archive, salvage=True).counts()
        assert (saved.ok > 100, load.load(archive, salvage=True).counts().ok) == (True, 0)
        assert load.rows("SELECT committed FROM ingest_stream") == [(0,)]

        archive.write_bytes(whole)
        load.load(archive)
        assert load.seqs() == list(range(1, MANY + 1))
        assert load.rows("SELECT committed, generation FROM ingest_stream ORDER BY stream_id")[-1] == (len(LARGE), 0)
        assert verify(load.database).findings == []
