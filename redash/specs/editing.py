"""Changes of what files say that leave the rest of them, comments and formatting, as it was.

A text is read and written by ruamel's round trip. Where that would write untouched lines otherwise than they stand, they stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import SequenceMatcher
from io import StringIO
from textwrap import wrap
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    FoldedScalarString,
    LiteralScalarString,
    SingleQuotedScalarString,
)

from redash.specs.documents import document_of
from redash.specs.texts import LANGS, Lang

_WIDTH = 110
_BESIDE = 60

Edit = Callable[[CommentedMap], None]


def edited(text: str, edit: Edit) -> str:
    """A YAML text after a change of its document, in the lines that the change concerns."""
    yaml = _yaml()
    document = yaml.load(text)
    if document is None:
        document = CommentedMap()
    before = _dumped(yaml, document) if text.strip() else ""
    edit(document)
    return _merged(text, before, _dumped(yaml, document))


def edited_header(text: str, edit: Edit) -> str:
    """The text of a SQL file after a change of the header in its comment."""
    lines = text.splitlines(keepends=True)
    size = next((number for number, line in enumerate(lines) if not line.startswith("--")), len(lines))
    head = [line.rstrip("\n") for line in lines[:size]]
    bare = "".join(f"{line[3:] if line.startswith('-- ') else line[2:]}\n" for line in head)
    changed = edited(bare, edit)
    if changed == bare:
        return text
    return "".join(f"-- {line}".rstrip() + "\n" for line in changed.splitlines()) + "".join(lines[size:])


def with_statement(text: str, sql: str) -> str:
    """The text of a SQL file with another statement below its header."""
    lines = text.splitlines(keepends=True)
    size = next((number for number, line in enumerate(lines) if not line.startswith("--")), len(lines))
    # A blank line ends the header where the statement begins with a comment of its own.
    gap = "\n" if sql.startswith("--") else ""
    return f"{''.join(lines[:size])}{gap}{sql}\n"


def block(words: Mapping[str, Any]) -> CommentedMap:
    """A mapping with a line for each word, short things on it, long ones below."""
    return CommentedMap(
        (name, _below(value) if _is_long(name, value) else styled(value)) for name, value in words.items()
    )


def new_text(words: Mapping[str, Any]) -> str:
    """A new YAML text."""
    return _dumped(_yaml(), block(words))


def new_header(words: Mapping[str, Any]) -> str:
    """A new header of a SQL file."""
    return "".join(f"-- {line}".rstrip() + "\n" for line in new_text(words).splitlines())


def say(node: CommentedMap, name: str, text: str, lang: Lang, order: tuple[str, ...] = ()) -> None:
    """Puts a text in one language into a mapping; what it says in the other one stays."""
    old = node.get(name)
    if isinstance(old, CommentedMap):
        old[lang] = _like(old.get(lang), text)
    elif not old:
        put_word(node, name, text, order)
    else:
        # A plain text is read in both languages.
        both = CommentedMap({one: text if one == lang else str(old) for one in LANGS})
        both.fa.set_flow_style()
        node[name] = both


def put_word(node: CommentedMap, name: Any, value: Any, order: tuple[str, ...] = ()) -> None:
    """Sets a word to a value, in the style of what stood there; a new one comes before those that follow it in `order`."""
    if name in node:
        node[name] = _like(node[name], value)
        return
    later = order[order.index(name) + 1 :] if name in order else ()
    place = next((index for index, other in enumerate(node) if other in later), len(node))
    node.insert(place, name, styled(value))


def styled(value: Any) -> Any:
    """A value for a document: several lines as a block, mappings and lists in one line."""
    if isinstance(value, str):
        if "\n" in value.strip("\n"):
            return LiteralScalarString(value)
        return value if _is_plain(value) else DoubleQuotedScalarString(value)
    if isinstance(value, Mapping):
        made = CommentedMap((key, styled(item)) for key, item in value.items())
        made.fa.set_flow_style()
        return made
    if isinstance(value, list | tuple):
        row = CommentedSeq(styled(item) for item in value)
        row.fa.set_flow_style()
        return row
    return value


def _is_plain(text: str) -> bool:
    """Whether it can stand between brackets as it is."""
    try:
        return bool(YAML(typ="safe", pure=True).load(f"[{text}]") == [text])
    except YAMLError:
        return False


def _below(value: Any) -> Any:
    return block(value) if isinstance(value, Mapping) else CommentedSeq(styled(item) for item in value)


def _is_long(name: str, value: Any) -> bool:
    return isinstance(value, Mapping | list) and bool(value) and len(f"{name}: {value}") > _BESIDE


def _like(old: Any, value: Any) -> Any:
    """A value in the style of the one in whose place it comes."""
    if not isinstance(value, str) or not isinstance(old, str):
        return styled(value)
    if isinstance(old, FoldedScalarString) and "\n" not in value.strip() and value.strip("\n") == value.strip():
        return _folded(value if not old.endswith("\n") else f"{value.rstrip(chr(10))}\n")
    if isinstance(old, LiteralScalarString):
        return LiteralScalarString(value)
    if isinstance(old, DoubleQuotedScalarString | SingleQuotedScalarString):
        return type(old)(value)
    return styled(value)


def _folded(text: str) -> Any:
    """A text that is folded between words."""
    made: Any = FoldedScalarString(text)
    lines = wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False, drop_whitespace=False)
    ends, at = [], 0
    for line in lines[:-1]:
        at += len(line)
        ends.append(at - 1)
    made.fold_pos = [end for end in ends if text[end] == " " and text[end - 1 : end + 2].count(" ") == 1]
    return made


def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _dumped(yaml: YAML, document: Any) -> str:
    stream = StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()


def _merged(own: str, before: str, after: str) -> str:
    """`own` with what changed between `before` and `after`, which are another way to write the same; line by line."""
    if own == before or before == after:
        return own if before == after else after
    finely = _woven(own, before, after, _line_by_line)
    # Lines are taken for each other by their number alone: where that was wrong it shows in what they say.
    if _value(finely) == _value(after):
        return finely
    return _woven(own, before, after, lambda ours, old, new: ours if old == new else new)


def _value(text: str) -> Any:
    try:
        return document_of(text).value
    except YAMLError:
        return YAMLError


def _line_by_line(ours: list[str], old: list[str], new: list[str]) -> list[str]:
    """A stretch that is written otherwise throughout, as many lines long: those that stay the same stay ours."""
    if len(ours) != len(old):
        return ours if old == new else new
    made: list[str] = []
    for kind, begin, end, at, to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        made += ours[begin:end] if kind == "equal" else new[at:to]
    return made


def _woven(own: str, before: str, after: str, stretch: Callable[[list[str], list[str], list[str]], list[str]]) -> str:
    """The lines that all three have in common, and between them what `stretch` makes of theirs."""
    ours, old, new = (text.splitlines(keepends=True) for text in (own, before, after))
    if ours and not ours[-1].endswith("\n"):
        ours[-1] += "\n"
    to_own, to_new = _matches(old, ours), _matches(old, new)
    anchors = [(index, to_own[index], to_new[index]) for index in sorted(to_own.keys() & to_new.keys())]
    made: list[str] = []
    at = (0, 0, 0)
    for anchor in [*anchors, (len(old), len(ours), len(new))]:
        made += stretch(ours[at[1] : anchor[1]], old[at[0] : anchor[0]], new[at[2] : anchor[2]])
        made += ours[anchor[1] : anchor[1] + 1]
        at = (anchor[0] + 1, anchor[1] + 1, anchor[2] + 1)
    return "".join(made)


def _matches(one: list[str], other: list[str]) -> dict[int, int]:
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return {block.a + step: block.b + step for block in blocks for step in range(block.size)}
