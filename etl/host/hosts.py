"""What this host says of itself: its clock and zone, the file system of a path, room on its disks, events to be had."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from etl.loading.watch import FolderWatch
from etl.reading.files import is_there

_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "virtiofs"})


def _free_bytes(path: Path) -> int:
    return shutil.disk_usage(path).free


def _events(folders: Sequence[Path]) -> str:
    """Why no file events can be had in these folders; empty where they can."""
    watch = FolderWatch(folders, threading.Event())
    watch.close()
    return "" if watch.state == "ok" else watch.reason or "unknown"


@dataclass(frozen=True, slots=True)
class Host:
    """What doctor asks the host; a test gives its own answers."""

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    timezone: str = "UTC"
    mounts: Path = Path("/proc/self/mountinfo")
    free_bytes: Callable[[Path], int] = _free_bytes
    events: Callable[[Sequence[Path]], str] = _events
    logrotate: tuple[Path, ...] = (Path("/etc/logrotate.conf"), Path("/etc/logrotate.d"))

    def network_file_system(self, path: Path) -> str | None:
        """The type of the network file system that a path lies on, None for a local one or where nobody knows."""
        try:
            text = self.mounts.read_text(encoding="utf-8")
        except OSError:
            return None
        kind = mounted_type(text, path.resolve())
        return kind if kind in _NETWORK or kind.startswith("fuse.") else None


def mounted_type(mountinfo: str, path: Path) -> str:
    """The type of the file system of a path by the text of /proc/self/mountinfo (proc(5)); empty if none fits."""
    best, kind = "", ""
    for line in mountinfo.splitlines():
        front, _, behind = line.partition(" - ")
        fields = front.split()
        if len(fields) < 5 or not behind:
            continue
        point = fields[4].replace("\\040", " ")
        if path.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, behind.split()[0]
    return kind


def readable(path: Path) -> str:
    """Why a file can't be read; empty where it can. Asks by reading, since rights alone don't tell."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.pread(fd, 1, 0)
        finally:
            os.close(fd)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def writable(folder: Path) -> str:
    """Why nothing can be written in a folder, which may have to be made; empty where it can."""
    there = folder
    while not is_there(there) and there != there.parent:
        there = there.parent
    if not there.is_dir():
        return f"{there} is no folder"
    return "" if os.access(there, os.W_OK | os.X_OK, effective_ids=True) else f"no right to write in {there}"
