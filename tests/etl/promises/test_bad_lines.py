"""P16, P30, P31: what a line may hold: none stops the loader, none vanishes, and what is a row comes back equal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from etl.lines.fields import EVENTS
from tests.etl import lines
from tests.etl.loading import loader
from tests.etl.test_records import BAD

GOLDEN = Path(__file__).parents[2] / "contract/golden"
TEXTS = {
    "emoji": "👩‍👩‍👧‍👦 naïve",
    "right to left": "\u202eשלום\u202c مرحبا",
    "line separators": "a\u2028b\u2029c\x85d\x0b\x0c\x1c",
    "copy's own": "\\.\\N\t\\t\r'\"%s{}?\\",
    "controls": "".join(map(chr, range(1, 32))) + "\x7f",
    "noncharacters": "\ufffe\uffff\U0010ffff\ufeff",
    "long": "é" * 60_000,
    "NUL": "a\0b",
}
#: The optional text keys of a request; the others have rules of their own.
TEXT_KEYS = [field.name for field in EVENTS["tts.request"][1] if field.kind == "str" and field.name in lines.FULL]


def test_a_bad_line_first_in_the_middle_and_last(database_url: str, tmp_path: Path) -> None:
    """P16: at each place of a batch, each kind: counted, kept with its very bytes, and its neighbours are rows."""
    bad = [line for line in BAD if b"\n" not in line]
    expected: list[tuple[object, ...]] = []
    with loader(database_url) as load:
        for number, line in enumerate(bad):
            log = tmp_path / f"tts{number}.log"
            first = number * 10 + 1000
            good = [lines.lines(first, first + 2), lines.lines(first + 3, first + 5)]
            content = line + b"\n" + good[0] + line + b"\n" + good[1] + line + b"\n"
            log.write_bytes(content)
            counts = load.load(log).counts()
            assert (counts.ok, counts.quarantined, counts.lines) == (6, 3, 9)
            kept = line if len(line) <= 256 * 1024 else line[: 64 * 1024]
            expected += [(off, BAD[line], len(line), kept) for off in (0, content.index(good[0]) + len(good[0]))]
            expected.append((len(content) - len(line) - 1, BAD[line], len(line), kept))

        found = load.rows("SELECT off, kind, len, raw FROM ingest_quarantine ORDER BY q_id")
        assert (found, len(load.seqs())) == (expected, 6 * len(bad))
        load.check_books()


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_text_comes_back_or_is_kept(database_url: str, tmp_path: Path, text: str) -> None:
    """P30: in each text key, and in an unknown one, a text is the same in the database, or the line is in quarantine."""
    log = tmp_path / "tts.log"
    written = [lines.line(seq, **{key: text}) for seq, key in enumerate(TEXT_KEYS, 1)]
    log.write_bytes(b"\n".join(written) + b"\n" + lines.line(len(written) + 1, unknown={text: [text]}) + b"\n")
    with loader(database_url) as load:
        counts = load.load(log, accept=True).counts()
        rows = dict(load.rows(f"SELECT seq, COALESCE({', '.join(TEXT_KEYS)}) FROM tts_request"))
        extra = load.rows("SELECT extra FROM tts_request WHERE seq > ?", len(written))
        raws = [row[0] for row in load.rows("SELECT raw FROM ingest_quarantine ORDER BY off")]

    assert (counts.lines, counts.ok) == (len(written) + 1, len(rows))
    if text == TEXTS["NUL"]:
        assert raws == [*written, lines.line(len(written) + 1, unknown={text: [text]})]
        return
    assert (rows, raws) == ({seq: text if seq <= len(written) else None for seq in range(1, len(written) + 2)}, [])
    stored = extra[0][0]
    assert (json.loads(stored) if isinstance(stored, str) else stored) == {"unknown": {text: [text]}}


@pytest.mark.parametrize("name", ["v1.jsonl", "older.log"])
def test_golden_lines_of_each_version_keep_their_keys(database_url: str, tmp_path: Path, name: str) -> None:
    """P31: read again with every book lost, as by a newer loader: no line becomes a second row."""
    log = tmp_path / "tts.log"
    log.write_bytes((GOLDEN / name).read_bytes())
    with loader(database_url) as load:
        first = load.load(log, accept=True).counts()
        for table in ("anchor", "batch", "quarantine", "file_seen", "stream"):
            load.execute(f"DELETE FROM ingest_{table}")
        second = load.load(log, accept=True).counts()

    assert (first.ok > 2, second.ok, second.dup, second.quarantined) == (True, 0, first.ok, first.quarantined)
