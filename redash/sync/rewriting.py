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
_PLAIN = {"colors", "values", "default"}
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
        elif _is_tree(name, old) and _is_tree(name, new) and isinstance(node.get(name, {}), Mapping):
            self._tree(node, name, (old or {}, new or {}), order)
        elif new is None:
            node.pop(name, None)
        else:
            put_word(node, name, new, order)

    def _tree(self, node: CommentedMap, name: str, change: tuple[Words, Words], order: tuple[str, ...]) -> None:
        old, new = change
        if name not in node:
            put_word(node, name, {}, order)
        if name == "names":
            for key in [*new.keys(), *(old.keys() - new.keys())]:
                if old.get(key) != new.get(key):
                    say(node[name], key, new.get(key) or "", self.lang)
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


def put_path(node: CommentedMap, path: Sequence[str], value: Any) -> None:
    """Sets what stands at the end of a path of mappings, which are made; None takes it away where the file said it."""
    name, rest = path[0], path[1:]
    if not rest:
        if value is None and name in node:
            del node[name]
        else:
            put_word(node, name, value)
        return
    if not isinstance(node.get(name), Mapping):
        node[name] = styled({})
    put_path(node[name], rest, value)
    if not node[name]:
        del node[name]
