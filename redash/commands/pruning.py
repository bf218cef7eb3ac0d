"""`prune` and `restore`: what has no file any more goes, and comes back."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import rich_click as click

from redash.commands.connecting import note, opened, server_options
from redash.commands.planning import destroy_option, finish
from redash.errors import WrongUse
from redash.options import json_option
from redash.pruning.backup import Backup
from redash.pruning.prune import Pruning, backup_of, prune, pruning
from redash.pruning.restore import restore
from redash.shown.plans import pruning_text
from redash.sync.lock import only_one
from redash.sync.survey import survey

_MOST = 10


@click.command("prune")
@server_options
@click.option("--yes", is_flag=True, help="Do it; without, it is only said what would go.")
@destroy_option
@click.option(
    "--max",
    "most",
    type=click.IntRange(min=1),
    default=_MOST,
    show_default=True,
    help="Refuse if more objects than this would go.",
)
@click.option(
    "--backup",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="For `restore FILE`. Default: voxmeter-prune-ENVIRONMENT-MOMENT.json",
)
@json_option
@click.pass_context
def prune_command(
    context: click.RichContext,
    /,
    yes: bool,
    allow_destroy: bool,
    most: int,
    backup: Path | None,
    as_json: bool,
    **own: object,
) -> None:
    """Archive what is ours in a Redash and has no file any more. Says what would go, and does it with --yes alone.

    \b
    Example:
      tts-redash prune --environment local
      tts-redash prune --yes --backup pruned.json
    """
    with opened(context, dict(own)) as at, only_one(at.api.client, at.name) if yes else nullcontext():
        seen = survey(at.api, at.session, at.pack, at.name, at.environment, thorough=True)
        going = pruning(at.api, seen)
        if not yes or not going.steps:
            click.echo(_as_json(going) if as_json else pruning_text(going))
            return
        note(pruning_text(going))
        _agreed(going, most, allow_destroy)
        now = datetime.now(UTC)
        path = backup or Path(f"voxmeter-prune-{at.name}-{now:%Y%m%dT%H%M%SZ}.json")
        backup_of(seen, going, now.isoformat(timespec="seconds")).write(path)
        note(f"backup: {path}")
        outcome = prune(at.api, seen, going, note)
    finish(context, outcome, as_json)


def _agreed(going: Pruning, most: int, allow_destroy: bool) -> None:
    if len(going.steps) > most:
        raise WrongUse(
            f"{len(going.steps)} objects have no file any more, and --max is {most}",
            f"are these the right files? then --max {len(going.steps)}",
        )
    hurting = [step for step in going.steps if step.costs]
    if hurting and not allow_destroy:
        raise WrongUse(f"{hurting[0].key}: {hurting[0].costs[0]}", "--allow-destroy, if whoever has it agrees")


def _as_json(going: Pruning) -> str:
    steps = [{"key": step.key, "title": step.title, "costs": list(step.costs)} for step in going.steps]
    return json.dumps({"archive": steps, "stays": going.stays}, ensure_ascii=False)


@click.command("restore")
@server_options
@click.argument("backup_file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_context
def restore_command(context: click.RichContext, /, backup_file: Path, **own: object) -> None:
    """Bring back what a prune took away: queries, dashboards, charts, widgets, alerts and who is told. Can be called again.

    \b
    Example:
      tts-redash restore pruned.json --environment local
    """
    backup = Backup.read(backup_file)
    with opened(context, dict(own)) as at:
        if (backup.server, backup.environment) != (at.environment.url, at.name):
            raise WrongUse(
                f"{backup_file} is of {backup.environment} at {backup.server}",
                "give that --environment or --redash-url",
            )
        with only_one(at.api.client, at.name):
            restored = restore(at.api, at.session.user_id, backup, note)
    for line in restored.notes:
        click.echo(f"note: {line}")
    for what, reason in restored.left.items():
        click.echo(f"left: {what}: {reason}")
    click.echo(f"{len(restored.done)} restored" if restored.done else "Nothing to restore.")
    context.exit(1 if restored.left else 0)
