"""What must hold for the places: environments, groups, and the sources that queries name."""

from __future__ import annotations

from collections.abc import Iterator

from redash.specs.places import Environment, OurSource
from redash.specs.problems import Problem
from redash.specs.spec import Named, Pack
from redash.specs.texts import LANGS, NAME_CHARS, SHORT_NAME_CHARS, Text, said


def place_problems(pack: Pack) -> list[Problem]:
    """References of environments and groups, and names that are too long with an environment's prefix."""
    found = []
    for group in pack.groups.values():
        found += [
            group.source.problem("reference", f"there is no data source {slug!r}", "sees", index)
            for index, slug in enumerate(group.spec.sees)
            if not _is_known(slug, pack)
        ]
    for environment in pack.environments.values():
        found += _references(environment, pack)
        found += _long_names(environment, pack)
    return found


def _is_known(slug: str, pack: Pack) -> bool:
    return slug in pack.sources or any(slug in environment.spec.sources for environment in pack.environments.values())


def _references(environment: Named[Environment], pack: Pack) -> Iterator[Problem]:
    spec, source = environment.spec, environment.source
    for name, place in spec.sources.items():
        if isinstance(place, OurSource) and place.ours not in pack.sources:
            yield source.problem("reference", f"sources.yaml has no {place.ours!r}", "sources", name)
    needed = {query.head.source for query in pack.queries.values()}
    for slug in sorted(needed - set(spec.sources) - set(pack.sources)):
        yield source.problem("reference", f"queries name the data source {slug!r}, which nothing here stands for")
    for kind in ("destinations", "groups"):
        for index, slug in enumerate(getattr(spec, kind)):
            if slug not in getattr(pack, kind):
                yield source.problem("reference", f"{kind}.yaml has no {slug!r}", kind, index)


def _long_names(environment: Named[Environment], pack: Pack) -> Iterator[Problem]:
    """T21: PostgreSQL refuses a name that is longer than its column, and Redash answers with an error 500."""
    prefix = environment.spec.prefix
    for name, title, most in _names(pack):
        longest = max(len(prefix) + len(said(title, lang)) for lang in LANGS)
        if prefix and longest > most:
            message = f"the name of {name} has {longest} characters with this prefix, and Redash keeps {most}"
            yield environment.source.problem("name-length", message, "prefix")


def _names(pack: Pack) -> Iterator[tuple[str, Text, int]]:
    for query in pack.queries.values():
        yield f"query {query.slug}", query.head.title, NAME_CHARS
    for board in pack.dashboards.values():
        yield f"dashboard {board.slug}", board.dashboard.title, SHORT_NAME_CHARS
    for kind in ("alerts", "sources", "destinations"):
        for slug, named in getattr(pack, kind).items():
            yield f"{kind[:-1]} {slug}", named.spec.title, NAME_CHARS
    for slug, group in pack.groups.items():
        yield f"group {slug}", group.spec.title, SHORT_NAME_CHARS
