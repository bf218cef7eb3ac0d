"""Alerts held against the past of a database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from redash.config import PACKAGED
from redash.data.database import Reading, reading
from redash.specs.reading import read_pack
from redash.testing.backtest import Episode, History, Period, backtest, period_before
from redash.testing.fixtures import log_of, read_cases
from redash.testing.loading import Stand

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PACK, _ = read_pack(PACKAGED)
# 60 requests a quarter of an hour; from 10:00 to 11:00 every second one fails. A holiday in Shanghai, where it is 18:00.
PAST = """\
title: an outage of an hour
report_timezone: Asia/Shanghai
lines:
  - {an_hour: 240, from: 2026-11-20T08:00, to: 2026-11-20T10:00}
  - {an_hour: 240, from: 2026-11-20T10:00, to: 2026-11-20T11:00, failing: {percent: 50}}
  - {an_hour: 240, from: 2026-11-20T11:00, to: 2026-11-20T12:30}
  - {heartbeats: 30s, from: 2026-11-20T08:00, to: 2026-11-20T12:00, requests_an_hour: 240}
  - {mark: holiday, at: 2026-11-19T16:00, label: National Day}
  - {mark: maintenance, at: 2026-11-20T12:10, label: new driver}
"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def past(request: pytest.FixtureRequest, both: Stand, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("past")
    (folder / "past.yaml").write_text(PAST, encoding="utf-8")
    log = log_of(read_cases(folder)["past"], NOON)
    with reading(both.filled(request.param, "Asia/Shanghai", log), 30) as opened:
        yield opened


def gone_through(opened: Reading, *slugs: str, until: datetime = NOON, hours: float = 3, **step: Any) -> list[History]:
    period = period_before(until, timedelta(hours=hours), step.get("step"))
    return backtest(opened, step.get("pack", PACK), list(slugs), period, lambda slug: None)


def test_an_outage_is_one_episode_with_its_times(past: Reading):
    """Looked at each five minutes: bad from the window that ends at 10:20 with the one before it, until 11:15."""
    history = gone_through(past, "availability")[0]
    episode = Episode("2026-11-20T18:20:00", "2026-11-20T19:15:00", 3300, 50, False, "National Day")

    assert history == History("availability", 37, 300, 2, 0, 3300, (episode,))
    assert history.longest_seconds == 3300


def test_what_lasts_has_no_end(past: Reading):
    """It fired until the last look and for one step more; the change back is not told yet."""
    history = gone_through(past, "availability", until=datetime(2026, 11, 20, 10, 40, tzinfo=UTC))[0]

    assert (history.messages, history.episodes[0].ended_at, history.episodes[0].seconds) == (1, None, 1500)


def test_a_silence_fires_until_the_maintenance_mark(past: Reading):
    """The last heartbeat at 12:00; at 12:06 more than five minutes have passed, the mark of 12:10 is seen at once."""
    history = gone_through(past, "heartbeat", until=NOON + timedelta(minutes=30), hours=1)[0]

    assert [(one.began_at[11:], one.ended_at and one.ended_at[11:], one.worst) for one in history.episodes] == [
        ("20:06:00", "20:10:00", 540)
    ]


def test_steps_can_be_longer_than_the_schedule_says_and_never_shorter(past: Reading):
    """To go through a long time quickly."""
    longer, shorter = (gone_through(past, "availability", step=timedelta(minutes=minutes))[0] for minutes in (30, 1))

    assert (longer.looks, longer.step_seconds) == (7, 1800)
    assert (shorter.looks, shorter.step_seconds) == (37, 300)


def test_an_alert_on_what_keeps_no_past_is_told(past: Reading):
    """Rather than to say that it never fired."""
    assert gone_through(past, "lag") == [History("lag", note="reads ingest_source, which knows the present only")]


def test_nights_are_told(past: Reading, small: Callable[..., Path]):
    """Looks without a row are unknown: half past midnight in Shanghai, when nothing came any more."""
    pack, _ = read_pack(small())
    at_night = gone_through(past, "failing", until=datetime(2026, 11, 20, 17, tzinfo=UTC), hours=1, pack=pack)[0]

    assert (at_night.looks, at_night.unknown, at_night.episodes) == (13, 13, ())


def test_rearm_says_how_often_it_is_told(past: Reading, small: Callable[..., Path]):
    """From 10:05 to 11:05 each look fires: once, and with rearm each time that more than 15 minutes have passed."""
    once, again = (
        gone_through(past, "failing", pack=read_pack(small(**{"alerts__failing.yaml": text}))[0])[0]
        for text in (RARE, RARE + "rearm_seconds: 900\n")
    )

    assert [(one.began_at[11:16], one.ended_at and one.ended_at[11:16]) for one in once.episodes] == [
        ("18:05", "19:10")
    ]
    # without a failed request there is no row: before and after it is unknown, which is told as a change
    assert (once.messages, again.messages) == (2, 5)


RARE = 'title: {en: F, zh-CN: F}\nquery: failing\ncolumn: failed_n\nop: ">="\nvalue: 5\n'


@pytest.mark.parametrize(
    ("schedule", "note"),
    [
        ("", "its query has no schedule: nothing ever looks"),
        ("-- schedule: {interval_seconds: 60}\n", "reads no clock: it says the same of each moment"),
    ],
)
def test_a_query_without_schedule_or_clock_is_told(past: Reading, small: Callable[..., Path], schedule: str, note: str):
    """Nothing looks at the one, and the other says the same of each moment."""
    sql = {"queries__failing.sql": f"{HEAD}{schedule}{TIMELESS}", "queries__failing.sqlite.sql": TIMELESS}

    assert gone_through(past, "failing", pack=read_pack(small(**sql))[0]) == [History("failing", note=note)]


HEAD = "-- title: {en: F, zh-CN: F}\n-- description: {en: f, zh-CN: f}\n"
TIMELESS = "SELECT 1 AS failed_n"


def test_a_query_that_fails_is_a_note(past: Reading, small: Callable[..., Path]):
    """The other alerts are gone through all the same."""
    scheduled = f"{HEAD}-- schedule: {{interval_seconds: 60}}\nSELECT nothing, NOW() FROM tts_mark"
    sql = {
        "queries__failing.sql": scheduled,
        "queries__failing.sqlite.sql": "SELECT nothing, DATE('now') FROM tts_mark",
    }

    assert "nothing" in gone_through(past, "failing", pack=read_pack(small(**sql))[0])[0].note


def test_a_period_ends_now_unless_told():
    """In UTC."""
    period = period_before(None, timedelta(days=14), None)

    assert period.end - period.begin == timedelta(days=14)
    assert abs(datetime.now(UTC) - period.end) < timedelta(minutes=1)
    assert period_before(NOON, timedelta(hours=1), None) == Period(NOON - timedelta(hours=1), NOON)
