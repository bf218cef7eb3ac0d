"""Who stands behind a client_hash: the table tts_client, which only tts_owner reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from etl.store.database import Session


class Label(NamedTuple):
    """A client's names."""

    client_hash: str
    customer: str
    department: str | None


def read(session: Session) -> dict[str, Label]:
    """All labels by client_hash."""
    rows = session.run("SELECT client_hash, customer, department FROM tts_client")
    return {row[0]: Label(*row) for row in rows}


def count(session: Session, client_hash: str) -> int:
    """How many labels a client has: 0 or 1."""
    return int(session.run("SELECT COUNT(*) FROM tts_client WHERE client_hash = ?", client_hash).scalar_one())


def remove(session: Session, client_hash: str) -> int:
    """Takes a client's names away; returns how many there were."""
    return int(session.run("DELETE FROM tts_client WHERE client_hash = ?", client_hash).rowcount)


def write(session: Session, labels: Sequence[Label]) -> None:
    """Adds labels, over the older ones of the same clients."""
    for label in labels:
        session.run(
            "INSERT INTO tts_client (client_hash, customer, department) VALUES (?, ?, ?) "
            "ON CONFLICT (client_hash) DO UPDATE SET customer = excluded.customer, department = excluded.department",
            *label,
        )
