"""A YAML text (1.2) as plain values, and where each of them stands.

libyaml reads it, ten times as fast as ruamel.yaml; what it takes for YAML 1.1 would have it, and what it can't read, is left
to ruamel.yaml, whose words for what is wrong are ours too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

Steps = tuple[str | int, ...]
At = tuple[int, int]

_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER = re.compile(r"0|[1-9][0-9]*")
#: A Python without libyaml has PyYAML's own reader.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: How a plain scalar begins that may be more than its text: a number, a day, YAML's `<<` and `=`.
_RICHER = tuple("-+.0123456789<=")


@dataclass(frozen=True, slots=True)
class Document:
    """Dicts with texts for keys, lists and scalars; line and column of each key and item by its path, counted from 0."""

    value: Any
    places: Mapping[Steps, At]


class _Beyond(Exception):
    """What libyaml's events don't say as YAML 1.2 means it: anchors, tags, double keys, several documents."""


def document_of(text: str) -> Document:
    """The document in a text; raises ruamel's YAMLError."""
    try:
        return _Builder(yaml.parse(text, Loader=_LOADER)).document()
    except (yaml.YAMLError, _Beyond):
        read = YAML(typ="rt", pure=True).load(text)
    return Document(plain(read), dict(_places(read, ())))


def plain(node: Any) -> Any:
    """ruamel's document as plain dicts, lists and scalars."""
    if isinstance(node, dict):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return str(node)


def _places(node: Any, under: Steps) -> Iterator[tuple[Steps, At]]:
    parts: list[tuple[Any, str | int]] = []
    if isinstance(node, CommentedMap):
        parts = [(key, str(key)) for key in node]
    elif isinstance(node, CommentedSeq):
        parts = [(index, index) for index in range(len(node))]
    for key, step in parts:
        # What a merge key brings stands elsewhere.
        if key in (node.lc.data or {}):
            line, column = node.lc.data[key][:2]
            yield (*under, step), (line, column)
        yield from _places(node[key], (*under, step))


class _Builder:
    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._places: dict[Steps, At] = {}

    def document(self) -> Document:
        next(self._events)
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            return Document(None, {})
        if start.version is not None or start.tags:
            raise _Beyond
        value = self._value(next(self._events), ())
        next(self._events)
        if not isinstance(next(self._events), yaml.StreamEndEvent):
            raise _Beyond
        return Document(value, self._places)

    def _value(self, event: Any, path: Steps) -> Any:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None or event.tag is not None:
            raise _Beyond
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event.value) if event.implicit[0] else event.value
        return self._mapping(path) if isinstance(event, yaml.MappingStartEvent) else self._sequence(path)

    def _mapping(self, path: Steps) -> dict[str, Any]:
        made: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _Beyond
            key = str(self._value(event, path))
            if key in made:
                raise _Beyond
            self._places[*path, key] = (event.start_mark.line, event.start_mark.column)
            made[key] = self._value(next(self._events), (*path, key))
        return made

    def _sequence(self, path: Steps) -> list[Any]:
        made: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            self._places[*path, len(made)] = (event.start_mark.line, event.start_mark.column)
            made.append(self._value(event, (*path, len(made))))
        return made


def _scalar(text: str) -> Any:
    """What a plain scalar means in YAML 1.2."""
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.fullmatch(text):
        return int(text)
    return _rich_scalar(text) if text.startswith(_RICHER) and "\n" not in text else text


@lru_cache(maxsize=4096)
def _rich_scalar(text: str) -> Any:
    if text in ("<<", "="):
        raise _Beyond
    try:
        return plain(YAML(typ="rt", pure=True).load(f"x: {text}")["x"])
    except YAMLError as error:
        raise _Beyond from error
