"""What stands in front of the application, from the outside in: proxy, headers, door, sizes, the page's own routes."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.types import ASGIApp

from tts_app.access import Door, Rules
from tts_app.config import DoorSettings
from tts_app.connections import Bounds, Connections
from tts_app.errors import ConfigError
from tts_app.flood import FloodGuard
from tts_app.headers import SecurityHeaders
from tts_app.keys import Access, AccessFile
from tts_app.login import Login
from tts_app.pagegate import PageGate
from tts_app.proxy import Proxied, address_of
from tts_app.ratelimit import RateLimit
from tts_app.requestlog import RequestLog
from tts_app.sessions import Sessions
from tts_app.sizes import Sized, Sizes

SIGN_INS_A_MINUTE = 10
# What a form may hold beside its two uploads, and how many uploads are in memory before clients are asked to come again.
FORM_BYTES, UPLOADS, AT_ONCE = 64 * 1024, 2, 8


class Gate:
    """The door of one service.

    Args:
        settings: of it.
        clock: monotonic seconds.
        tell: gets a line when the access file can't be used.

    Raises:
        ConfigError: the access file can't be used.
    """

    def __init__(self, settings: DoorSettings, clock: Callable[[], float], tell: Callable[[str], None]) -> None:
        self._settings = settings
        self._clock = clock
        self.access = Access(AccessFile(settings.access_file), tell)
        self.limits = RateLimit(settings.per_minute, clock)
        bounds = Bounds(connections=settings.connections, share=settings.connections // 2)
        self.connections = Connections(bounds, settings.front.trusts)

    def check_host(self, host: str) -> None:
        """Whether the service may listen on `host`.

        Raises:
            ConfigError: other machines reach it, and it has no lock.
        """
        if not (is_own(host) or self.access.locked or self._settings.insecure):
            raise ConfigError(
                f"{host} can be reached from other machines, and there is neither a key nor a login",
                "tts-app keys add NAME makes a key; --insecure goes without, where something else guards the service",
            )

    def around(self, app: ASGIApp, requests: RequestLog, flood: FloodGuard) -> ASGIApp:
        """`app` behind the gate; who is refused has a line in `requests`, and counts in `flood`."""
        settings = self._settings
        sessions = Sessions(self.access, time.time)
        rules = Rules(
            access=self.access,
            sessions=sessions,
            login=Login(sessions, RateLimit(SIGN_INS_A_MINUTE, self._clock)),
            limits=self.limits,
            flood=flood,
            requests=requests,
            client_from=settings.client_from,
            client_header=settings.front.client_header,
            any_host=settings.insecure or bool(settings.front.trusted),
        )
        sizes = Sizes(
            body_bytes=FORM_BYTES,
            speech_bytes=UPLOADS * settings.upload_bytes + FORM_BYTES,
            at_once_bytes=AT_ONCE * settings.upload_bytes,
        )
        inside = Sized(PageGate(app), sizes)
        return Proxied(SecurityHeaders(Door(inside, rules)), settings.front)


def is_own(host: str) -> bool:
    """Whether `host` is reached from this machine alone."""
    address = address_of(host)
    return host == "localhost" or (address is not None and address.is_loopback)
