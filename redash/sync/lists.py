"""The lists that every look at a server begins with, asked for all at once: none waits for another, or for the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from redash.remote.api import Api, Session
from redash.remote.client import Json
from redash.sync.wanted import TAG

#: As many as a server of usual size serves at a time.
_AT_ONCE = 4

#: Waits for a list; raises what the asking raised.
Asked = Callable[[], list[Json]]


@dataclass(frozen=True, slots=True)
class Lists:
    """What is on the server: queries and dashboards under our tag alone, groups only for an admin."""

    queries: Asked
    dashboards: Asked
    alerts: Asked
    sources: Asked
    destinations: Asked
    groups: Asked


@contextmanager
def asked(api: Api, session: Session) -> Iterator[Lists]:
    """Asks for the lists."""
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        try:
            yield Lists(
                queries=threads.submit(api.queries.all, [TAG]).result,
                dashboards=threads.submit(api.dashboards.all, [TAG]).result,
                alerts=threads.submit(api.alerts.all).result,
                sources=threads.submit(api.data_sources.all).result,
                destinations=threads.submit(api.destinations.all).result,
                groups=threads.submit(api.groups.all if session.is_admin else _nothing).result,
            )
        finally:
            threads.shutdown(cancel_futures=True)


def _nothing() -> list[Json]:
    return []
