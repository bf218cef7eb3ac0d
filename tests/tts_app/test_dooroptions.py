"""The options about the door become settings, or one line and a hint."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from tts_app.config import DoorSettings
from tts_app.dooroptions import access_path, door_settings, state_folder
from tts_app.errors import ConfigError
from tts_app.proxy import Front

GIVEN: dict[str, Any] = {
    "access_file": None,
    "state_dir": "/state",
    "insecure": False,
    "trusted_proxies": (),
    "client_from": "key",
    "root_path": "",
    "per_minute": None,
    "max_upload_mb": 20,
    "max_connections": 1000,
}


def test_options_become_settings() -> None:
    """Networks from repeated options and from a list in one variable; a header's name in lower case."""
    more = {
        "trusted_proxies": ("10.0.0.0/8,127.0.0.1", "::1"),
        "client_from": "header:X-User",
        "root_path": "/tts/",
        "per_minute": 60,
        "max_upload_mb": 2,
        "access_file": "/run/credentials/access.json",
    }

    assert door_settings(GIVEN) == DoorSettings(access_file=Path("/state/access.json"))
    assert door_settings(GIVEN | more) == DoorSettings(
        access_file=Path("/run/credentials/access.json"),
        front=Front(
            root_path="/tts",
            trusted=(ip_network("10.0.0.0/8"), ip_network("127.0.0.1"), ip_network("::1")),
            client_header="x-user",
        ),
        client_from="header",
        per_minute=60,
        upload_bytes=2 * 2**20,
    )


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"client_from": "forwarded"}, "--client-from forwarded needs a proxy"),
        ({"client_from": "header:X-User"}, "--client-from header:X-User needs a proxy"),
        ({"client_from": "cookie"}, "--client-from cookie is not known"),
        ({"client_from": "header:a b"}, "--client-from header:a b is not known"),
        ({"trusted_proxies": ("10.0.0.1/8",)}, "10.0.0.1/8 is no network"),
        ({"trusted_proxies": ("proxy.example",)}, "proxy.example is no network"),
        ({"root_path": "tts"}, "the root path can't be used"),
        ({"root_path": "/a b"}, "the root path can't be used"),
        ({"root_path": "//evil.example"}, "the root path can't be used"),
    ],
)
def test_what_can_not_be_used_is_said(more: dict[str, Any], message: str) -> None:
    """A client that only a proxy can name needs one whose word counts."""
    with pytest.raises(ConfigError) as error:
        door_settings(GIVEN | more)

    assert str(error.value) == message
    assert error.value.hint


def test_the_access_file_lies_in_the_state_folder() -> None:
    """Unless named."""
    assert access_path(None, None) == state_folder(None) / "access.json"
    assert access_path("a.json", "/state") == Path("a.json")
