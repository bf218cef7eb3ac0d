"""The wire between the service and a worker process: length-prefixed frames over a pipe.

A frame is two big-endian 32-bit lengths, then a JSON header of the first length and raw bytes of the second.
"""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

PREFIX = struct.Struct(">II")


def encode_frame(header: dict[str, Any], payload: bytes = b"") -> bytes:
    """The bytes of one frame."""
    head = json.dumps(header, ensure_ascii=False).encode()
    return PREFIX.pack(len(head), len(payload)) + head + payload


def read_frame(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """The next frame of a blocking stream as header and payload; None where the other side is gone."""
    prefix = stream.read(PREFIX.size)
    if len(prefix) < PREFIX.size:
        return None
    head_bytes, payload_bytes = PREFIX.unpack(prefix)
    body = stream.read(head_bytes + payload_bytes)
    if len(body) < head_bytes + payload_bytes:
        return None
    return json.loads(body[:head_bytes]), body[head_bytes:]
