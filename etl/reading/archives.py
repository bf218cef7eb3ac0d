"""Compressed archives: which compression the first bytes say, and the decompressed bytes by logical offset."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import zlib
from typing import Final

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_MAGIC: Final = {
    b"\x1f\x8b": "gz",
    b"\xfd7zXZ\x00": "xz",
    b"BZh": "bz2",
    b"\x28\xb5\x2f\xfd": "zst",
}
SUFFIXES: Final = (".gz", ".xz", ".bz2", ".zst")

#: What the decompressors raise for a torn or wrong archive.
BROKEN: Final = (EOFError, OSError, zlib.error, lzma.LZMAError, zstd.ZstdError, ValueError)

_CHUNK = 1024 * 1024
#: So much of what was read last is kept, for anchors that reach back.
_KEPT = 8 * 1024 * 1024


def compression_of(first_bytes: bytes) -> str | None:
    """The compression that the first bytes of a file say, None for plain text."""
    return next((name for magic, name in _MAGIC.items() if first_bytes.startswith(magic)), None)


class _Raw(io.RawIOBase):
    """A descriptor read by position, so that several readers of it don't disturb one another."""

    def __init__(self, fd: int) -> None:
        super().__init__()
        self._fd = fd
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: os.fstat(self._fd).st_size}[whence]
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        read = os.preadv(self._fd, [buffer], self._position)
        self._position += read
        return read


class Decompressed:
    """The decompressed bytes of an archive, read forwards; going back further than a few MiB starts again.

    Of a `broken` one everything before the break is given, at the price of smaller steps.
    """

    def __init__(self, fd: int, compression: str, *, broken: bool = False) -> None:
        self._fd = fd
        self._broken = broken
        self._compression = compression
        self._start()

    def _start(self) -> None:
        raw = io.BufferedReader(_Raw(self._fd), 256 * 1024)
        self._stream = _opened(raw, self._compression)
        self._kept = bytearray()
        self._kept_from = 0

    def read(self, offset: int, length: int) -> bytes:
        """The bytes from `offset`, fewer at the end. Raises one of BROKEN where the archive ends too early."""
        if offset < self._kept_from:
            self._start()
        end = offset + length
        while self._kept_from + len(self._kept) < end:
            more = self._next()
            if not more:
                break
            self._kept += more
            spare = min(len(self._kept) - _KEPT, offset - self._kept_from)
            if spare > 0:
                del self._kept[:spare]
                self._kept_from += spare
        at = offset - self._kept_from
        return bytes(self._kept[at : at + length])

    def _next(self) -> bytes:
        return self._stream.read1(_CHUNK) if self._broken else self._stream.read(_CHUNK)

    def readable_size(self) -> tuple[int, Exception | None]:
        """How many bytes can be read, and what stopped it before the end."""
        self._start()
        total = 0
        try:
            while more := self._next():
                total += len(more)
        except BROKEN as error:
            return total, error
        finally:
            self._start()
        return total, None


def _opened(
    raw: io.BufferedReader[_Raw], compression: str
) -> gzip.GzipFile | lzma.LZMAFile | bz2.BZ2File | zstd.ZstdFile:
    match compression:
        case "gz":
            return gzip.GzipFile(fileobj=raw, mode="rb")
        case "xz":
            return lzma.LZMAFile(raw)
        case "bz2":
            return bz2.BZ2File(raw)
        case _:
            return zstd.ZstdFile(raw)
