"""Bytes and texts that anybody may have written, made safe for a terminal, JSON and databases. Pure."""

from __future__ import annotations


def printable(data: bytes | str) -> str:
    r"""The text with `\x1b`, `\u202e` and the like in place of whatever is no printable character."""
    text = data if isinstance(data, str) else data.decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "backslashreplace").decode() for char in text
    )


def storable(text: str) -> str:
    r"""The text with `\udcff` and the like in place of lone surrogates: names of files need not be UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()
