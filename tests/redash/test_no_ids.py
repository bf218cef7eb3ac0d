"""The files hold slugs and no number of a server."""

from __future__ import annotations

import re

from redash.config import PACKAGED

# A server counts its objects: `id: 5`, `query_id: 5`, `queryId: 5`, `data_source_id: 5`, `/queries/5`.
NUMBERED = re.compile(r"((\b|_)ids?|Id)[\"']?\s*:\s*\[?\s*[\"']?\d|/(queries|dashboards|alerts|data_sources)/\d")


def test_no_file_of_the_pack_holds_an_id_of_a_server():
    """They would be right on one Redash and wrong on each other one."""
    files = [path for kind in ("*.sql", "*.yaml") for path in PACKAGED.rglob(kind)]
    found = [path.name for path in files if NUMBERED.search(path.read_text(encoding="utf-8"))]

    assert (found, len(files) > 40) == ([], True)
    assert [bool(NUMBERED.search(text)) for text in ("query_id: 5", "queryId: 5", "query: 5", "at /queries/5")] == [
        True,
        True,
        False,
        True,
    ]
