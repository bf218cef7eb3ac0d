"""The commands that erase single rows and prove the books: erase and verify."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import rich_click as click

from etl.commands.common import connected, print_json
from etl.config import duration
from etl.errors import ConfigError, EtlError
from etl.options import settings_of, shared_options
from etl.printable import printable


@click.command()
@shared_options
@click.option("--client-hash", metavar="HASH", help="Every row of this client.")
@click.option("--request-id", metavar="ID", help="Every row with this request_id, which clients may repeat.")
@click.option("--kept-for", metavar="60d", help="How long your rotation keeps logs: says when copies expire.")
@click.option(
    "--logrotate-config",
    multiple=True,
    type=click.Path(readable=False, path_type=Path),
    metavar="PATH",
    help="Without --kept-for: look here as well as in /etc.",
)
@click.option("--dry-run", is_flag=True, help="Say what would go; change nothing.")
@click.pass_context
def erase(
    context: click.RichContext,
    /,
    client_hash: str | None,
    request_id: str | None,
    kept_for: str | None,
    logrotate_config: tuple[Path, ...],
    dry_run: bool,
    **shared: Any,
) -> None:
    """Erase rows for good, lines in quarantine too, and say which log files still hold them and until when.

    A client's names (tts-etl clients) go as well. No later import of any copy brings them back. Lines that are in no table yet are not erased: import first.

    \b
    Example:
        tts-etl erase --client-hash a1b2c3d4e5f60718 --kept-for 60d
        tts-etl erase --request-id 0193f3c5-0000-7000-8000-000000000001 --dry-run
    """
    from etl.host.hosts import Host
    from etl.host.logrotate import kept_for as rotation_keeps
    from etl.host.logrotate import read_stanzas
    from etl.upkeep.erase import Erased, Target, remaining_copies
    from etl.upkeep.erase import erase as run

    if (client_hash is None) == (request_id is None):
        raise ConfigError("erase takes one of --client-hash and --request-id", "name whose rows: tts-etl erase --help")
    settings = settings_of(context, shared)
    target = Target("client_hash", client_hash) if client_hash is not None else Target("request_id", request_id or "")
    age = duration(kept_for) if kept_for else None
    stanzas, unreadable = read_stanzas([*(path for path in Host().logrotate if path.exists()), *logrotate_config])
    if named := [path for path in unreadable if path in logrotate_config]:
        raise ConfigError(f"can't read {named[0]}", "name a file or folder that can be read: --logrotate-config")

    def age_of(path: Path) -> timedelta | None:
        return age or rotation_keeps(stanzas, path)

    with connected(settings) as database:
        rows, quarantined = run(database, target, datetime.now(UTC), dry_run=dry_run)
        done = Erased(rows, quarantined, remaining_copies(database, target, settings.logs, age_of), dry_run)
    if settings.json:
        print_json(asdict(done))
        return
    went = ", ".join(f"{number:,} {table}" for table, number in rows.items())
    click.echo(f"{'would go' if dry_run else 'gone'}: {went}, {quarantined:,} quarantined")
    for copy in done.copies:
        lines = "can't be read" if copy.lines is None else f"{copy.lines:,} lines"
        click.echo(f"still in {printable(copy.path)}: {lines}, expires {copy.expires_at or 'at a time nobody told'}")
    click.echo("backups of the database and of logs, and the files of other hosts, are not looked into", err=True)


@click.command()
@shared_options
@click.option("--ignore-gaps", is_flag=True, help="Lost lines, which nothing brings back, are no finding.")
@click.pass_context
def verify(context: click.RichContext, /, ignore_gaps: bool, **shared: Any) -> None:
    """Prove the books: ledger, counters, rows, sequence numbers and the files on disk agree. Exit 1 if not.

    It only reads, and may run beside a watch.

    \b
    Example:
        tts-etl verify --log /var/log/tts/tts.log
    """
    from etl.upkeep.verify import verify as run

    settings = settings_of(context, shared)
    with connected(settings) as database:
        found = run(database, settings.logs, gaps=not ignore_gaps)
    if settings.json:
        print_json({"ok": not found.findings, **asdict(found)})
    else:
        for one in found.findings:
            click.echo(f"{one.check}: {printable(one.subject)}: {one.message} ({one.hint})")
        click.echo(f"{found.streams:,} streams, {found.rows:,} rows and {found.files:,} files compared", err=True)
        _tell_reach(found.reach)
    if found.findings:
        raise EtlError(f"{len(found.findings):,} findings: the books don't hold", "each says what to do")


def _tell_reach(reach: Any) -> None:
    """What a restored backup would get back from the files, in words."""
    if reach.heals_since is None:
        click.echo("a restored backup, of whatever age, heals itself: every loaded byte is still in a file", err=True)
        return
    rows = sum(one.rows for one in reach.gone)
    click.echo(
        f"a backup from {reach.heals_since} on heals itself at the next import; "
        f"an older one lacks some of {rows:,} rows, whose {len(reach.gone):,} files are gone",
        err=True,
    )
