"""One look at both sides: what the files want of an environment, what its server has, and the plan between them."""

from __future__ import annotations

from dataclasses import dataclass

from redash.remote.api import Api, Session
from redash.specs.places import Environment
from redash.specs.spec import Pack
from redash.sync.desired import Desired, desired
from redash.sync.hours import with_hours
from redash.sync.lists import asked
from redash.sync.live import Live
from redash.sync.plan import Plan, make_plan
from redash.sync.reading import read_live
from redash.sync.wanted import Target


@dataclass(frozen=True, slots=True)
class Survey:
    """What was seen."""

    target: Target
    wanted: Desired
    live: Live
    plan: Plan


def survey(
    api: Api, session: Session, pack: Pack, name: str, environment: Environment, *, thorough: bool = False
) -> Survey:
    """Reads the server, with GETs alone, and plans; `name` is the environment's. `thorough` looks through every list."""
    target = Target(name, environment, session.version)
    with asked(api, session) as lists:
        wanted = desired(pack.spoken(environment.lang), target)
        live = read_live(api, session, target, wanted, lists, thorough)
    wanted = with_hours(wanted, live, pack, target)
    warning = session.version.warning
    if warning:
        live.warnings.append(warning)
    return Survey(target, wanted, live, make_plan(wanted, live))
