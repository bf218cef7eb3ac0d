"""All engines of a service: the first is the one of an order that names none."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from tts_app.engines.host import EngineHost
from tts_app.engines.info import EngineStatus
from tts_app.engines.progress import Limits
from tts_app.engines.spec import EMBEDDED, EngineSpec
from tts_app.errors import RequestFailed


class Hosts:
    """The engines' hosts, by name.

    Args:
        specs: at least one; names differ.
        limits: of each engine.
        clock: monotonic seconds.
        tell: gets lines for the operator.
    """

    def __init__(
        self,
        specs: Sequence[EngineSpec],
        limits: Limits,
        *,
        clock: Callable[[], float] = time.perf_counter,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._hosts = {spec.name: EngineHost(spec, limits, clock=clock, tell=tell) for spec in specs}
        self._loading: asyncio.Task[None] | None = None

    @property
    def default(self) -> EngineHost:
        """The first one."""
        return next(iter(self._hosts.values()))

    @property
    def waiting(self) -> int:
        """How many orders wait for a worker of any engine."""
        return sum(host.waiting for host in self._hosts.values())

    @property
    def workers_configured(self) -> int:
        """How many workers there should be."""
        return sum(host.workers_configured for host in self._hosts.values())

    @property
    def workers_up(self) -> int:
        """How many workers are running and ready."""
        return sum(host.workers_up for host in self._hosts.values())

    @property
    def workers_busy(self) -> int:
        """How many workers have an order that is not answered yet."""
        return sum(host.workers_busy for host in self._hosts.values())

    def find(self, engine: str | None, model: str | None) -> EngineHost:
        """The engine of a name, else the one that `model` names, else the first: clients send all kinds of models.

        Raises:
            RequestFailed: INVALID_PARAM, there is no engine of that name.
        """
        if engine:
            if (host := self._named(engine)) is None:
                raise RequestFailed("INVALID_PARAM", f"engine must be one of {', '.join(self._hosts)}.", "engine")
            return host
        return (self._named(model) if model else None) or self.default

    def status(self) -> list[EngineStatus]:
        """Every engine at this moment, the default first."""
        return [host.status(default=host is self.default) for host in self._hosts.values()]

    async def start(self) -> None:
        """Starts all of them; waits for the embedded one, since the others may load for minutes."""
        small = [host for host in self._hosts.values() if host.spec.kind == EMBEDDED]
        self._loading = asyncio.create_task(_start([host for host in self._hosts.values() if host not in small]))
        await _start(small)

    async def close(self) -> None:
        """Ends every worker; none is left when this returns."""
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)
        await asyncio.gather(*(host.close() for host in self._hosts.values()))

    def _named(self, name: str) -> EngineHost | None:
        wanted = name.strip().lower()
        return next((host for known, host in self._hosts.items() if known.lower() == wanted), None)


async def _start(hosts: list[EngineHost]) -> None:
    await asyncio.gather(*(host.start() for host in hosts))
