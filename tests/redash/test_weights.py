"""What counts requests has to weigh them; what counts days, lines or heartbeats has not."""

from __future__ import annotations

import pytest

from redash.lint.weights import averaged_percentiles, unweighted

CALLS = "WITH calls AS (SELECT engine, total_seconds, COALESCE(sample_weight, 1.0) AS w FROM tts_request)\n"
DAYS = "WITH days AS (SELECT DATE(local_at) AS day, SUM(sample_weight) AS requests FROM tts_request GROUP BY 1)\n"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*) AS requests FROM tts_request",
        "SELECT SUM(audio_seconds) AS audio FROM tts_request AS r",
        "SELECT AVG(total_seconds) AS mean FROM tts_request",
        CALLS + "SELECT engine, SUM(total_seconds) AS s FROM calls GROUP BY engine",
        CALLS + "SELECT COUNT(*) OVER (PARTITION BY engine) AS requests FROM calls AS c",
        "SELECT COUNT(*) AS requests FROM (SELECT engine FROM tts_request WHERE status = 'ok') AS some",
    ],
)
def test_a_count_of_requests_without_their_weight_is_found(sql: str):
    """In the table's own select, and in one over what only filters it."""
    assert [(fault.line, "weight" in fault.message) for fault in unweighted(sql, "sqlite")] == [
        (sql.count("\n") + 1, True)
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT SUM(sample_weight) AS requests FROM tts_request",
        CALLS + "SELECT engine, SUM(total_seconds * w) / SUM(w) AS mean FROM calls GROUP BY engine",
        CALLS + "SELECT engine, SUM(w) / SUM(SUM(w)) OVER () AS share FROM calls GROUP BY engine",
        CALLS + "SELECT COUNT(*) AS n, CASE WHEN COUNT(*) >= 20 THEN MIN(total_seconds) END AS p50 FROM calls",
        CALLS + "SELECT COUNT(DISTINCT engine) AS engines FROM calls",
        CALLS + "SELECT COUNT(*) AS rows_read -- unweighted: about the table, not the service\nFROM calls",
        DAYS + "SELECT COUNT(*) AS days, AVG(requests) AS requests_a_day FROM days",
        "SELECT COUNT(*) AS beats FROM tts_heartbeat",
        "SELECT (",
    ],
)
def test_what_is_weighted_or_no_count_of_requests_is_left_alone(sql: str):
    """Weights under any name, sample sizes, groups, other tables; a text that does not parse is another rule's."""
    assert unweighted(sql, "postgresql") == ()


@pytest.mark.parametrize(("call", "count"), [("AVG(p95_seconds)", 1), ("SUM(d.p50 * n)", 1), ("MAX(p95_seconds)", 0)])
def test_a_mean_of_percentiles_is_found(call: str, count: int):
    """By the name of the column; the largest one is an honest figure."""
    sql = f"SELECT {call} AS x FROM days AS d"

    assert len(averaged_percentiles(sql, "sqlite")) == count
