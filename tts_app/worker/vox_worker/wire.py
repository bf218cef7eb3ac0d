"""The wire between the service and a worker process: length-prefixed frames over a pipe.

A frame is two big-endian 32-bit lengths, then a JSON header of the first length and raw bytes of the second.

Service to worker: {"op": "speak", "id": N, ...} with the uploads one after another as payload ("parts" says how long each
is), {"op": "cancel", "id": N}. The end of the stream means stop.
Worker to service: {"ready": true, ...} or {"ready": false, "error", "hint"}; {"beat": true, "stage"} every second while it
works; {"id": N, "chunk": k} with 16-bit mono PCM; at the end {"id": N, "ok": true, figures} or {"id": N, "ok": false, "code",
"stage", "error", "fatal"}.
"""

from __future__ import annotations

import json
import struct
from typing import IO, Any

PREFIX = struct.Struct(">II")
MAX_HEADER_BYTES = 1024 * 1024
MAX_PAYLOAD_BYTES = 128 * 1024 * 1024


def encode_frame(header: dict[str, Any], payload: bytes = b"") -> bytes:
    """The bytes of one frame."""
    head = json.dumps(header, ensure_ascii=False).encode("utf-8", "replace")
    return PREFIX.pack(len(head), len(payload)) + head + payload


def lengths(prefix: bytes) -> tuple[int, int]:
    """How many bytes of header and of payload follow a prefix.

    Raises:
        ValueError: more than any frame of ours has, so that the other side doesn't speak this language.
    """
    header_bytes, payload_bytes = PREFIX.unpack(prefix)
    if header_bytes > MAX_HEADER_BYTES or payload_bytes > MAX_PAYLOAD_BYTES:
        raise ValueError("no frame is that long")
    return header_bytes, payload_bytes


def decode_header(data: bytes) -> dict[str, Any]:
    """The header of a frame.

    Raises:
        ValueError: it is no JSON object.
    """
    header = json.loads(data)
    if not isinstance(header, dict):
        raise ValueError("a header is a JSON object")  # noqa: TRY004 - one kind of error for all bad bytes
    return header


def read_frame(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """The next frame of a blocking stream as header and payload; None where the other side is gone.

    Raises:
        ValueError: the bytes are no frame.
    """
    prefix = stream.read(PREFIX.size)
    if len(prefix) < PREFIX.size:
        return None
    header_bytes, payload_bytes = lengths(prefix)
    body = stream.read(header_bytes + payload_bytes)
    if len(body) < header_bytes + payload_bytes:
        return None
    return decode_header(body[:header_bytes]), body[header_bytes:]
