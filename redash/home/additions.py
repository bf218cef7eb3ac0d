"""Charts and widgets that somebody added to objects of ours, taken into the files of these: an adoption of parts.

Each is tried by itself, so that one that no file can say leaves the others alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from redash.errors import NotAllowed, RedashError
from redash.home.adopt import Adoption, adopted
from redash.home.drafts import Drafts
from redash.home.gather import Gatherer, Gathering
from redash.remote.api import Api
from redash.remote.client import Json
from redash.specs.spec import Pack
from redash.sync.live import Added
from redash.sync.survey import Survey


def with_added(
    api: Api, seen: Survey, pack: Pack, drafts: Drafts, added: Sequence[Added]
) -> tuple[Adoption, dict[str, str]]:
    """Takes charts and widgets that somebody added to objects of ours into their files, over what `drafts` change already.

    Says the files and the marks, and of what stays in Redash alone the reason, by key.
    """
    adoption, kept, taken = Adoption(drafts, Gathering(seen.live)), dict[str, str](), list[Added]()
    for one in sorted(added, key=lambda one: one.kind):
        try:
            adoption = adopted(seen, pack, _gathered(api, seen, pack, [*taken, one]), drafts.copy())
        except RedashError as error:
            kept[one.key] = str(error)
        else:
            taken.append(one)
    return adoption, kept


def _gathered(api: Api, seen: Survey, pack: Pack, added: Sequence[Added]) -> Gathering:
    gatherer = Gatherer(api, seen, pack, None)
    for one in added:
        above = seen.live.found[one.within].raw
        if one.kind == "chart":
            gatherer.added_chart(one.within, above, one.raw["id"])
            continue
        if one.raw.get("visualization"):
            _gather_shown(gatherer, seen, one.raw["visualization"])
        elif "text" not in one.raw:
            raise NotAllowed("the key's user may not see it")
        gatherer.added_widget(one.within, above, one.raw["id"])
    return gatherer.gathered


def _gather_shown(gatherer: Gatherer, seen: Survey, chart: Json) -> None:
    """The chart under a widget, where it is none of ours yet: such as the table that each query has."""
    key_of = gatherer.gathered.live.key_of
    if not str(key_of("chart", chart["id"])).startswith("#"):
        return
    query = str(key_of("query", chart["query"]["id"]))
    if query not in seen.wanted:
        raise RedashError(f"it shows a query that has no file: adopt query/{chart['query']['id']} first")
    gatherer.added_chart(query, seen.live.found[query].raw, chart["id"])
