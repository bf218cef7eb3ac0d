"""What `pull` and `adopt` took home, in words."""

from __future__ import annotations

from typing import Any

from redash.home.adopt import Adoption
from redash.home.adoptplaces import Places
from redash.home.pull import Pulled
from redash.sync.apply import Outcome


def pulled_text(pulled: Pulled, dry_run: bool) -> str:
    """A line for each file and for each thing that stays in Redash alone, and how many there are."""
    files = sorted(pulled.drafts.texts)
    lines = [] if dry_run else [f"wrote {name}" for name in files]
    lines += [f"left: {key}: {reason}" for key, reason in pulled.left.items()]
    lines += [f"stays in Redash: {key}: {reason}" for key, reason in pulled.kept.items()]
    if not files and not pulled.left:
        return "\n".join([*lines, "Nothing to take."])
    return "\n".join(
        [*lines, f"{len(files)} files {'would change' if dry_run else 'changed'}, {len(pulled.left)} left"]
    )


def pulled_json(pulled: Pulled) -> dict[str, Any]:
    """The same for machines, with the changes as a unified diff."""
    return {
        "files": sorted(pulled.drafts.texts),
        "taken": pulled.taken,
        "left": pulled.left,
        "kept": pulled.kept,
        "diff": "\n".join(pulled.drafts.diff()),
    }


def adopted_text(adoption: Adoption, places: Places, outcome: Outcome, dry_run: bool) -> str:
    """A line for each object and each file, and what the files do to it."""
    if not adoption.keys and not places.found:
        return "Nothing to take: all of it has files."
    verb = "would be" if dry_run else "is"
    titles = {key: one.raw.get("name") or one.fields.get("text") for key, one in adoption.keys.items()}
    titles |= {key: raw["name"] for key, raw in places.found.items()}
    lines = [f"{key} {verb} ours{f': {title}' if title else ''}" for key, title in titles.items()]
    lines += [f"{key}: {note}" for key, note in adoption.notes]
    lines += [f"{'would write' if dry_run else 'wrote'} {name}" for name in sorted(adoption.drafts.texts)]
    lines += [f"left: {key}: {reason}" for key, reason in outcome.left.items()]
    lines += [f"trouble: {trouble}" for trouble in outcome.troubles]
    lines += [
        f"{key}: set {', '.join(names)}, which Redash tells nobody; the next apply sends it once"
        for key, names in places.secrets.items()
        if names
    ]
    return "\n".join([*lines, "Say its texts in both languages: `tts-redash validate` names them."])


def adopted_json(adoption: Adoption, places: Places, outcome: Outcome) -> dict[str, Any]:
    """The same for machines, with the files as a unified diff."""
    return {
        "adopted": {key: one.raw["id"] for key, one in adoption.keys.items()}
        | {key: raw["id"] for key, raw in places.found.items()},
        "secrets": places.secrets,
        "notes": adoption.notes,
        "files": sorted(adoption.drafts.texts),
        "left": outcome.left,
        "troubles": outcome.troubles,
        "diff": "\n".join(adoption.drafts.diff()),
    }
