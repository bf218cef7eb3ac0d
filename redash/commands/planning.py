"""`plan` and `apply`: what would have to be done to a Redash, and the doing of it."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rich_click as click

from redash.commands.connecting import Opened, note, opened, refuse_wrong_files, server_options
from redash.errors import StalePlan, WrongUse
from redash.options import json_option
from redash.pruning.prune import with_costs
from redash.shown.plans import as_html, as_markdown, as_text
from redash.sync.apply import Applier, Outcome
from redash.sync.lock import only_one
from redash.sync.plan import Plan
from redash.sync.planfile import as_json, refuse_stale, write_plan
from redash.sync.runs import due, run_queries
from redash.sync.survey import Survey, survey

FORMATS: dict[str, Callable[[Survey], str]] = {
    "text": as_text,
    "json": lambda seen: json.dumps(as_json(seen.plan), ensure_ascii=False),
    "markdown": as_markdown,
    "html": as_html,
}

yes_option = click.option("--yes", is_flag=True, help="Don't ask before safe changes.")
destroy_option = click.option(
    "--allow-destroy", is_flag=True, help="With --yes: also what would lose something, such as an edit made in Redash."
)


@click.command("plan")
@server_options
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Keep it for `apply FILE`."
)
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option("--detailed-exitcode", is_flag=True, help="0 nothing to do, 10 safe changes, 11 others.")
@click.pass_context
def plan_command(
    context: click.RichContext, /, out: Path | None, format_: str, detailed_exitcode: bool, **own: Any
) -> None:
    """Say what an apply would do, field by field. Reads the server, and changes nothing.

    \b
    Example:
      tts-redash plan --environment local
      tts-redash plan --out plan.json --format markdown --detailed-exitcode
    """
    with opened(context, own) as at:
        seen = with_costs(at.api, surveyed(at))
    if out is not None:
        write_plan(out, seen)
    click.echo(FORMATS[format_](seen))
    context.exit(seen.plan.exit_code if detailed_exitcode else 0)


def surveyed(at: Opened) -> Survey:
    """A look at both sides; files that are wrong are refused before anybody thinks of applying them."""
    seen = survey(at.api, at.session, at.pack, at.name, at.environment)
    if seen.plan.steps:
        refuse_wrong_files(at.folder)
    return seen


@click.command("apply")
@server_options
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path(path_type=Path, dir_okay=False))
@yes_option
@destroy_option
@click.option(
    "--no-run",
    is_flag=True,
    help="Don't run new and changed queries once, but those that parameters take their choices from.",
)
@json_option
@click.pass_context
def apply_command(
    context: click.RichContext,
    /,
    plan_file: Path | None,
    yes: bool,
    allow_destroy: bool,
    no_run: bool,
    as_json: bool,
    **own: Any,
) -> None:
    """Make a Redash what the files say. Can be cut off anywhere and called again.

    \b
    Example:
      tts-redash apply --environment local
      tts-redash apply plan.json --yes
    """
    with opened(context, own) as at:
        seen = surveyed(at)
        if plan_file is not None:
            refuse_stale(plan_file, seen)
        note(as_text(seen))
        agreed(seen.plan, yes, allow_destroy)
        # Nobody is kept waiting, and nothing written, where there is nothing to do.
        outcome = do(at, seen) if seen.plan.steps else Outcome(left=dict(seen.plan.left))
        keys = due(seen.wanted, seen.live, outcome.done, only_choices=no_run)
        ids = {**seen.live.ids, **outcome.ids}
        outcome.troubles += run_queries(at.api, seen.wanted, keys, ids, datetime.now(UTC), note)
    finish(context, outcome, as_json)


def do(at: Opened, seen: Survey) -> Outcome:
    """Does the plan that was agreed to, alone; raises StalePlan if another apply changed something before."""
    salt = lambda: secrets.token_hex(16)  # noqa: E731
    with only_one(at.api.client, at.name):
        now = survey(at.api, at.session, at.pack, at.name, at.environment)
        if not now.plan.steps:
            return Outcome(left=dict(now.plan.left))
        if replace(now.plan, added=()) != replace(seen.plan, added=()):
            raise StalePlan(
                "something changed in Redash since this plan was made", "apply again, and look at the new plan"
            )
        return Applier(at.api, now.target, now.wanted, now.live, now.plan, salt=salt, say=note).apply()


def agreed(plan: Plan, yes: bool, allow_destroy: bool) -> None:
    """Asks where somebody can be asked; raises WrongUse where not and the flags don't allow it, Abort for a no."""
    if not plan.steps:
        return
    hurting = [step.key for step in plan.steps if step.destructive]
    if yes and (allow_destroy or not hurting):
        return
    if not sys.stdin.isatty():
        if hurting:
            raise WrongUse(
                f"{len(hurting)} steps would lose something, {hurting[0]} first",
                "--yes --allow-destroy, or `tts-redash pull`",
            )
        raise WrongUse("nobody can be asked whether to apply this", "--yes")
    question = f"{len(hurting)} of them would lose something. Apply all the same?" if hurting else "Apply?"
    click.confirm(question, abort=True, err=True)


def finish(context: click.RichContext, outcome: Outcome, as_json: bool) -> None:
    """Says what was done; exit code 1 if something is left or went wrong."""
    if as_json:
        done = [{"action": step.action, "key": step.key} for step in outcome.done]
        click.echo(json.dumps({"done": done, "left": outcome.left, "troubles": outcome.troubles}))
    else:
        for key, reason in outcome.left.items():
            click.echo(f"left: {key}: {reason}")
        for trouble in outcome.troubles:
            click.echo(f"trouble: {trouble}")
        click.echo(f"{len(outcome.done)} steps done" if outcome.done else "Nothing to do.")
    context.exit(1 if outcome.left or outcome.troubles else 0)
