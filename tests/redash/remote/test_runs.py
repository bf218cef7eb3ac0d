"""Waiting for jobs."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from redash.errors import RedashAway, RunFailed
from redash.remote.client import Client
from redash.remote.runs import QueryResults


class Clock:
    """Time that passes by sleeping alone."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def now(self) -> float:
        return sum(self.slept)


def results_of(*jobs: dict[str, Any]) -> tuple[QueryResults, Clock]:
    """A server whose job takes these states one after the other, the last one for ever."""
    left = list(jobs)

    def respond(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json={"job": left.pop(0) if len(left) > 1 else left[0]})

    clock = Clock()
    client = Client("http://redash.test", "k", transport=httpx2.MockTransport(respond))
    return QueryResults(client, clock.sleep, clock.now), clock


QUEUED = {"id": "j", "status": 1}


def test_a_job_is_looked_at_less_and_less_often():
    """Up to once a second."""
    results, clock = results_of(*[QUEUED] * 5, {"id": "j", "status": 3, "query_result_id": 8})

    assert results.wait(QUEUED) == 8
    assert clock.slept == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]


def test_a_job_without_stored_result_gives_its_own():
    """As that which reads a schema."""
    results, _ = results_of({"id": "j", "status": 3, "query_result_id": None, "result": [{"name": "t"}]})

    assert results.wait(QUEUED) == [{"name": "t"}]


@pytest.mark.parametrize(
    ("job", "word"),
    [({"id": "j", "status": 4, "error": "no such column"}, "no such column"), ({"id": "j", "status": 5}, "cancelled")],
)
def test_a_job_that_fails_is_an_error(job: dict[str, Any], word: str):
    """With Redash's word for it."""
    results, _ = results_of(job)

    with pytest.raises(RunFailed, match=word):
        results.wait(QUEUED)


def test_a_job_that_nobody_takes_is_an_error():
    """After the time that was given; the hint names the queues."""
    results, clock = results_of(QUEUED)

    with pytest.raises(RedashAway, match="within 10 seconds") as caught:
        results.wait(QUEUED, timeout_seconds=10)

    assert "scheduled_queries" in caught.value.hint
    assert 10 < clock.now() < 12
