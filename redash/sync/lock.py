"""One apply at a time on a server and environment.

Redash has one name that everybody may make and nobody may make twice: the trigger of a query snippet. So an apply holds a
snippet for as long as it runs, and writes into it whose it is and until when; who finds one that is over takes it away.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from redash.errors import NotThere, RedashAway, Refused, RemoteError
from redash.remote.client import Client, Json

_LEASE = timedelta(minutes=10)
_PATH = "/api/query_snippets"
_WHY = "tts-redash apply is running; taken away when it ends"

Clock = Callable[[], datetime]


@contextmanager
def only_one(client: Client, environment: str, clock: Clock = lambda: datetime.now(UTC)) -> Iterator[None]:
    """Holds the lock of an environment; raises RedashAway, whose exit code says come again, if another apply holds it."""
    held = _take(client, f"voxmeter-apply-{environment}", clock)
    try:
        yield
    finally:
        # What can't be given back is over after its time.
        with suppress(RemoteError):
            client.delete(f"{_PATH}/{held}")


def _take(client: Client, trigger: str, clock: Clock) -> int:
    for _ in range(3):
        mine = {"host": platform.node(), "pid": os.getpid(), "until": (clock() + _LEASE).isoformat(timespec="seconds")}
        try:
            return int(client.post(_PATH, {"trigger": trigger, "description": _WHY, "snippet": json.dumps(mine)})["id"])
        except Refused:
            holder = next((one for one in client.get(_PATH) if one["trigger"] == trigger), None)
        if holder is not None and not _over(holder, clock):
            raise RedashAway(f"another apply is running: {_who(holder)}", "try again when it has ended", undone=True)
        if holder is not None:
            with suppress(NotThere):
                client.delete(f"{_PATH}/{holder['id']}")
    raise RedashAway("other applies come and go all the time", "try again in a minute", undone=True)


def _holding(holder: Json) -> dict[str, Any]:
    try:
        said = json.loads(holder["snippet"])
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _who(holder: Json) -> str:
    said = _holding(holder)
    return f"process {said.get('pid')} on {said.get('host')}, until {said.get('until')} at most"


def _over(holder: Json, clock: Clock) -> bool:
    """Whether its time is over, or its process was on this machine and is gone."""
    said = _holding(holder)
    try:
        until = datetime.fromisoformat(str(said["until"]))
        if until <= clock():
            return True
        if said["host"] != platform.node():
            return False
        os.kill(int(said["pid"]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    except (KeyError, ValueError, TypeError):
        return True
    return False
