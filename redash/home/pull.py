"""Takes edits made in Redash home into the files: their difference from what was last applied, in the words of the files.

The files are changed in memory, read again as a pack, and held against the server: what they have no word for is kept under
`options` of a chart, or told by name. What is pending in the files stays pending.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from redash.errors import ChangedInBoth, SpecErrors, WrongUse
from redash.home.drafts import Drafts
from redash.home.drift import Drifted, drift
from redash.home.edits import Edits
from redash.specs.reading import usable_pack
from redash.specs.spec import Pack
from redash.sync.defaults import defaults_of
from redash.sync.desired import Desired, desired
from redash.sync.hours import with_hours
from redash.sync.paths import Change, differences, flat, leaf_at, put
from redash.sync.paths import Path as Steps
from redash.sync.survey import Survey
from redash.sync.wanted import Fields, kind_of, slug_of

Side = Literal["theirs", "ours"]

_NO_WORD = "the files have no word for it"
_DELETED = "deleted in Redash"


@dataclass(slots=True)
class Pulled:
    """The files to write, the objects whose edits they hold, what stays in Redash alone, each with the reason, and what was added
    there and is no edit of ours to take."""

    drafts: Drafts
    taken: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)


def pull(seen: Survey, pack: Pack, folder: Path, slugs: Sequence[str] = (), side: Side | None = None) -> Pulled:
    """The edits of all objects, or of those that are named, as changes of files; nothing is written.

    Raises ChangedInBoth where a field was changed on both sides and neither `side` nor a slug says whose counts (naming an object
    means Redash's side), WrongUse for a slug that nothing has.
    """
    side = side or ("theirs" if slugs else None)
    moved = [one for one in drift(seen) if one.in_redash and is_meant(one.key, slugs)]
    _refuse_unknown(slugs, [*seen.wanted, *(one.key for one in seen.live.added)])
    both = [f"{one.key}: {change.path}" for one in moved for change in one.changes if change.origin == "both"]
    if both and side is None:
        raise ChangedInBoth(
            f"changed in Redash and in the files: {'; '.join(both)}", "--theirs takes Redash's, --ours keeps the files'"
        )
    puller = _Puller(seen, Pulled(Drafts(folder)), pack, side)
    puller.take(moved)
    puller.settle()
    return puller.pulled


def is_meant(key: str, slugs: Sequence[str]) -> bool:
    """Whether a user who named these, or nothing, means this object."""
    return not slugs or any(slug in names_of(key) for slug in slugs)


def names_of(key: str) -> set[str]:
    """What a user may call an object: its key, its slug, and those of what it is a part of."""
    slug, parts = slug_of(key), slug_of(key).split("/")
    kinds = {"chart": "query", "widget": "dashboard", "subscription": "alert"}
    above = {f"{kinds[kind_of(key)]}/{parts[0]}", parts[0]} if kind_of(key) in kinds else set()
    return {key, slug} | above


def _refuse_unknown(slugs: Sequence[str], keys: Iterable[str]) -> None:
    known = {name for key in keys for name in names_of(key)}
    for slug in slugs:
        if slug not in known:
            raise WrongUse(f"the pack has nothing called {slug!r}", "a slug, or a key as `tts-redash drift` shows it")


class _Puller:
    def __init__(self, seen: Survey, pulled: Pulled, pack: Pack, side: Side | None) -> None:
        self.seen, self.pulled, self.side = seen, pulled, side
        self.edits = Edits(pack, seen.target, pulled.drafts)
        #: Dashboards that lose a widget: the others move up, in Redash as in the files.
        self.lifted: set[str] = set()

    def take(self, moved: Sequence[Drifted]) -> None:
        """Changes the files, object by object; a dashboard's widgets at once, since one that goes moves others."""
        boards: dict[str, list[Drifted]] = {}
        for one in moved:
            if kind_of(one.key) == "widget":
                boards.setdefault(str(self.seen.wanted[one.key].within), []).append(one)
                continue
            with self._tried([one.key]):
                self._one(one)
        for board, widgets in boards.items():
            if not any(one.key == board and one.where == _DELETED for one in moved):
                with self._tried([one.key for one in widgets]):
                    self._widgets(slug_of(board), widgets)

    @contextmanager
    def _tried(self, keys: Sequence[str]) -> Iterator[None]:
        try:
            yield
        except SpecErrors as error:
            self.pulled.left.update(dict.fromkeys(keys, str(error)))
        else:
            self.pulled.taken += keys

    def _one(self, one: Drifted) -> None:
        if one.where != _DELETED:
            self.edits.take(one.key, *self._states(one.key))
        elif kind_of(one.key) == "subscription":
            self.edits.unsubscribe(one.key)
        else:
            raise SpecErrors("deleted in Redash: remove it from the files, or an apply makes it anew")

    def _states(self, key: str) -> tuple[Fields, Fields]:
        """What was last applied of an object, and what Redash has, less what the files keep for themselves."""
        found = self.seen.live.found[key]
        base = found.base or self.seen.wanted[key].fields
        now = found.fields
        for path in self._ours(key):
            now = put(now, path, leaf_at(base, path))
        return base, now

    def _ours(self, key: str) -> set[Steps]:
        return (
            {path for path, change in self._changes(key) if change.origin == "both"} if self.side == "ours" else set()
        )

    def _changes(self, key: str, wanted: Desired | None = None) -> list[tuple[Steps, Change]]:
        one, found = (wanted or self.seen.wanted)[key], self.seen.live.found[key]
        base = None if found.base is None else flat(found.base)
        return list(differences(flat(one.fields), flat(found.fields), base, defaults_of(one.kind)))

    def _widgets(self, slug: str, moved: Sequence[Drifted]) -> None:
        gone = {one.key for one in moved if one.where == _DELETED}
        self.lifted |= {slug} if gone else set()
        states = {one.key: self._states(one.key) for one in moved if one.key not in gone}
        for key, one in self.seen.live.found.items():
            own = self.seen.wanted.get(key)
            if own is None or one.kind != "widget" or one.within != f"dashboard/{slug}" or key in states:
                continue
            # Where a pending one stands is the files' business.
            if one.base is not None and own.fields["position"] == one.base["position"]:
                states[key] = one.base, {**one.base, "position": one.fields["position"]}
        self.edits.widgets(slug, states, gone)

    def settle(self) -> None:
        """Reads the changed files as a pack: what still differs, and is not pending, goes under `options`, or is told."""
        rest = self._rest()
        for key in [key for key in rest if kind_of(key) == "chart"]:
            options = {path[1:]: value for path, value in rest[key].items() if path[0] == "options"}
            if options:
                with suppress(SpecErrors):
                    self.edits.verbatim(key, options)
        for key, paths in (self._rest() if rest else {}).items():
            self.pulled.left.update({f"{key}: {'.'.join(path)}": _NO_WORD for path in paths})

    def _rest(self) -> dict[str, dict[Steps, Any]]:
        """What the server has and the changed files don't say, of the objects that were taken."""
        taken = [key for key in self.pulled.taken if key in self.seen.live.found]
        if not taken:
            return {}
        target = self.seen.target
        with self.pulled.drafts.rehearsed() as folder:
            pack = usable_pack(folder).spoken(target.environment.lang)
        wanted = with_hours(desired(pack, target), self.seen.live, pack, target)
        rest: dict[str, dict[Steps, Any]] = {}
        for key in [key for key in taken if key in wanted]:
            pending = {path for path, change in self._changes(key) if change.origin == "file"} | self._ours(key)
            pending |= {("position", "row")} if slug_of(key).partition("/")[0] in self.lifted else set()
            found = {path: change.live for path, change in self._changes(key, wanted) if path not in pending}
            rest |= {key: found} if found else {}
        return rest
