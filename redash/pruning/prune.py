"""Archives what is ours and has no file any more; nothing goes that the backup, written before, can't bring back.

A data source and a destination hold secrets that no backup can hold, and a data source takes the link of its archived
queries along: both stay, and it is said. So do groups: who may see what is not ours to take.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from redash.errors import NotAllowed, StalePlan
from redash.pruning.backup import Backup, SavedAlert, SavedChart, SavedObject, SavedQuery, SavedWidget
from redash.pruning.losses import Losses, foreign, losses
from redash.remote.api import Api
from redash.sync.apply import Outcome
from redash.sync.guard import moves
from redash.sync.plan import Step, edits_of
from redash.sync.survey import Survey
from redash.sync.wanted import Kind

#: The order in which they go: first what hangs on others.
_ORDER: tuple[Kind, ...] = ("alert", "dashboard", "chart", "query")
_KEPT: dict[Kind, str] = {
    "source": "its queries, archived ones too, would lose it, and no backup can hold its secrets: delete it in Redash",
    "destination": "no backup can hold its secrets: delete it in Redash",
}


@dataclass(frozen=True, slots=True)
class Pruning:
    """What would be archived, what goes with each, and what stays though it has no file, and why."""

    steps: tuple[Step, ...]
    lost: dict[str, Losses]
    stays: dict[str, str]


def pruning(api: Api, seen: Survey) -> Pruning:
    """What has no file any more, and what its archive would take along; reads only."""
    live = seen.live
    orphans = {one.key: one for one in seen.plan.orphans}
    goes = [key for kind in _ORDER for key in orphans if live.found[key].kind == kind]
    # The charts of an archived query stay in it, and come back with it.
    goes = [key for key in goes if live.found[key].kind != "chart" or live.found[key].within not in orphans]
    lost = losses(api, live, goes)
    steps = []
    for key in goes:
        found = live.found[key]
        costs = [f"takes along {line}" for line in foreign(lost[key], live)] + list(edits_of(found))
        if found.kind == "dashboard":
            ours = {one.id for one in live.found.values() if one.within == key}
            others = sum(widget["id"] not in ours for widget in found.raw["widgets"] or [])
            costs += [f"holds {others} widgets that somebody added in Redash"] if others else []
        steps.append(replace(orphans[key], costs=tuple(costs)))
    stays = {key: _KEPT[one.kind] for key, one in orphans.items() if one.kind in _KEPT}
    return Pruning(tuple(steps), lost, stays)


def with_costs(api: Api, seen: Survey) -> Survey:
    """The same look, whose plan also says what an archive of each orphan would take along; asks nothing if there is none."""
    if not seen.plan.orphans:
        return seen
    costs = {step.key: step for step in pruning(api, seen).steps}
    orphans = tuple(costs.get(one.key, one) for one in seen.plan.orphans)
    return replace(seen, plan=replace(seen.plan, orphans=orphans))


def backup_of(seen: Survey, going: Pruning, made: str) -> Backup:
    """All that the steps will delete, and what Redash forgets of what it archives."""
    found = seen.live.found
    raws = {kind: [found[one.key] for one in going.steps if one.kind == kind] for kind in _ORDER}
    widgets = {widget["id"]: widget for lost in going.lost.values() for widget in lost.widgets}
    alerts = {alert["id"]: alert for lost in going.lost.values() for alert in lost.alerts}
    return Backup(
        server=seen.target.environment.url,
        environment=seen.target.name,
        made=made,
        queries=[SavedQuery.model_validate({**one.raw, "key": one.key}) for one in raws["query"]],
        dashboards=[SavedObject.model_validate({**one.raw, "key": one.key}) for one in raws["dashboard"]],
        charts=[SavedChart.model_validate({**one.raw, "query_id": found[str(one.within)].id}) for one in raws["chart"]],
        widgets=[SavedWidget.of(widget) for widget in widgets.values()],
        alerts=[SavedAlert.of(alert) for alert in alerts.values()],
    )


def prune(api: Api, seen: Survey, going: Pruning, say: Callable[[str], None]) -> Outcome:
    """Does the steps; what the key may not do is left. Raises StalePlan where somebody changed an object meanwhile."""
    outcome = Outcome()
    for step in going.steps:
        moved = moves(api, seen.target, seen.wanted, seen.live, step.key)
        if moved:
            raise StalePlan(f"changed in Redash since it was read: {'; '.join(moved)}", "prune again")
        say(f"archive {step.key}")
        try:
            _archive(api, seen, step)
        except NotAllowed as error:
            outcome.left[step.key] = str(error)
            continue
        outcome.done.append(step)
    return outcome


def _archive(api: Api, seen: Survey, step: Step) -> None:
    object_id = seen.live.found[step.key].id
    if step.kind == "query":
        api.queries.archive(object_id)
    elif step.kind == "dashboard":
        api.dashboards.archive(object_id)
    elif step.kind == "chart":
        api.visualizations.delete(object_id)
    else:
        api.alerts.delete(object_id)
