"""What lies in the files and what in the database, as sets of (writer, seq), and the rig's law."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

from tests.etl.loading import loader

_KEY = re.compile(rb'"writer_id":"([0-9a-f]{32})","seq":(\d+)')
Keys = set[tuple[str, int]]


def keys_of(path: Path) -> Keys:
    """The keys of the complete lines of a log file, plain or compressed."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    found = (_KEY.search(line) for line in content.split(b"\n")[:-1] if line.endswith(b"}"))
    return {(match[1].decode(), int(match[2])) for match in found if match is not None}


def judged(
    url: str, status: bytes, on_disk: Keys, written: dict[str, int], mode: str
) -> tuple[dict[str, Any], list[str]]:
    """The figures of a run and every breach of the law."""
    all_written = {(writer, seq) for writer, number in written.items() for seq in range(1, number + 1)}
    with loader(url, zone=None) as load:
        rows = load.rows("SELECT writer_id, seq FROM tts_request")
        in_sql = {(row[0], row[1]) for row in rows}
        distinct = load.rows("SELECT COUNT(DISTINCT line_sha256) FROM tts_request")[0][0]
        kinds = load.kinds()
        ok, replayed, dup, streams, newer, copies = load.rows(
            "SELECT SUM(n_ok), SUM(n_replayed), SUM(n_dup), COUNT(*), SUM(generation), SUM(n_prefix_copies) "
            "FROM ingest_stream"
        )[0]
        load.check_books()
    lost = len(all_written - in_sql)
    gaps = json.loads(status)["sources"][0]["seq_gap_lines"]
    figures = {
        "written": len(all_written), "on_disk": len(on_disk), "rows": len(rows), "in_no_file": lost, "gaps": gaps,
        "n_dup": int(dup), "replayed": int(replayed), "newer": int(newer), "copies": int(copies),
        "streams": streams, "quarantined": len(kinds),
    }  # fmt: skip
    law = {
        "lines on disk are missing": not on_disk - in_sql,
        "rows that nobody wrote": not in_sql - all_written,
        "a line is there twice": distinct == len(rows),
        "the counters don't add up to the rows": ok + replayed == len(rows),
        "the gaps told are not the lines lost": gaps == lost,
        # A copy may be taken in the middle of a write; its half line is kept and the whole one is a row.
        "lines in quarantine": not [kind for kind in kinds if mode == "rename" or kind != "unterminated"],
        "rename lost lines": mode != "rename" or lost == 0,
        "rename read lines again": mode != "rename" or (dup, newer, replayed, copies) == (0, 0, 0, 0),
    }
    return figures, [breach for breach, holds in law.items() if not holds]
