"""The checks of doctor that need no database: folders, rights, rotation, disks, file systems, events."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from etl.errors import ConfigError
from etl.host import hosts
from etl.host.findings import Finding, fail, ok, warn
from etl.host.hosts import Host
from etl.host.logrotate import read_stanzas
from etl.reading import files

MIB = 1024 * 1024
_LEAST_FREE = 100 * MIB
_LITTLE_FREE = 1024 * MIB


def log_folder(logs: Sequence[str]) -> Finding:
    """The folders of the logs are there and can be listed."""
    name = "log folder"
    for log in logs:
        folder = Path(log) if files.is_folder(Path(log)) else Path(log).parent
        reached = files.is_folder(folder) or files.is_closed(folder)
        if not reached and not any(sign in log for sign in "*?["):
            return fail(name, f"{folder} is not there", f"mkdir -p {folder}, or name the right one: --log, or TTS_LOG")
        try:
            found = files.discover([log], rotated=True, may_come=True)
        except ConfigError as error:
            return fail(name, str(error), error.hint)
        if not found:
            return warn(name, f"no log at {log} yet", "start the service, or name its log: --log, or TTS_LOG")
    return ok(name, ", ".join(logs))


def log_rights(logs: Sequence[str]) -> Finding:
    """Every log file can be read."""
    name = "log rights"
    try:
        found = files.discover(logs, rotated=True, may_come=True)
    except ConfigError:
        return ok(name, "no file to read yet")
    for path in found:
        if why := hosts.readable(path):
            return fail(name, f"can't read {path}: {why}", f"give this user the right to read: chmod o+r {path}")
    return ok(name, f"{len(found)} files can be read")


def state_folder(folder: Path) -> Finding:
    """The lock files can be made."""
    why = hosts.writable(folder)
    if why:
        return fail("state folder", why, "set TTS_STATE_DIR to a folder of your own")
    return ok("state folder", str(folder))


def rotation(logs: Sequence[str], host: Host, configured: Sequence[Path]) -> Finding:
    """logrotate renames the log, and no line can get lost while it does."""
    name = "logrotate"
    stanzas, unreadable = read_stanzas([path for path in host.logrotate if path.exists()])
    named, missing = read_stanzas(configured)
    if missing:
        return fail(name, f"can't read {missing[0]}", "name a file or folder that can be read: --logrotate-config")
    paths = [Path(log).resolve() / "tts.log" if files.is_folder(Path(log)) else Path(log).absolute() for log in logs]
    of_log = [stanza for stanza in (*stanzas, *named) if any(map(stanza.rotates, paths))]
    if not of_log:
        where = f" ({unreadable[0]} can't be read)" if unreadable else ""
        return warn(name, f"no stanza rotates {paths[0]}{where}", "take cron/voxmeter.logrotate, or the log grows")
    for stanza in of_log:
        if "copytruncate" in stanza.directives:
            return warn(
                name, f"{stanza.file} has copytruncate, which loses lines", "rename and create: cron/voxmeter.logrotate"
            )
        if "olddir" in stanza.directives:
            folder = stanza.directives["olddir"]
            return warn(name, f"{stanza.file} moves files to {folder}", f"load that folder too: --log {folder}")
        if "compress" in stanza.directives and "delaycompress" not in stanza.directives:
            return warn(
                name, f"{stanza.file} compresses a file that may still be written", "add delaycompress to the stanza"
            )
    return ok(name, str(of_log[0].file))


def disks(folders: Sequence[Path], host: Host) -> Finding:
    """There is room for logs and database."""
    found = [(host.free_bytes(folder), folder) for folder in folders if files.is_folder(folder)]
    if not found:
        return warn("disk", "no folder to look at", "create the log folder")
    free, folder = min(found)
    text = f"{free // MIB:,} MiB free in {folder}"
    if free < _LEAST_FREE:
        return fail("disk", text, "make room: tts-etl purge, or fewer rotated logs")
    if free < _LITTLE_FREE:
        return warn("disk", text, "make room soon: tts-etl purge, or fewer rotated logs")
    return ok("disk", text)


def file_system(folders: Sequence[Path], host: Host) -> Finding:
    """The logs lie where the kernel tells of changes."""
    for folder in folders:
        if kind := host.network_file_system(folder):
            return warn(
                "file system", f"{folder} is on {kind}: no file events there", "watch looks every 2 s, or run it there"
            )
    return ok("file system", "local")


def events(folders: Sequence[Path], host: Host) -> Finding:
    """inotify has room for the watches that `tts-etl watch` needs."""
    why = host.events(folders)
    if why:
        return warn(
            "inotify",
            f"no file events: {why}",
            "sysctl fs.inotify.max_user_instances=512 fs.inotify.max_user_watches=65536; until then it looks every 2 s",
        )
    return ok("inotify", "file events come")
