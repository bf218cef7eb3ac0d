"""A multipart form, read in memory: what a part is called, what is in it, and not the file name that came with it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from tts_app.errors import RequestFailed

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

# It would write single bytes of broken forms to the service's stderr.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)

MAX_PARTS = 40


@dataclass(slots=True)
class Part:
    """One part: `is_file` where a file name stood beside its name."""

    name: str = ""
    is_file: bool = False
    data: bytearray = field(default_factory=bytearray)


def parts_of(body: bytes, content_type: str) -> list[Part]:
    """The parts of a form in their order.

    Raises:
        RequestFailed: INVALID_PARAM, the form is broken, cut off, or has more than 40 parts.
    """
    collector = _Collector()
    try:
        parser = MultipartParser(parse_options_header(content_type)[1].get(b"boundary", b""), collector.callbacks())
        parser.write(body)
        parser.finalize()
    except (FormParserError, ValueError, LookupError):
        raise _broken() from None
    if not collector.ended:
        raise _broken()
    return collector.parts


class _Collector:
    """What the parser calls."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.ended = False
        self._name = bytearray()
        self._value = bytearray()

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self.on_part_begin,
            "on_part_data": self.on_part_data,
            "on_header_begin": self.on_header_begin,
            "on_header_field": self.on_header_field,
            "on_header_value": self.on_header_value,
            "on_header_end": self.on_header_end,
            "on_headers_finished": self.on_headers_finished,
            "on_end": self.on_end,
        }

    def on_part_begin(self) -> None:
        if len(self.parts) == MAX_PARTS:
            raise _broken()
        self.parts.append(Part())

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].data += data[start:end]

    def on_header_begin(self) -> None:
        self._name.clear()
        self._value.clear()

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        if bytes(self._name).lower() == b"content-disposition":
            options = parse_options_header(bytes(self._value))[1]
            self.parts[-1].name = options.get(b"name", b"").decode()
            self.parts[-1].is_file = b"filename" in options

    def on_headers_finished(self) -> None:
        if not self.parts[-1].name:
            raise _broken()

    def on_end(self) -> None:
        self.ended = True


def _broken() -> RequestFailed:
    return RequestFailed("INVALID_PARAM", "The form can't be read.")
