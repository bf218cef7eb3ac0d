"""Sound as servers send it, piece by piece: WAV, or bare 16-bit samples. No decoder beyond the standard library."""

from __future__ import annotations

import io
import struct
import wave
from collections.abc import Iterator

from .adapter import SynthesisFailed
from .references import mono

MAX_BYTES = 256 * 1024 * 1024
HEADER_BYTES = 4096
BARE = ("audio/pcm", "audio/l16", "application/octet-stream", "")


def pcm_pieces(kind: str, body: Iterator[bytes], bare_rate_hz: int | None) -> Iterator[tuple[int | None, bytes]]:
    """Pairs of rate and 16-bit mono PCM out of an answer of media type `kind`; the rate of bare samples is `bare_rate_hz`.

    Raises:
        SynthesisFailed: BAD_OUTPUT for anything else, such as MP3, and for more than 256 MiB.
    """
    body = _bounded(body)
    head = b""
    for piece in body:
        head += piece
        if len(head) >= 12:
            break
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        yield from _wav(head, body)
    elif kind.split(";")[0].strip().lower() in BARE and head:
        yield from ((bare_rate_hz, piece) for piece in _even(head, body))
    else:
        raise SynthesisFailed("BAD_OUTPUT")


def _wav(head: bytes, body: Iterator[bytes]) -> Iterator[tuple[int | None, bytes]]:
    start = _data_start(head)
    while start is None and len(head) < HEADER_BYTES and (piece := next(body, b"")):
        head += piece
        start = _data_start(head)
    if start is not None and (rate := _plain_rate(head)) is not None:
        # A stream's header has no true length: what comes is what there is.
        yield from ((rate, piece) for piece in _even(head[start:], body))
        return
    data = head + b"".join(body)
    try:
        with wave.open(io.BytesIO(data)) as sound:
            pcm = mono(sound.readframes(sound.getnframes()), sound.getnchannels(), sound.getsampwidth())
            yield sound.getframerate(), pcm
    except (wave.Error, EOFError, ValueError) as exc:
        raise SynthesisFailed("BAD_OUTPUT") from exc


def _data_start(head: bytes) -> int | None:
    """Where the samples begin: after the head of the first chunk called data."""
    place = 12
    while place + 8 <= len(head):
        name, length = head[place : place + 4], struct.unpack_from("<I", head, place + 4)[0]
        if name == b"data":
            return place + 8
        place += 8 + length + length % 2
    return None


def _plain_rate(head: bytes) -> int | None:
    """The rate of 16-bit mono PCM; None for anything that must be converted first."""
    if head[12:16] != b"fmt " or len(head) < 36:
        return None
    kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", head, 20)
    return int(rate) if (kind, channels, bits) == (1, 1, 16) else None


def _even(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of whole samples."""
    left = first
    while True:
        whole = len(left) - len(left) % 2
        if whole:
            yield left[:whole]
        piece = next(rest, b"")
        if not piece:
            return
        left = left[whole:] + piece


def _bounded(body: Iterator[bytes]) -> Iterator[bytes]:
    seen = 0
    for piece in body:
        seen += len(piece)
        if seen > MAX_BYTES:
            raise SynthesisFailed("BAD_OUTPUT")
        yield piece
