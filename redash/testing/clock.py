"""Asks a query as of another moment: each place where its SQL reads the clock becomes that moment, and nothing else changes.

The text is cut at the words that read the clock, found by a tokenizer, so a `now` in a comment, a name or another
string stays; why not otherwise: docs/decisions/0009-backtest.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlglot
from sqlglot import Token, TokenType
from sqlglot.errors import TokenError

from redash.errors import QueryFailed
from redash.specs.spec import Dialect

_Say = Callable[[datetime], str]
_PARENTHESES = (TokenType.L_PAREN, TokenType.R_PAREN)


def _zoned(moment: datetime) -> str:
    return f"TIMESTAMPTZ '{moment:%Y-%m-%d %H:%M:%S.%f}+00:00'"


_POSTGRESQL_CALLS = {"now", "transaction_timestamp", "statement_timestamp", "clock_timestamp"}
_POSTGRESQL_WORDS: dict[str, _Say] = {
    "current_timestamp": _zoned,
    "current_date": lambda moment: f"CAST({_zoned(moment)} AS DATE)",
    "localtimestamp": lambda moment: f"CAST({_zoned(moment)} AS TIMESTAMP)",
}
# Milliseconds: SQLite's functions read no more digits.
_SQLITE_NOW: _Say = lambda moment: f"'{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}'"  # noqa: E731
_SQLITE_WORDS: dict[str, _Say] = {
    "current_timestamp": lambda moment: f"'{moment:%Y-%m-%d %H:%M:%S}'",
    "current_date": lambda moment: f"'{moment:%Y-%m-%d}'",
    "current_time": lambda moment: f"'{moment:%H:%M:%S}'",
}
# What reads a clock too, and can't be replaced word by word.
_REFUSED: dict[Dialect, set[str]] = {
    "postgresql": {"current_time", "localtime", "timeofday"},
    "sqlite": set(),
}
_REFUSED_TEXTS = {"now", "today", "tomorrow", "yesterday"}
_SQLITE_BARE_CALLS = {"date", "time", "datetime", "julianday", "unixepoch"}


@dataclass(frozen=True, slots=True)
class Clocked:
    """A SQL text in pieces: what is kept, and between that what says the moment in the dialect's words."""

    kept: tuple[str, ...]
    said: tuple[_Say, ...]

    @property
    def reads_the_clock(self) -> bool:
        """Whether another moment gives another text."""
        return bool(self.said)

    def at(self, moment: datetime) -> str:
        """The text as of a moment in UTC."""
        utc = moment.astimezone(UTC)
        told = [say(utc) for say in self.said]
        return "".join(part for pair in zip(self.kept, [*told, ""], strict=True) for part in pair)


def clocked(sql: str, dialect: Dialect) -> Clocked:
    """The text, ready for any moment; raises QueryFailed for one that reads the clock in words that are not known here."""
    tokens = _tokens(sql, dialect)
    kept, said, end = [], [], 0
    for index, token in enumerate(tokens):
        if token.start < end:
            continue
        found = _reading(tokens, index, dialect)
        if found is None:
            continue
        say, last = found
        kept.append(sql[end : token.start])
        said.append(say)
        end = last.end + 1
    return Clocked((*kept, sql[end:]), tuple(said))


def words_of(sql: str, dialect: Dialect) -> set[str]:
    """All words of a text in small letters, without comments and strings: the names of its tables are among them."""
    return {token.text.lower() for token in _tokens(sql, dialect) if token.token_type != TokenType.STRING}


def _tokens(sql: str, dialect: Dialect) -> Sequence[Token]:
    try:
        return sqlglot.tokenize(sql, read="sqlite" if dialect == "sqlite" else "postgres")
    except TokenError as error:
        raise QueryFailed("this is no SQL: a text or a name does not end") from error


def _reading(tokens: Sequence[Token], index: int, dialect: Dialect) -> tuple[_Say, Token] | None:
    """What says the moment in place of the token, and the last token that it replaces; None where no clock is read."""
    token, word = tokens[index], tokens[index].text.lower()
    if token.token_type == TokenType.IDENTIFIER:
        return None
    if token.token_type == TokenType.STRING:
        return _text(token, word, dialect)
    called = tuple(item.token_type for item in tokens[index + 1 : index + 3]) == _PARENTHESES
    if word in _REFUSED[dialect] or (dialect == "sqlite" and called and word in _SQLITE_BARE_CALLS):
        raise QueryFailed(f"{token.text} reads the clock, and can't be asked as of another moment")
    if dialect == "postgresql" and called and word in _POSTGRESQL_CALLS:
        return _zoned, tokens[index + 2]
    words = _SQLITE_WORDS if dialect == "sqlite" else _POSTGRESQL_WORDS
    return (words[word], token) if word in words else None


def _text(token: Token, word: str, dialect: Dialect) -> tuple[_Say, Token] | None:
    if dialect == "sqlite":
        return (_SQLITE_NOW, token) if word == "now" else None
    if word in _REFUSED_TEXTS:
        raise QueryFailed(f"the text '{token.text}' may read the clock: write NOW()")
    return None
