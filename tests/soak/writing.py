"""A writer of the rig: the service's own EventLog, in bursts, with a counter that outlives it."""

from __future__ import annotations

import dataclasses
import random
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.soak.shared import Number
from tts_app.eventlog import EventLog
from tts_app.events import RequestEvent, timestamp

_BURSTS = (1, 5, 50, 200)
#: The stop value that asks a writer for its last line; 0 means: go on.
LAST_LINE = 1


def write(log: Path, writer_id: str, written: Number, stop: Number, per_second: int) -> None:
    """Writes until `stop`, then one last line, so that its highest number is in a file."""
    rng = random.Random(writer_id)  # noqa: S311
    event_log = EventLog(log, writer_id, clock=time.monotonic)
    event = RequestEvent(
        ts="", request_id="soak", instance="soak", app_version="0", source="api", status="ok", fault="none",
        engine="espeak", audio_seconds=2.5, synthesis_seconds=0.5, queue_seconds=0.25, total_seconds=1.0,
    )  # fmt: skip
    while stop.value != LAST_LINE:
        burst = rng.choice(_BURSTS)
        for _ in range(burst):
            _append(event_log, event, written, "x" * rng.choice((0, 20, 1500)))
        time.sleep(burst / per_second)
    _append(event_log, event, written, "last")
    event_log.close()


def _append(event_log: EventLog, event: RequestEvent, written: Number, speaker: str) -> None:
    now = timestamp(datetime.now(UTC))
    if not event_log.append(dataclasses.replace(event, ts=now, speaker=speaker)):
        raise OSError(f"{event_log.path} can't be written")
    written.value += 1
