"""`tts-etl clients import`: a CSV file of labels for client_hash, all of it or nothing."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from etl.errors import ConfigError, EtlError
from etl.store import labels
from etl.store.database import Database
from etl.store.labels import Label

_HEADER = ["client_hash", "customer", "department"]
_HASH = re.compile(r"[0-9a-f]{16}", re.ASCII)
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Imported:
    """How many labels are new, how many changed, and how many stood there already."""

    inserted: int
    updated: int
    unchanged: int


def import_clients(database: Database, path: Path) -> Imported:
    """Adds the labels of a file and overwrites those of clients that it names; others stay.

    Raises ConfigError for a file that can't be read, EtlError with the number of each bad line; nothing is written then.
    """
    database.require_schema()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            found, bad = parse(file)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "it is no CSV in UTF-8"
        raise ConfigError(f"can't read {path}: {reason}", f"a CSV file with the header {','.join(_HEADER)}") from error
    if bad:
        more = f"; and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
        raise EtlError(f"nothing imported, {len(bad)} bad lines: {'; '.join(bad[:_SHOWN])}{more}", "mend these lines")
    with database.transaction() as session:
        known = labels.read(session)
        labels.write(session, [label for label in found if known.get(label.client_hash) != label])
    new = [label for label in found if label.client_hash not in known]
    unchanged = sum(known.get(label.client_hash) == label for label in found)
    return Imported(len(new), len(found) - len(new) - unchanged, unchanged)


def parse(lines: Iterable[str]) -> tuple[list[Label], list[str]]:
    """The labels of a CSV text, each client once, and what is wrong with which line."""
    reader = csv.reader(lines, strict=True)
    header = next(reader, None)
    if header is None or [name.strip() for name in header] != _HEADER:
        return [], [f"line 1: the header must be {','.join(_HEADER)}"]
    found: dict[str, Label] = {}
    bad: list[str] = []
    for cells in reader:
        if not any(cells):
            continue
        label = _label([cell.strip() for cell in cells])
        if isinstance(label, str):
            bad.append(f"line {reader.line_num}: {label}")
        elif found.setdefault(label.client_hash, label) != label:
            bad.append(f"line {reader.line_num}: {label.client_hash} has another label above")
    return list(found.values()), bad


def _label(cells: list[str]) -> Label | str:
    """A line's label, or what is wrong with it."""
    if len(cells) != len(_HEADER):
        return f"{len(cells)} columns, not {len(_HEADER)}"
    client_hash, customer, department = cells
    if _HASH.fullmatch(client_hash) is None:
        return "client_hash must be 16 hex digits"
    if not customer:
        return "no customer"
    if "\0" in customer + department:
        return "a NUL character"
    return Label(client_hash, customer, department or None)
