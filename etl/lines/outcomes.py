"""What a line of a log can become, as values. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, NamedTuple

RejectKind = Literal[
    "bad_utf8",
    "bad_json",
    "not_object",
    "nul_or_surrogate",
    "number_range",
    "too_deep",
    "too_long",
    "missing_key",
    "wrong_type",
    "unsupported_version",
    "ts_suspect",
    "key_conflict",
    "unterminated",
    "db_rejected",
    "glued",
]


class Record(NamedTuple):
    """A parsed line. `values` are the columns of its table in order, but `stream_id`, which comes after them."""

    table: str
    values: tuple[object, ...]
    breaks_law: bool

    @property
    def event_day(self) -> str:
        return str(self.values[0])

    @property
    def ts(self) -> str:
        return str(self.values[2])

    @property
    def key(self) -> tuple[object, object, object]:
        """(event_day, writer_id, seq)."""
        return self.values[0], self.values[3], self.values[4]

    @property
    def line_sha256(self) -> object:
        return self.values[-3]

    @property
    def byte_offset(self) -> int:
        offset = self.values[-2]
        if not isinstance(offset, int):
            raise TypeError("byte_offset is an int")
        return offset


class Reject(NamedTuple):
    """A line that can't become a row; `error` says why in words without any of the line's values."""

    kind: RejectKind
    error: str
    event_day: str | None = None
    writer_id: str | None = None


class Skipped(NamedTuple):
    """A line that is no request line (a banner, a traceback), or an event that this version doesn't know."""


class Blank(NamedTuple):
    """An empty line."""


class Glued(NamedTuple):
    """A torn line with a whole one behind it: the reject of the whole text, and the record of its second half."""

    reject: Reject
    record: Record


Outcome = Record | Reject | Skipped | Blank | Glued


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejected line: `raw` are its bytes or, of one longer than any line may be, the first of its `length`."""

    offset: int
    raw: bytes
    length: int
    sha256: bytes
    reject: Reject

    @classmethod
    def whole(cls, offset: int, raw: bytes, reject: Reject) -> Rejected:
        return cls(offset, raw, len(raw), hashlib.sha256(raw).digest(), reject)
