"""The options of `tts-app serve` about who may come in, and how often."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from tts_app.config import DoorSettings
from tts_app.errors import ConfigError
from tts_app.keys import ACCESS_FILE
from tts_app.proxy import Front, Network

F = TypeVar("F", bound=Callable[..., Any])

MIB = 2**20
HEADER = re.compile(r"header:([A-Za-z0-9-]{1,64})")
ROOT_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")

option = functools.partial(click.option, show_envvar=True)
access_file_option = option(
    "--access-file",
    envvar="TTS_ACCESS_FILE",
    metavar="FILE",
    help="Hashes of API keys and passwords. Default: access.json in the state folder.",
)
state_dir_option = option(
    "--state-dir",
    envvar="TTS_STATE_DIR",
    metavar="DIR",
    help="Keeps the access file, and the key for hashes of clients. Default: ~/.local/state/tts-app",
)


def state_folder(named: str | None) -> Path:
    """The state folder: as named, else the user's."""
    if named:
        return Path(named)
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local/state") / "tts-app"


def door_options(command: F) -> F:
    """The options about the door."""
    options = (
        access_file_option,
        option(
            "--insecure",
            envvar="TTS_INSECURE",
            is_flag=True,
            help="Listen on other addresses than this machine's own without keys and logins.",
        ),
        option(
            "--trusted-proxy",
            "trusted_proxies",
            envvar="TTS_TRUSTED_PROXY",
            multiple=True,
            metavar="CIDR",
            help="A proxy whose X-Forwarded-For and -Proto count. Repeatable.",
        ),
        option(
            "--client-from",
            envvar="TTS_CLIENT_FROM",
            default="key",
            show_default=True,
            metavar="key|forwarded|header:NAME",
            help="What makes a client: its key or login, else its address; its address; a header that the proxy sets.",
        ),
        option(
            "--root-path",
            envvar="TTS_ROOT_PATH",
            default="",
            metavar="/PATH",
            help="Where a proxy shows the service, if not at /.",
        ),
        option(
            "--per-minute",
            envvar="TTS_PER_MINUTE",
            type=click.IntRange(1),
            help="Requests a minute of one client; one more is refused with 429. Default: as many as it likes.",
        ),
        option(
            "--max-upload-mb",
            envvar="TTS_MAX_UPLOAD_MB",
            type=click.IntRange(1, 1024),
            default=20,
            show_default=True,
            help="The largest upload of reference audio.",
        ),
        option(
            "--max-connections",
            envvar="TTS_MAX_CONNECTIONS",
            type=click.IntRange(2),
            default=1000,
            show_default=True,
            help="Open connections; half of them of one address, unless it is a trusted proxy.",
        ),
    )
    for decorate in reversed(options):
        command = decorate(command)
    return command


def door_settings(options: dict[str, Any]) -> DoorSettings:
    """The settings of the door from the options of `serve`.

    Raises:
        ConfigError: a value that can't be used, or a client that only a proxy can name, without a proxy.
    """
    trusted = tuple(_network(cidr) for given in options["trusted_proxies"] for cidr in given.split(",") if cidr.strip())
    kind, header = _client_from(options["client_from"])
    if kind != "key" and not trusted:
        raise ConfigError(f"--client-from {options['client_from']} needs a proxy", "name it with --trusted-proxy CIDR")
    root_path = options["root_path"].rstrip("/")
    if root_path and not ROOT_PATH.fullmatch(root_path):
        raise ConfigError("the root path can't be used", "such as /tts (--root-path, TTS_ROOT_PATH)")
    return DoorSettings(
        access_file=access_path(options["access_file"], options["state_dir"]),
        insecure=options["insecure"],
        front=Front(root_path=root_path, trusted=trusted, client_header=header),
        client_from=kind,
        per_minute=options["per_minute"],
        upload_bytes=options["max_upload_mb"] * MIB,
        connections=options["max_connections"],
    )


def access_path(named: str | None, state_dir: str | None) -> Path:
    """Where the access file lies."""
    return Path(named) if named else state_folder(state_dir) / ACCESS_FILE


def _network(cidr: str) -> Network:
    try:
        return ip_network(cidr.strip())
    except ValueError as exc:
        raise ConfigError(f"{cidr} is no network", "such as 10.0.0.0/8 or 127.0.0.1 (--trusted-proxy)") from exc


def _client_from(text: str) -> tuple[str, str | None]:
    if text in ("key", "forwarded"):
        return text, None
    if named := HEADER.fullmatch(text):
        return "header", named[1].lower()
    raise ConfigError(f"--client-from {text} is not known", "key, forwarded or header:NAME")
