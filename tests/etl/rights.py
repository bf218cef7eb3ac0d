"""Rights as users have them: root passes every folder, and most tests run as root."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_IMODE

_VERSION = 0x20080522
#: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH.
_PASSING = 0b110
_libc = ctypes.CDLL(None, use_errno=True)


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Capabilities(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


@contextmanager
def closed(path: Path, mode: int = 0) -> Iterator[None]:
    """Within it this thread has no more right to a file or folder than `mode` gives its owner."""
    before = S_IMODE(path.stat().st_mode)
    path.chmod(mode)
    header, found = _Header(_VERSION, 0), (_Capabilities * 2)()
    assert _libc.capget(ctypes.byref(header), found) == 0
    effective = found[0].effective
    try:
        found[0].effective = effective & ~_PASSING
        assert _libc.capset(ctypes.byref(header), found) == 0
        yield
    finally:
        found[0].effective = effective
        assert _libc.capset(ctypes.byref(header), found) == 0
        path.chmod(before)
