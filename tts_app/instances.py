"""The name of a service instance, as every line has it."""

from __future__ import annotations

import re
import socket

from tts_app.errors import ConfigError

NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


def instance_name(named: str | None) -> str:
    """The name given, else the host's.

    Raises:
        ConfigError: one that can't stand in a line.
    """
    name = named or re.sub(r"[^A-Za-z0-9._-]", "-", socket.gethostname())[:64] or "tts"
    if not NAME.fullmatch(name):
        raise ConfigError("the instance name can't be used", "1 to 64 of A-Z a-z 0-9 . _ - (--instance, TTS_INSTANCE)")
    return name
