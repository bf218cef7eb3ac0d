"""`pull` and `adopt`: what people made in Redash becomes files."""

from __future__ import annotations

import json
import secrets
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import rich_click as click

from redash.commands.connecting import Opened, note, opened, server_options
from redash.config import PACKAGED
from redash.errors import WrongUse
from redash.home.additions import with_added
from redash.home.adopt import adoption_of, mark
from redash.home.adoptplaces import KINDS, adopt_places, mark_places
from redash.home.gather import wish_of
from redash.home.pull import Pulled, Side, is_meant, pull
from redash.options import json_option
from redash.shown.taken import adopted_json, adopted_text, pulled_json, pulled_text
from redash.specs.reading import usable_pack
from redash.sync.apply import Applier, Outcome
from redash.sync.lock import only_one
from redash.sync.plan import root_of
from redash.sync.survey import Survey, survey

dry_run_option = click.option("--dry-run", is_flag=True, help="Show the changes of the files, and write none.")


@click.command("pull")
@server_options
@click.argument("slugs", metavar="[SLUG]...", nargs=-1)
@click.option("--theirs", "side", flag_value="theirs", help="Where both sides changed a field: Redash's counts.")
@click.option("--ours", "side", flag_value="ours", help="Where both sides changed a field: the files' counts.")
@dry_run_option
@json_option
@click.pass_context
def pull_command(
    context: click.RichContext,
    /,
    slugs: tuple[str, ...],
    side: Side | None,
    dry_run: bool,
    as_json: bool,
    **own: Any,
) -> None:
    """Take edits made in Redash home into the files: of everything, or of what is named.

    So are charts and widgets that somebody added to objects of ours. The server is not written, but for the marks of these.

    \b
    Example:
      tts-redash pull --environment local --dry-run
      tts-redash pull totals tts-overview
    """
    with opened(context, own) as at:
        refuse_packaged(at)
        seen = looked(at)
        pulled = pull(seen, at.pack, at.folder, slugs, side)
        added = [one for one in seen.live.added if is_meant(one.key, slugs)]
        adoption, pulled.kept = with_added(at.api, seen, at.pack, pulled.drafts, added)
        pulled.drafts, pulled.taken = adoption.drafts, [*pulled.taken, *adoption.keys]
        if not dry_run:
            with only_one(at.api.client, at.name) if adoption.keys else nullcontext():
                mark(at.api, seen, adoption)
                pulled.drafts.write()
    show(pulled, dry_run, as_json)
    context.exit(1 if pulled.left else 0)


def looked(at: Opened) -> Survey:
    """A look through every list of the server."""
    return survey(at.api, at.session, at.pack, at.name, at.environment, thorough=True)


def refuse_packaged(at: Opened) -> None:
    """Raises WrongUse where the files are those of the installation: the next one would write over them."""
    if at.folder == PACKAGED:
        raise WrongUse(
            "the files would go into the installed pack", f"copy {PACKAGED} to ./redash, or name --specs DIR"
        )


def show(pulled: Pulled, dry_run: bool, as_json: bool) -> None:
    """What was taken and what was left; with `dry_run` the changes themselves."""
    if as_json:
        click.echo(json.dumps(pulled_json(pulled), ensure_ascii=False))
        return
    if dry_run:
        for line in pulled.drafts.diff():
            click.echo(line)
    click.echo(pulled_text(pulled, dry_run), err=dry_run)


@click.command("adopt")
@server_options
@click.argument("objects", metavar="OBJECT...", nargs=-1, required=True)
@click.option("--as", "named", metavar="SLUG", help="The slug of the object. Default: out of its name.")
@dry_run_option
@json_option
@click.pass_context
def adopt_command(
    context: click.RichContext,
    /,
    objects: tuple[str, ...],
    named: str | None,
    dry_run: bool,
    as_json: bool,
    **own: Any,
) -> None:
    """Take queries, dashboards or alerts that people made in Redash, with all that they need, into new files.

    They are ours from then on: marked, tagged, published. OBJECT is the address of its page, or query/12, dashboard/5, alert/3.
    destination/4 and group/6 are taken too, secrets as the names of environment variables to set; a data source is not.

    \b
    Example:
      tts-redash adopt https://redash.example.com/dashboards/5-speech --dry-run
      tts-redash adopt query/12 --as slow-calls
    """
    with opened(context, own) as at:
        refuse_packaged(at)
        wishes = [wish_of(text, at.environment.url) for text in objects]
        whole = [wish for wish in wishes if wish[0] not in KINDS]
        seen = looked(at)
        adoption = adoption_of(at.api, seen, at.pack, at.folder, whole, named if whole else None)
        others = [wish for wish in wishes if wish[0] in KINDS]
        places = adopt_places(at.api, seen, at.pack, adoption.drafts, others, None if whole else named)
        outcome = Outcome()
        if not dry_run and adoption.drafts.texts:
            with only_one(at.api.client, at.name):
                roots = mark(at.api, seen, adoption)
                mark_places(at.api, seen, places)
                adoption.drafts.write()
                outcome = _finished(at, roots) if roots else outcome
    if as_json:
        click.echo(json.dumps(adopted_json(adoption, places, outcome), ensure_ascii=False))
    else:
        for line in adoption.drafts.diff() if dry_run else ():
            click.echo(line)
        click.echo(adopted_text(adoption, places, outcome, dry_run), err=dry_run)
    context.exit(1 if outcome.left or outcome.troubles else 0)


def _finished(at: Opened, roots: list[str]) -> Outcome:
    """Makes what was adopted what its files say: tag, prefix, published."""
    pack = usable_pack(at.folder)
    seen = survey(at.api, at.session, pack, at.name, at.environment)
    own = [step for step in seen.plan.steps if root_of(step.key, seen.wanted, seen.live) in roots]
    plan = replace(seen.plan, steps=tuple(own))
    salt = lambda: secrets.token_hex(16)  # noqa: E731
    return Applier(at.api, seen.target, seen.wanted, seen.live, plan, salt=salt, say=note).apply()
