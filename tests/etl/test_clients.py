"""Labels of clients: all of a file, or nothing of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from etl.errors import ConfigError, EtlError
from etl.store.labels import Label
from etl.upkeep.clients import Imported, import_clients, parse
from tests.etl.loading import loader
from tests.etl.test_cli import run

HEADER = "client_hash,customer,department\n"
FIRST = f'{HEADER}a1b2c3d4e5f60718,"Müller, Söhne",客服\nb1b2c3d4e5f60718,ACME,\n'
SELECT = "SELECT client_hash, customer, department FROM tts_client ORDER BY 1"


def test_labels_are_added_and_overwritten(database_url: str, tmp_path: Path) -> None:
    """A second file changes those that it names and leaves the others; a BOM and blank lines do no harm."""
    path = tmp_path / "clients.csv"
    with loader(database_url) as load:
        path.write_text(FIRST, encoding="utf-8-sig")
        first, again = (import_clients(load.database, path) for _ in range(2))
        path.write_text(f"{HEADER}\nb1b2c3d4e5f60718,ACME,Sales\nc1b2c3d4e5f60718,Initech,\n", encoding="utf-8")
        later = import_clients(load.database, path)
        rows = load.rows(SELECT)

    assert (first, again, later) == (Imported(2, 0, 0), Imported(0, 0, 2), Imported(1, 1, 0))
    assert rows == [
        ("a1b2c3d4e5f60718", "Müller, Söhne", "客服"),
        ("b1b2c3d4e5f60718", "ACME", "Sales"),
        ("c1b2c3d4e5f60718", "Initech", None),
    ]


def test_bad_lines_are_told_with_their_numbers() -> None:
    """A quoted line break counts as the lines that it takes."""
    text = [
        HEADER,
        'a1b2c3d4e5f60718,"two\n',
        'lines",x\n',
        "A1B2C3D4E5F60718,upper,\n",
        "b1b2c3d4e5f60718,,x\n",
        "b1b2c3d4e5f60718,short\n",
        "a1b2c3d4e5f60718,other,x\n",
    ]

    assert parse(text) == (
        [Label("a1b2c3d4e5f60718", "two\nlines", "x")],
        [
            "line 4: client_hash must be 16 hex digits",
            "line 5: no customer",
            "line 6: 2 columns, not 3",
            "line 7: a1b2c3d4e5f60718 has another label above",
        ],
    )


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        (b"client,customer\n", EtlError, "line 1: the header"),
        (b"", EtlError, "line 1: the header"),
        (FIRST.encode() + b"x,y,z\n", EtlError, "line 4: client_hash"),
        (HEADER.encode() + b"a1b2c3d4e5f60718,\xff,\n", ConfigError, "no CSV in UTF-8"),
        (None, ConfigError, "No such file"),
    ],
)
def test_a_bad_file_writes_nothing(
    database_url: str, tmp_path: Path, text: bytes | None, error: type[EtlError], says: str
) -> None:
    """Neither its good lines."""
    path = tmp_path / "clients.csv"
    if text is not None:
        path.write_bytes(text)
    with loader(database_url) as load:
        with pytest.raises(error, match=says):
            import_clients(load.database, path)

        assert load.rows(SELECT) == []


def test_the_command(database_url: str, tmp_path: Path) -> None:
    """--json gives the figures; options may stand before each of the commands too."""
    path = tmp_path / "clients.csv"
    path.write_text(FIRST, encoding="utf-8")
    code, out, _ = run("clients", "import", path, "--database-url", database_url, "--json")
    said = run("--database-url", database_url, "clients", "import", path)
    assert run("clients", "--database-url", database_url, "import", path) == said

    assert (code, json.loads(out)) == (0, {"inserted": 2, "updated": 0, "unchanged": 0})
    assert (said[0], said[2]) == (0, "0 new, 0 changed, 2 as before\n")
