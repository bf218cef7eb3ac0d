"""The whole line in one command: a synthetic month, real speech, rows, dashboards.

Composes tts-app, tts-etl and tts-redash as processes and talks to them by their commands, their JSON and HTTP only:
it knows no table and no log line.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from voxmeter.corpus import requests
from voxmeter.errors import CheckFailed
from voxmeter.processes import Child, ask, run
from voxmeter.speaking import Answer, speak_all

HISTORY_INSTANCE = "demo-history"
INSTANCE = "demo"
BANNER = (
    f"The month before today is synthetic: instance = {HISTORY_INSTANCE}. "
    f"What was really spoken here: instance = {INSTANCE}."
)
LOAD_SECONDS = 60.0
PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the demo is asked for; `app_port` and `preview_port` None: the usual one or the next free."""

    folder: Path
    number: int
    seed: int
    app_port: int | None
    preview_port: int | None

    @property
    def database_url(self) -> str:
        """The demo's own SQLite file."""
        return f"sqlite:///{self.folder / 'tts.db'}"

    @property
    def log(self) -> Path:
        """The file that the app writes and the loader watches."""
        return self.folder / "logs" / "tts.log"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was sent in this run, and from when on (local time of the report time zone) its rows are to be looked for."""

    answers: list[Answer]
    since: str

    @property
    def parameters(self) -> list[str]:
        """Options that narrow a query of the pack to this run; history is another instance."""
        return ["--param", f"instance={INSTANCE}", "--param", f"period.start={self.since}"]


@dataclass(frozen=True, slots=True)
class Result:
    """What the demo's table shows. Seconds are seconds, ratios 0-1; None where there is nothing to measure."""

    sent: int
    unexpected: int
    rows: int
    doubled: int
    success: float | None
    p50_seconds: float | None
    p95_seconds: float | None
    rtf: float | None
    lag_bytes: int
    empty_charts: tuple[str, ...]

    def failures(self) -> list[str]:
        """What is not as promised: each request has exactly one row, each chart has data, each answer was expected."""
        found = {
            f"{self.unexpected} of {self.sent} answers were not as expected": self.unexpected,
            f"{self.sent - self.rows} of {self.sent} requests have no row": self.sent - self.rows,
            f"{self.doubled} of {self.sent} requests have more than one row": self.doubled,
            f"no data in {', '.join(self.empty_charts)}": len(self.empty_charts),
        }
        return [text for text, number in found.items() if number]


@dataclass(frozen=True, slots=True)
class Stack:
    """The three programs while they run."""

    ui_url: str
    api_url: str
    dashboards_url: str
    children: tuple[Child, ...]


def prepare(wanted: Wanted) -> None:
    """The schema and the synthetic month, loaded. Started again it loads nothing twice."""
    history = str(wanted.folder / "history")
    run("tts-app", "history", "--out", history, "--instance", HISTORY_INSTANCE)
    run("tts-etl", "backfill", history, "--database-url", wanted.database_url)


def start(wanted: Wanted, alive: ExitStack, say: Callable[[str], None]) -> Stack:
    """Starts the service first, since it takes longest, loads the history meanwhile, then the other two.

    What is started is ended by `alive`, in the opposite order.
    """
    wanted.log.parent.mkdir(parents=True, exist_ok=True)
    run("tts-etl", "migrate", "--database-url", wanted.database_url)
    log, database = ("--log", str(wanted.log)), ("--database-url", wanted.database_url)
    watch = alive.enter_context(Child("tts-etl", "watch", *log, *database))
    preview_port = () if wanted.preview_port is None else ("--port", str(wanted.preview_port))
    preview = alive.enter_context(
        Child("tts-redash", "preview", "--serve", "--json", "--banner", BANNER, *preview_port, *database)
    )
    port = () if wanted.app_port is None else ("--port", str(wanted.app_port))
    state = ("--state-dir", str(wanted.folder / "state"))
    app = alive.enter_context(
        Child("tts-app", "serve", "--json", "--instance", INSTANCE, "--workers", "2", *state, *port, *log)
    )
    say("Writing and loading a synthetic month …")
    prepare(wanted)
    served = app.ready()
    return Stack(
        ui_url=served["ui_url"],
        api_url=served["url"],
        dashboards_url=preview.ready()["url"],
        children=(app, watch, preview),
    )


def speak(wanted: Wanted, stack: Stack, run_id: str, on_answer: Callable[[Answer], None]) -> Spoken:
    """Sends the demo's requests; `run_id` makes their ids those of this run."""
    zone = ZoneInfo(str(ask("tts-etl", "status", "--database-url", wanted.database_url)["report_timezone"]))
    since = datetime.now(zone).replace(tzinfo=None).isoformat(timespec="seconds")
    made = requests(wanted.number, wanted.seed)
    pairs = [(f"demo-{run_id}-{number:04d}", request) for number, request in enumerate(made, start=1)]
    return Spoken(speak_all(stack.api_url, pairs, on_answer), since)


def measure(wanted: Wanted, spoken: Spoken) -> Result:
    """Waits until the rows are there, then reads them back by the pack's own queries."""
    database = ("--database-url", wanted.database_url)
    ids = {answer.request_id for answer in spoken.answers}
    found = _wait_for(ids, lambda: _request_ids(spoken, database))
    if not ids & set(found):
        raise CheckFailed(f"none of {len(ids)} requests has a row after {LOAD_SECONDS:.0f} s", "see tts-etl status")
    counts = {request_id: found.count(request_id) for request_id in ids}
    totals = rows_of(ask("tts-redash", "run", "totals", *spoken.parameters, *database))[0]
    of_this_run = ask("tts-redash", "check", *spoken.parameters, *database, allowed=(0, 1))
    of_all = ask("tts-redash", "check", *database, allowed=(0, 1))
    sources = ask("tts-etl", "status", *database)["sources"]
    return Result(
        sent=len(spoken.answers),
        unexpected=sum(not answer.as_expected for answer in spoken.answers),
        rows=sum(count > 0 for count in counts.values()),
        doubled=sum(count > 1 for count in counts.values()),
        success=totals["success_rate"],
        p50_seconds=totals["p50_seconds"],
        p95_seconds=totals["p95_seconds"],
        rtf=totals["rtf"],
        lag_bytes=sum(source["lag_bytes"] or 0 for source in sources),
        empty_charts=tuple(dict.fromkeys([*_without_rows(of_this_run), *_without_marks(of_all)])),
    )


def _without_rows(charts: list[dict[str, Any]]) -> list[str]:
    """Those of the overview: other dashboards ask for GPUs, tokens and weeks, which the month has and this run has not.

    A percentile of few requests is a row without a value.
    """
    return [
        chart["chart"]
        for chart in charts
        if chart["dashboard"] == "tts-overview" and not (chart["rows"] or chart["may_be_empty"])
    ]


def _without_marks(charts: list[dict[str, Any]]) -> list[str]:
    return [chart["chart"] for chart in charts if chart["empty"] or chart["error"]]


def rows_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of `tts-redash run --json` as dicts."""
    return [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]


def _request_ids(spoken: Spoken, database: tuple[str, ...]) -> list[str]:
    # Of every instance, since an instance without a row yet is none that can be asked for.
    since = f"period.start={spoken.since}"
    answer = ask("tts-redash", "run", "latest-requests", "--param", since, *database)
    return [row["request_id"] for row in rows_of(answer)]


def _wait_for(ids: set[str], look: Callable[[], list[str]]) -> list[str]:
    """Looks until every id was found or nothing more comes; a line is written after its answer was sent."""
    deadline = time.monotonic() + LOAD_SECONDS
    while True:
        found = look()
        if ids <= set(found) or time.monotonic() > deadline:
            return found
        time.sleep(PAUSE_SECONDS)


def ended(stack: Stack) -> None:
    """Raises CheckFailed if one of the three programs has ended by itself."""
    for child in stack.children:
        code = child.ended()
        if code is not None:
            raise CheckFailed(f"{child.name} has ended with exit code {code}", "its own message stands above")
