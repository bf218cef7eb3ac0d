"""Puts the difference between two wordings of an object into the document of its file; what neither speaks of stays.

Texts are changed in one language. Rows of a list are known by their column, so those of the file keep their place and comments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from redash.specs.editing import put_word, say, styled
from redash.specs.texts import Lang

Words = Mapping[str, Any]

_TEXTS = {"title", "description", "subject", "body", "text", "prefix", "suffix", "date_title", "total_title"}
_TEXTS |= {"subject_template", "message_template"}
_PLAIN = {"colors", "values", "default"}
#: What has words besides those that Redash knows of: it stays where the known ones go.
_AXES = {"x_axis", "y_axis", "right_axis"}
_ROWS = {"y": False, "table": True}
_ROW = "column"


@dataclass(frozen=True, slots=True)
class Rewriter:
    """Changes of documents in one language."""

    lang: Lang

    def rewrite(self, node: CommentedMap, before: Words, after: Words, model: type[BaseModel] | None = None) -> None:
        """Puts what differs between two wordings into a mapping; new words stand in the order of the model."""
        order = tuple(model.model_fields) if model else ()
        for name in dict.fromkeys([*before, *after]):
            old, new = before.get(name), after.get(name)
            if old != new:
                self._word(node, name, (old, new), order)

    def _word(self, node: CommentedMap, name: str, change: tuple[Any, Any], order: tuple[str, ...]) -> None:
        old, new = change
        if name in _TEXTS and not isinstance(new if old is None else old, Mapping | list):
            say(node, name, new or "", self.lang, order)
        elif name in _ROWS and isinstance(node.get(name), list):
            self._rows(node[name], old or [], new or [], ordered=_ROWS[name])
        elif name == "tags" and isinstance(node.get(name), list):
            _members(node, name, old or [], new or [])
        elif new is None and name not in _AXES:
            node.pop(name, None)
        elif _is_tree(name, old) and _is_tree(name, new) and isinstance(node.get(name, {}), Mapping):
            self._tree(node, name, (old or {}, new or {}), order)
        else:
            put_word(node, name, new, order)

    def _tree(self, node: CommentedMap, name: str, change: tuple[Words, Words], order: tuple[str, ...]) -> None:
        old, new = change
        if name not in node:
            put_word(node, name, {}, order)
        if name == "names":
            for key in dict.fromkeys([*old, *new]):
                if key not in new:
                    node[name].pop(key, None)
                elif old.get(key) != new[key]:
                    say(node[name], key, new[key], self.lang)
        else:
            self.rewrite(node[name], old, new)
        if not node[name]:
            del node[name]

    def _rows(self, rows: CommentedSeq, before: Sequence[Words], after: Sequence[Words], *, ordered: bool) -> None:
        old, new = ({row[_ROW]: row for row in several} for several in (before, after))
        for column in old.keys() - new.keys():
            if column in _columns(rows):
                rows.pop(_columns(rows).index(column))
        for column, row in new.items():
            here = _columns(rows)
            if column in old and column in here:
                self.rewrite(rows[here.index(column)], old[column], row)
            elif column not in old and column not in here:
                rows.append(styled(row))
        if ordered and list(old) != list(new):
            _reorder(rows, [column for column in new if column in _columns(rows)])


def _is_tree(name: str, value: Any) -> bool:
    return name not in _PLAIN and (value is None or isinstance(value, Mapping))


def _columns(rows: CommentedSeq) -> list[str]:
    return [str(row[_ROW]) for row in rows]


def _reorder(rows: CommentedSeq, columns: Sequence[str]) -> None:
    for place, column in enumerate(columns):
        here = _columns(rows).index(column)
        if here != place:
            rows.insert(place, rows.pop(here))


def _members(node: CommentedMap, name: str, before: Sequence[str], after: Sequence[str]) -> None:
    """A list whose order means nothing: what went goes, what came is last."""
    for index in reversed(range(len(node[name]))):
        if node[name][index] in before and node[name][index] not in after:
            node[name].pop(index)
    for member in after:
        if member not in before and member not in node[name]:
            node[name].append(member)
    if not node[name]:
        del node[name]


def reorder_keys(node: CommentedMap, keys: Sequence[str]) -> None:
    """Puts the keys of a mapping into this order; others stay behind them."""
    for place, key in enumerate(one for one in keys if one in node):
        if list(node).index(key) != place:
            node.insert(place, key, node.pop(key))


def _key(name: str) -> Any:
    """A number where one reads as such: `0` is the first row of a list."""
    return int(name) if name.isdecimal() and str(int(name)) == name else name


def put_path(node: CommentedMap, path: Sequence[str], value: Any) -> None:
    """Sets what stands at the end of a path of mappings, which are made."""
    name, rest = _key(path[0]), path[1:]
    if not rest:
        put_word(node, name, value)
        return
    if not isinstance(node.get(name), Mapping):
        node[name] = styled({})
    put_path(node[name], rest, value)


def drop_path(node: CommentedMap, path: Sequence[str]) -> None:
    """Takes away what stands at the end of a path, if it is there, and the mappings that are empty then."""
    name, rest = _key(path[0]), path[1:]
    if rest and isinstance(node.get(name), Mapping):
        drop_path(node[name], rest)
    if name in node and (not rest or node[name] == {}):
        del node[name]
