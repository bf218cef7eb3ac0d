"""One apply at a time on a server and environment.

Redash has one name that everybody may make and nobody may make twice: the trigger of a query snippet. So an apply holds a
snippet for as long as it runs, and writes into it whose it is and until when; who finds one that is over takes it away.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from redash.errors import NotThere, RedashAway, Refused, RemoteError
from redash.remote.client import Client, Json

_LEASE = timedelta(minutes=10)
_PATH = "/api/query_snippets"
_WHY = "tts-redash apply is running; taken away when it ends"

#: In a container that starts anew every process is number 1 of the same host: this tells its lives apart.
_LIFE = secrets.token_hex(8)

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
        until = (clock() + _LEASE).isoformat(timespec="seconds")
        mine = {"host": platform.node(), "pid": os.getpid(), "life": _LIFE, "until": until}
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
        if int(said["pid"]) == os.getpid():
            return bool(said.get("life") != _LIFE)
        os.kill(int(said["pid"]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    except (KeyError, ValueError, TypeError):
        return True
    return False
