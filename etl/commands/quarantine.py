"""The commands that look at lines that could not become rows, try them again and put them aside."""

from __future__ import annotations

import base64
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, get_args

import rich_click as click

from etl.commands.common import connected, print_json
from etl.errors import ConfigError
from etl.lines.outcomes import RejectKind
from etl.options import host_timezone, remember, settings_of, shared_options
from etl.printable import printable
from etl.store import held
from etl.store.database import Database
from etl.store.held import Held, Wanted

_STATUSES = ("open", "resolved", "discarded", "erased")
_SHOWN_BYTES = 4096
_PAGE = 200


@click.group()
@shared_options
@click.pass_context
def quarantine(context: click.RichContext, /, **shared: Any) -> None:
    """Look at lines that could not become rows, and try them again.

    \b
    Example:
        tts-etl quarantine list --kind unsupported_version
        tts-etl quarantine reprocess --kind unsupported_version
    """
    remember(context, shared)


def _filters(command: Any) -> Any:
    """--kind and --id, each repeatable."""
    kinds = click.Choice(get_args(RejectKind))
    ids = click.option(
        "--id", "ids", type=click.IntRange(1), multiple=True, metavar="ID", help="This line. Repeatable."
    )
    return click.option("--kind", "kinds", type=kinds, multiple=True, help="Lines with this cause. Repeatable.")(
        ids(command)
    )


def _wanted(context: click.RichContext, options: dict[str, Any], limit: int | None) -> Wanted:
    """The lines that the options mean: of all sources, unless one was named."""
    source_id = options.get("source_id") or (context.obj or {}).get("source_id")
    return Wanted(options["ids"], options["kinds"], options["statuses"], source_id, limit=limit)


@quarantine.command("list")
@shared_options
@_filters
@click.option("--status", "statuses", type=click.Choice(_STATUSES), multiple=True, help="Repeatable. [all]")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="At most so many lines.")
@click.pass_context
def list_(
    context: click.RichContext,
    /,
    limit: int,
    **options: Any,
) -> None:
    """List the lines, without their bytes; of all sources, unless --source-id names one.

    \b
    Example:
        tts-etl quarantine list --status open --json
    """
    from etl import shown

    settings = settings_of(context, options)
    wanted = _wanted(context, options, limit)
    with connected(settings) as database:
        database.require_schema()
        with database.transaction("none") as session:
            found = held.find(session, wanted, with_raw=False)
    if settings.json:
        print_json([_as_json(one) for one in found])
        return
    columns = ("id", "kind", "status", "source_id", "offset", "length", "event_day", "error")
    shown.print_table(columns, [[printable(str(_as_json(one)[name] or "")) for name in columns] for one in found])


@quarantine.command()
@shared_options
@click.argument("q_id", metavar="ID", type=click.IntRange(1))
@click.pass_context
def show(context: click.RichContext, /, q_id: int, **shared: Any) -> None:
    """Show one line: its cause, its place, and its bytes with whatever a terminal would act on escaped.

    \b
    Example:
        tts-etl quarantine show 17
    """
    from etl.upkeep.reprocess import require_known

    settings = settings_of(context, shared)
    with connected(settings) as database:
        database.require_schema()
        with database.transaction("none") as session:
            require_known(session, [q_id])
            one = held.find(session, Wanted(ids=(q_id,)), with_raw=True)[0]
    if settings.json:
        print_json({**_as_json(one), "raw": printable(one.raw), "raw_base64": base64.b64encode(one.raw).decode()})
        return
    for name, value in _as_json(one).items():
        click.echo(f"{name:15} {printable(str(value)) if value is not None else 'unknown'}")
    click.echo(printable(one.raw[:_SHOWN_BYTES]))
    if len(one.raw) > _SHOWN_BYTES:
        left = len(one.raw) - _SHOWN_BYTES
        click.echo(f"{left:,} more bytes: tts-etl quarantine export --id {one.q_id} --out FILE", err=True)


@quarantine.command()
@shared_options
@_filters
@click.option("--status", "statuses", type=click.Choice(_STATUSES), multiple=True, help="Repeatable. [all]")
@click.option("--out", type=click.Path(dir_okay=False), default="-", help="A new file (mode 0600). [stdout]")
@click.pass_context
def export(
    context: click.RichContext,
    /,
    out: str,
    **options: Any,
) -> None:
    """Write the bytes of the lines as they were, one a line.

    \b
    Example:
        tts-etl quarantine export --kind bad_json --out bad.log
    """
    from etl.upkeep.reprocess import require_known

    settings = settings_of(context, options)
    if out == "-" and settings.json:
        raise ConfigError("the lines and the JSON can't both go to stdout", "name a file: --out FILE")
    if out == "-" and sys.stdout.isatty():
        raise ConfigError("these bytes may steer a terminal", "name a file: --out FILE; quarantine show escapes them")
    wanted = _wanted(context, options, _PAGE)
    with connected(settings) as database:
        database.require_schema()
        with database.transaction("none") as session:
            require_known(session, wanted.ids)
        with _opened(out) as file:
            written = [_write(file, one) for one in _pages(database, wanted) if one.raw]
    cut = written.count(False)
    if settings.json:
        print_json({"exported": len(written), "cut": cut, "out": out})
    else:
        of_them = f", of {cut} of them only the first 64 KiB were kept" if cut else ""
        click.echo(f"{len(written):,} lines{of_them}", err=True)


@quarantine.command()
@shared_options
@_filters
@click.pass_context
def reprocess(context: click.RichContext, /, **options: Any) -> None:
    """Try open lines again with this version; those named by --id also if they were discarded.

    Each line has a transaction of its own, nothing is deleted, and twice changes nothing.

    \b
    Example:
        tts-etl quarantine reprocess --kind unsupported_version
    """
    from etl import shown
    from etl.upkeep.reprocess import Around
    from etl.upkeep.reprocess import reprocess as run

    settings = settings_of(context, options)
    wanted = _wanted(context, {**options, "statuses": () if options["ids"] else ("open",)}, None)
    with connected(settings) as database:
        results = run(database, wanted, Around(host_timezone=host_timezone()))
    became = Counter(result.became for result in results)
    if settings.json:
        print_json({"lines": len(results), "became": dict(became), "results": [asdict(one) for one in results]})
        return
    told = (
        results if settings.verbose or len(results) <= _PAGE else [one for one in results if one.became != "inserted"]
    )
    rows = [[str(one.id), one.kind, one.became.replace("_", " "), printable(one.detail)] for one in told[:_PAGE]]
    shown.print_table(("id", "kind", "became", "why"), rows)
    figures = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in became.most_common())
    click.echo(f"{len(results):,} lines{': ' if figures else ''}{figures}", err=True)


@quarantine.command()
@shared_options
@click.argument("ids", metavar="ID…", nargs=-1, required=True, type=click.IntRange(1))
@click.pass_context
def discard(context: click.RichContext, /, ids: tuple[int, ...], **shared: Any) -> None:
    """Put open lines aside that nobody will mend; their bytes stay until a purge takes their day.

    \b
    Example:
        tts-etl quarantine discard 17 18
    """
    from etl.lines.moments import utc_text
    from etl.upkeep.reprocess import discard as run

    settings = settings_of(context, shared)
    with connected(settings) as database:
        done = run(database, ids, utc_text(datetime.now(UTC)))
    if settings.json:
        print_json({"discarded": done})
    else:
        click.echo(f"{done:,} discarded; {len(set(ids)) - done:,} were not open", err=True)


def _as_json(one: Held) -> dict[str, Any]:
    return {
        "id": one.q_id,
        "source_id": one.source_id,
        "kind": one.kind,
        "error": one.error,
        "status": one.status,
        "stream_id": one.stream_id,
        "offset": one.offset,
        "length": one.length,
        "event_day": one.event_day,
        "writer_id": one.writer_id,
        "first_seen_at": _moment(one.first_seen_at),
        "attempts": one.attempts,
        "loader_version": one.loader_version,
        "resolved_at": _moment(one.resolved_at),
    }


def _moment(value: Any) -> str | None:
    """RFC 3339; PostgreSQL gives datetimes, SQLite texts."""
    from etl.lines.moments import utc_text

    return utc_text(value) if isinstance(value, datetime) else value


def _pages(database: Database, wanted: Wanted) -> Iterator[Held]:
    """The wanted lines, so many at a time that memory holds them."""
    while True:
        with database.transaction("none") as session:
            page = held.find(session, wanted, with_raw=True)
        yield from page
        if len(page) < _PAGE:
            return
        wanted = replace(wanted, after=page[-1].q_id)


def _opened(out: str) -> Any:
    """The file to write to, which must be new and only its owner may read."""
    if out == "-":
        return click.open_file("-", "wb")
    try:
        fd = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConfigError(f"can't make {Path(out)}: {error.strerror}", "name a file that isn't there yet") from error
    return os.fdopen(fd, "wb")


def _write(file: BinaryIO, one: Held) -> bool:
    """Writes a line; returns whether it is whole."""
    file.write(one.raw + b"\n")
    return one.is_whole
