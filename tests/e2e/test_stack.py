"""Text → speech → log line → SQL → chart, on SQLite and on PostgreSQL, by the commands alone."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from voxmeter.corpus import SpokenRequest, requests
from voxmeter.processes import Child
from voxmeter.speaking import speak_all

BIN = Path(sys.executable).parent
DEADLINE_SECONDS = 120.0


def call(name: str, *arguments: str) -> Any:
    done = subprocess.run([BIN / name, *arguments, "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def loaded_ids(database: tuple[str, ...], wanted: set[str]) -> list[str]:
    """Looks until all wanted ids have a row, or the deadline has passed."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        answer = call("tts-redash", "run", "latest-requests", *database)
        column = answer["columns"].index("request_id")
        ids = [row[column] for row in answer["rows"]]
        if wanted <= set(ids) or time.monotonic() > deadline:
            return sorted(ids)


def test_what_is_spoken_is_drawn(database_url: str, tmp_path: Path):
    """Sixty requests, good and bad: as many rows, each once, no lag, and every chart of the pack has data."""
    log = tmp_path / "logs" / "tts.log"
    log.parent.mkdir()
    database = ("--database-url", database_url)
    asked = [(f"stack-{number:03d}", request) for number, request in enumerate(requests(60, 5))]
    with ExitStack() as alive:
        watch = Child("tts-etl", "watch", "--log", str(log), *database)
        alive.enter_context(watch)
        service = Child(
            "tts-app",
            "serve",
            "--json",
            "--log",
            str(log),
            "--instance",
            "stack",
            "--state-dir",
            str(tmp_path),
            "--port",
            "0",
        )
        alive.enter_context(service)
        answers = speak_all(service.ready()["url"], asked, lambda _: None)
        ids = loaded_ids(database, {request_id for request_id, _ in asked})
        charts = call("tts-redash", "check", *database)
        still_up = (watch.ended(), service.ended())
    sources = call("tts-etl", "status", *database)["sources"]

    assert [answer.request_id for answer in answers if not answer.as_expected] == []
    assert ids == sorted(request_id for request_id, _ in asked)
    assert [chart for chart in charts if chart["error"]] == []
    assert [
        chart["chart"]
        for chart in charts
        if chart["dashboard"] == "tts-overview" and not (chart["rows"] or chart["may_be_empty"])
    ] == []
    assert len(charts) >= 10
    assert still_up == (None, None)
    assert [(source["lines"]["quarantined"], source["lines"]["dup"]) for source in sources] == [(0, 0)]


def test_no_text_of_the_user_reaches_a_log(tmp_path: Path):
    """A canary in the text is in the audio request only: not in the line, not in what the service prints."""
    canary = "Zanzibar-canary-7731"
    log = tmp_path / "logs" / "tts.log"

    def request(route: str, text: str) -> SpokenRequest:
        return SpokenRequest(text, "en", "happy", 1.0, "f1", 1.0, route, "wav", 200)

    printed = tmp_path / "printed.txt"
    with printed.open("w") as sink:
        process = subprocess.Popen(
            [BIN / "tts-app", "serve", "--json", "--log", str(log), "--state-dir", str(tmp_path), "--port", "0"],
            stdout=subprocess.PIPE, stderr=sink, text=True,
        )  # fmt: skip
        with process:
            assert process.stdout is not None
            url = json.loads(process.stdout.readline())["url"]
            pairs = [
                ("a", request("/generate", canary)),
                ("b", request("/v1/audio/speech", canary)),
                ("c", request("/generate", canary * 400)),
            ]
            statuses = [answer.http_status for answer in speak_all(url, pairs, lambda _: None)]
            process.terminate()
            process.communicate()

    assert statuses == [200, 200, 413]
    assert [
        name for name, text in (("line", log.read_text()), ("printed", printed.read_text())) if "anzibar" in text
    ] == []
    assert log.read_text().count('"tts.request"') == 3
