"""An object as a map from paths to plain values, and two or three such maps compared path by path; and the way back.

A list of mappings that all have a `name` is a mapping by that name: order and position are no part of a row's identity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

Path = tuple[str, ...]
Flat = dict[Path, Any]
Origin = Literal["file", "redash", "both"]


class Unknown:
    """What is known of the default of a path of which nothing is known."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()
#: The default of a path, as the rest of the object would have it; UNKNOWN where only the server knows of it.
Defaults = Callable[[Path, Flat], Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One field: what the files say, what the server has, what was last applied, and who moved away from that."""

    path: str
    file: Any
    live: Any
    base: Any
    origin: Origin


def flat(value: Any, under: Path = ()) -> Flat:
    """The leaves of nested mappings and lists; an empty one has none."""
    if isinstance(value, Mapping):
        return {path: leaf for key in value for path, leaf in flat(value[key], (*under, str(key))).items()}
    if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        named = all("name" in item for item in value)
        keys = [str(item["name"]) if named else str(index) for index, item in enumerate(value)]
        return {p: leaf for key, item in zip(keys, value, strict=True) for p, leaf in flat(item, (*under, key)).items()}
    if isinstance(value, list):
        return {under: tuple(value)} if value else {}
    return {under: value}


def same(one: Any, other: Any) -> bool:
    """Equal as Redash would have it: absent, null and the empty text are one, 1 is 1.0, and true is not 1."""
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return one is other
    if one in (None, "") and other in (None, ""):
        return True
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def differences(file: Flat, live: Flat, base: Flat | None, defaults: Defaults) -> Iterator[tuple[Path, Change]]:
    """What differs between the files and the server, path by path; without a base every difference is the file's."""
    for path in sorted({*file, *live, *(base or {})}):
        said, has = _at(file, path, defaults), _at(live, path, defaults)
        if isinstance(said, Unknown) and path not in (base or {}):
            continue
        was = has if base is None else _at(base, path, defaults)
        if same(said, has) or (isinstance(said, Unknown) and not same(was, has)):
            continue
        origin: Origin = "file" if same(was, has) else "redash" if same(was, said) else "both"
        yield path, Change(".".join(path), _shown(said), _shown(has), _shown(was), origin)


def compare(file: Flat, live: Flat, base: Flat | None, defaults: Defaults) -> list[Change]:
    """The differences without their paths."""
    return [change for _, change in differences(file, live, base, defaults)]


def put(value: Any, path: Path, leaf: Any) -> Any:
    """A copy of nested mappings and lists with another leaf at a path; mappings are made where nothing is there."""
    if not path:
        return deepcopy(leaf)
    key, rest = path[0], path[1:]
    if isinstance(value, list):
        place = _place(value, key)
        return [*value[:place], put(value[place] if place < len(value) else None, rest, leaf), *value[place + 1 :]]
    made = dict(value) if isinstance(value, Mapping) else {}
    return {**made, key: put(made.get(key), rest, leaf)}


def leaf_at(value: Any, path: Path) -> Any:
    """What stands at a path, None if nothing does."""
    for key in path:
        if isinstance(value, list):
            place = _place(value, key)
            value = value[place] if place < len(value) else None
        else:
            value = value.get(key) if isinstance(value, Mapping) else None
    return value


def overlaid(value: Any, over: Any) -> Any:
    """Nested mappings and lists with others over them; a mapping over a list names its rows, by `name` or by number."""
    if isinstance(value, Mapping) and isinstance(over, Mapping):
        return {key: overlaid(value.get(key), over[key]) if key in over else value[key] for key in {**value, **over}}
    if isinstance(value, list) and isinstance(over, Mapping):
        made = list(value)
        for key, row in over.items():
            place = _place(made, str(key))
            fresh = {} if str(key).isdigit() else {"name": str(key)}
            made[place : place + 1] = [overlaid(made[place] if place < len(made) else fresh, row)]
        return made
    return deepcopy(over)


def _place(rows: list[Any], key: str) -> int:
    """The index of the row of this name or number, else that of the next row."""
    names = [row.get("name") if isinstance(row, Mapping) else None for row in rows]
    if key in names:
        return names.index(key)
    return min(int(key), len(rows)) if key.isdigit() else len(rows)


def _at(flat_map: Flat, path: Path, defaults: Defaults) -> Any:
    if path in flat_map:
        return flat_map[path]
    return defaults(path, flat_map)


def _shown(value: Any) -> Any:
    if isinstance(value, Unknown):
        return None
    return list(value) if isinstance(value, tuple) else value
