"""A line of a log becomes a record, a reject, or is skipped or blank. Pure.

Whatever a database could refuse is refused here: NUL, lone surrogates, NaN, numbers beyond 64 bits, deep nesting.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from etl.lines import older_lines
from etl.lines.limits import MAX_DEPTH, depth, has_nul
from etl.lines.line_v1 import LineV1
from etl.lines.moments import LocalTime
from etl.lines.older_lines import OlderLines
from etl.lines.outcomes import Blank, Glued, Outcome, Record, Reject, Skipped
from etl.lines.usual_lines import UsualLines

#: Bytes of a line, without its newline.
MAX_LINE_BYTES = 256 * 1024

#: Gives, when it is asked, what tells one stream of older lines from another (etl.lines.older_lines.preamble_of).
Preamble = Callable[[], bytes]

_BOM = b"\xef\xbb\xbf"
_START_OF_LINE = b'{"v":'
_JSON_STARTS = frozenset(b'["-0123456789tfn')


class Decoder:
    """Decodes the lines of one source.

    `zone` is the one of its older lines, `report_zone` the one that days are cut in.
    """

    def __init__(self, zone: ZoneInfo, report_zone: ZoneInfo) -> None:
        local_time = LocalTime(report_zone)
        self.timezone, self.report_timezone = zone.key, report_zone.key
        self._usual = UsualLines(local_time)
        self._v1 = LineV1(local_time)
        self._older = OlderLines(zone, local_time)
        self._json = msgspec.json.Decoder()

    def decode(self, line: bytes, offset: int, preamble: Preamble) -> Outcome:
        """What `line` (without its newline) at `offset` is; `preamble` (etl.lines.older_lines) names an older line's writer."""
        # Without a backslash, which is looked for in no time, there is no escaped NUL.
        nul_free = b"\\" not in line or b"\\u0000" not in line
        if nul_free and line.startswith(_START_OF_LINE) and len(line) <= MAX_LINE_BYTES:
            record = self._usual.decode(line, offset)
            if record is not None:
                return record
        outcome = self._whole(line, offset, preamble)
        if type(outcome) is Record or type(outcome) is Blank:
            return outcome
        at = line.rfind(_START_OF_LINE)
        if at > 0 and len(line) <= MAX_LINE_BYTES:
            behind = self._whole(line[at:], offset + at, preamble)
            if type(behind) is Record:
                reason = outcome.error if isinstance(outcome, Reject) else "text before it"
                return Glued(Reject("glued", f"a torn line with another one behind it ({reason})"), behind)
        return outcome

    def _whole(self, line: bytes, offset: int, preamble: Preamble) -> Outcome:
        if len(line) > MAX_LINE_BYTES:
            return Reject("too_long", f"{len(line)} bytes, at most {MAX_LINE_BYTES} are read")
        if offset == 0 and line.startswith(_BOM):
            line = line[3:]
        start = line.lstrip()[:1]
        if start == b"{":
            return self._object(line, offset, preamble)
        if not start:
            return Blank()
        if b"\0" in line:
            return Reject("nul_or_surrogate", "a NUL byte")
        if older_lines.starts_like_one(line):
            return self._older_text(line, offset, preamble)
        return self._no_object(line) if start[0] in _JSON_STARTS else Skipped()

    def _object(self, line: bytes, offset: int, preamble: Preamble) -> Outcome:
        found = self._parsed(line)
        if isinstance(found, Reject):
            return found
        if "v" in found:
            outcome = self._v1.decode(line, found, offset)
        elif "time" in found and "event" not in found:
            outcome = self._older.decode_json(line, found, (offset, preamble()))
        else:
            return Reject("missing_key", "v")
        return _with_writer(outcome, found) if isinstance(outcome, Reject) else outcome

    def _parsed(self, line: bytes) -> dict[str, Any] | Reject:
        if line.count(b"[") + line.count(b"{") > MAX_DEPTH and depth(line) > MAX_DEPTH:
            return Reject("too_deep", f"nested more than {MAX_DEPTH} deep")
        try:
            found = self._json.decode(line)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            return _cause(line, error)
        if b"\\u0000" in line and has_nul(found):
            return Reject("nul_or_surrogate", "a NUL character")
        return found if isinstance(found, dict) else Reject("not_object", "JSON, but no object")

    def _older_text(self, line: bytes, offset: int, preamble: Preamble) -> Outcome:
        try:
            return self._older.decode_text(line, offset, preamble())
        except UnicodeDecodeError:
            return Reject("bad_utf8", "not UTF-8")

    def _no_object(self, line: bytes) -> Outcome:
        """A line that starts like JSON but no object: JSON goes to quarantine, a banner such as `[WARNING] …` doesn't."""
        if line.count(b"[") > MAX_DEPTH and depth(line) > MAX_DEPTH:
            return Reject("too_deep", f"nested more than {MAX_DEPTH} deep")
        try:
            self._json.decode(line)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return Skipped()
        return Reject("not_object", "JSON, but no object")


def looks_like_request(line: bytes) -> bool:
    """Whether a line starts like a request line of any form (then its failure is a reject, else it is skipped)."""
    return line.removeprefix(_BOM).lstrip()[:1] == b"{" or older_lines.starts_like_one(line)


def _with_writer(reject: Reject, found: dict[str, Any]) -> Reject:
    """The reject with the writer and day that the line names, so that a gap in its seq can be explained."""
    writer, ts = found.get("writer_id"), found.get("ts")
    named = writer if isinstance(writer, str) and len(writer) == 32 else None
    day = ts[:10] if isinstance(ts, str) and LocalTime(ZoneInfo("UTC")).of(ts) is not None else None
    return reject._replace(writer_id=named, event_day=day)


def _cause(line: bytes, error: Exception) -> Reject:
    """Why a text is not the JSON that is read here."""
    if isinstance(error, RecursionError):
        return Reject("too_deep", "nested too deep")
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return Reject("bad_utf8", "not UTF-8")
    if b"\0" in line:
        return Reject("nul_or_surrogate", "a NUL byte")
    if isinstance(error, msgspec.ValidationError):
        return Reject("number_range", "a number that no double holds")
    constants: list[str] = []
    try:
        found = json.loads(line, parse_constant=constants.append)
    except (ValueError, RecursionError):
        return Reject("bad_json", "not JSON")
    if constants:
        return Reject("number_range", constants[0])
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return Reject("nul_or_surrogate", "half of a surrogate pair")
    return Reject("bad_json", "not JSON as RFC 8259 has it")
