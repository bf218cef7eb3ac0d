"""`test`: cases of alerts and queries held against real databases, and alerts held against the past."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import rich_click as click

from redash.commands.asking import show_rows
from redash.config import Settings
from redash.data.database import reading
from redash.errors import WrongUse
from redash.options import json_option, settings_of, shared_options
from redash.specs.reading import usable_pack
from redash.specs.spec import Pack
from redash.testing.backtest import History, backtest, period_before
from redash.testing.cases import Outcome, run_case, without_a_case
from redash.testing.fixtures import NamedCase, read_cases
from redash.testing.loading import stand
from redash.testing.moments import moment, span


@click.command("test")
@shared_options(group=False)
@click.argument("names", nargs=-1)
@click.option(
    "--cases",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder of the cases. Default: cases/ in the specs.",
)
@click.option(
    "--postgresql", metavar="URL", help="A PostgreSQL server, by any of its databases: each case runs there too."
)
@click.option("--backtest", metavar="14d", help="Say how often the alerts would have fired in the time before.")
@click.option("--until", metavar="MOMENT", help="With --backtest: the end of that time, in UTC. Default: now.")
@click.option("--step", metavar="15m", help="With --backtest: look no more often than this. Default: as scheduled.")
@json_option
@click.pass_context
def test_command(context: click.RichContext, /, **own: Any) -> None:
    """Hold alerts and queries against logs whose answers are known, or alerts against the past.

    A case is a file beside the pack: lines of a log, loaded by tts-etl into a database of its own, and what alerts and
    queries must say of them. NAMES choose cases, with --backtest alerts.

    \b
    Example:
      tts-redash test
      tts-redash test quiet-night --postgresql postgresql+psycopg2://tester@localhost/postgres
      tts-redash test --backtest 14d --database-url sqlite:///data/tts.db
    """
    settings = settings_of(context, own)
    pack = usable_pack(settings.specs)
    if own["backtest"] is not None:
        _look_back(settings, pack, own)
        return
    if own["until"] or own["step"]:
        raise WrongUse("--until and --step go with --backtest")
    cases = read_cases(own["cases"] or settings.specs / "cases")
    chosen = _chosen(own["names"], cases, "case")
    with stand(own["postgresql"]) as on:
        outcomes = []
        for name in chosen:
            outcomes.append(run_case(cases[name], pack, on, settings.timeout_seconds))
            if not own["as_json"]:
                show_outcome(outcomes[-1])
    _sum_up(outcomes, pack, list(cases.values()), own)
    context.exit(1 if any(outcome.faults for outcome in outcomes) else 0)


def show_outcome(outcome: Outcome) -> None:
    """One line for a case, and one for each expectation that was not met."""
    word = "FAILED" if outcome.faults else "ok    "
    where = ", ".join(outcome.databases)
    click.echo(f"{word} {outcome.case}: {outcome.title} ({outcome.expectations} expectations; {where or 'not loaded'})")
    for fault in outcome.faults:
        click.echo(f"       {fault}")


def show_histories(histories: list[History]) -> None:
    """A table of the alerts, and one of the times at which they fired."""
    columns = ("alert", "looks", "fired", "told", "firing", "longest", "night", "holiday", "unknown")
    show_rows(columns, [_history_row(history) for history in histories if not history.note])
    for history in histories:
        if history.note:
            click.echo(f"{history.alert}: {history.note}")
    episodes = [(history.alert, episode) for history in histories for episode in history.episodes]
    if episodes:
        click.echo()
        rows = [
            (alert, one.began_at, _long(one.seconds) + ("" if one.ended_at else " so far"), one.worst, _when(one))
            for alert, one in episodes
        ]
        show_rows(("alert", "fired at", "for", "worst value", ""), rows)


def _look_back(settings: Settings, pack: Pack, own: dict[str, Any]) -> None:
    slugs = _chosen(own["names"], pack.alerts, "alert")
    length = _parsed_span("--backtest", own["backtest"])
    step = None if own["step"] is None else _parsed_span("--step", own["step"])
    period = period_before(_parsed_moment(own["until"]), length, step)

    def tell(slug: str) -> None:
        if not own["as_json"]:
            click.echo(f"going through {slug} …", err=True)

    with reading(settings.database_url, settings.timeout_seconds) as opened:
        histories = backtest(opened, pack, slugs, period, tell)
    if own["as_json"]:
        told = {"begin": period.begin.isoformat(), "end": period.end.isoformat()}
        click.echo(json.dumps({**told, "alerts": [history.as_json() for history in histories]}, ensure_ascii=False))
    else:
        show_histories(histories)


def _sum_up(outcomes: list[Outcome], pack: Pack, cases: list[NamedCase], own: dict[str, Any]) -> None:
    missing = without_a_case(pack, cases)
    if own["as_json"]:
        told = [outcome.as_json() for outcome in outcomes]
        click.echo(json.dumps({"cases": told, "alerts_without_a_case": missing}, ensure_ascii=False))
        return
    failed = sum(bool(outcome.faults) for outcome in outcomes)
    click.echo(f"{len(outcomes)} cases, {failed} failed")
    for slug, states in missing.items():
        click.echo(f"no case of the alert {slug} expects {' or '.join(states)}", err=True)


def _history_row(history: History) -> Sequence[object]:
    nights = sum(episode.night for episode in history.episodes)
    holidays = sum(bool(episode.holiday) for episode in history.episodes)
    return (
        history.alert,
        history.looks,
        len(history.episodes),
        history.messages,
        _long(history.fired_seconds),
        _long(history.longest_seconds),
        nights,
        holidays,
        history.unknown,
    )


def _when(episode: Any) -> str:
    return ", ".join(word for word in ("at night" if episode.night else "", episode.holiday) if word)


def _long(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"


def _chosen(names: tuple[str, ...], known: dict[str, Any], kind: str) -> list[str]:
    for name in names:
        if name not in known:
            raise WrongUse(f"there is no {kind} {name!r}", f"one of: {', '.join(known) or 'none'}")
    return list(dict.fromkeys(names)) or list(known)


def _parsed_span(option: str, text: str) -> timedelta:
    try:
        return span(text)
    except ValueError as error:
        raise WrongUse(f"{option} {text!r}: {error}", "for example 14d") from error


def _parsed_moment(text: str | None) -> datetime | None:
    try:
        return None if text is None else moment(text, period_before(None, timedelta(), None).end)
    except ValueError as error:
        raise WrongUse(f"--until {text!r}: {error}") from error
