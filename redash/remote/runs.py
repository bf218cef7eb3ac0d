"""Queries that Redash runs, as jobs, and what came of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from redash.errors import RedashAway, RunFailed
from redash.remote.client import Client, Json

_FINISHED, _FAILED, _CANCELED = 3, 4, 5
_FIRST_LOOK_SECONDS, _LONGEST_LOOK_SECONDS = 0.1, 1.0


@dataclass(frozen=True, slots=True)
class QueryResults:
    """`/api/queries/<id>/results`, `/api/query_results` and `/api/jobs`."""

    client: Client
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def start(self, query_id: int, parameters: Json | None = None, max_age: int = 0) -> Json:
        """Asks for a result at most `max_age` seconds old (0: run it, -1: any): {"query_result"} or {"job"}.

        All parameters must be given, as values of their types; raises Refused if one is missing or wrong.
        """
        body = {"parameters": parameters or {}, "max_age": max_age}
        return cast(Json, self.client.post(f"/api/queries/{query_id}/results", body))

    def start_text(self, source_id: int, text: str, max_age: int = 0) -> Json:
        """Asks for the result of an SQL text that is no saved query: {"query_result"} or {"job"}."""
        body = {"data_source_id": source_id, "query": text, "parameters": {}, "max_age": max_age}
        return cast(Json, self.client.post("/api/query_results", body))

    def job(self, job_id: str) -> Json:
        """`status`: 1 queued, 2 started, 3 finished (`query_result_id`), 4 failed (`error`), 5 cancelled."""
        return cast(Json, self.client.get(f"/api/jobs/{job_id}")["job"])

    def cancel(self, job_id: str) -> None:
        """Stops a job."""
        self.client.delete(f"/api/jobs/{job_id}")

    def get(self, result_id: int) -> Json:
        """A stored result: `data` is {"columns": [{name, friendly_name, type}], "rows": [{column: value}]}."""
        return cast(Json, self.client.get(f"/api/query_results/{result_id}")["query_result"])

    def latest(self, query_id: int) -> Json:
        """The last stored result of a query; raises NotThere if it has none."""
        return cast(Json, self.client.get(f"/api/queries/{query_id}/results.json")["query_result"])

    def run(self, query_id: int, parameters: Json | None = None, timeout_seconds: float = 300) -> Json:
        """Runs a query now and waits for its result.

        Raises RunFailed with Redash's word if it ends with an error, RedashAway if it has not ended in time.
        """
        answer = self.start(query_id, parameters)
        return cast(Json, answer.get("query_result") or self.get(self.wait(answer["job"], timeout_seconds)))

    def run_text(self, source_id: int, text: str, timeout_seconds: float = 300) -> Json:
        """Runs an SQL text now and waits for its result, as `run` does."""
        answer = self.start_text(source_id, text)
        return cast(Json, answer.get("query_result") or self.get(self.wait(answer["job"], timeout_seconds)))

    def wait(self, job: Json, timeout_seconds: float = 300) -> Any:
        """Waits until a job has ended and returns its `query_result_id`, or its `result` where it has none.

        Raises RunFailed with Redash's word if it ends with an error, RedashAway if it has not ended in time.
        """
        until, pause = self.clock() + timeout_seconds, _FIRST_LOOK_SECONDS
        while job["status"] not in {_FINISHED, _FAILED, _CANCELED}:
            if self.clock() > until:
                raise RedashAway(
                    f"Redash has not run it within {timeout_seconds:.0f} seconds",
                    "does a worker look after the queues queries, scheduled_queries and schemas?",
                )
            self.sleep(pause)
            pause = min(2 * pause, _LONGEST_LOOK_SECONDS)
            job = self.job(job["id"])
        if job["status"] != _FINISHED:
            raise RunFailed(str(job.get("error") or "cancelled"), "open the query in Redash and run it there")
        return job.get("query_result_id") or job.get("result")
