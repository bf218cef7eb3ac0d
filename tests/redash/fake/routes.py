"""Which function answers which path."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.redash.fake.state import NOT_FOUND, Abort, Row, State, require


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a known user; `state` is the server's, `version` its version."""

    state: State
    version: tuple[int, int]
    url: str
    user: Row
    query: dict[str, list[str]]
    body: Any
    passwords: dict[str, str]

    def must_be_admin(self) -> None:
        """Stops with 403 (section 0)."""
        require(self.state.is_admin(self.user))

    def must_own(self, row: Row) -> None:
        """Stops with 403 unless the user made it or is an admin."""
        require(row["user_id"] == self.user["id"] or self.state.is_admin(self.user))


Answer = Callable[..., Any]
_ROUTES: list[tuple[str, re.Pattern[str], Answer]] = []


def route(method: str, path: str) -> Callable[[Answer], Answer]:
    """Answers a path like `/api/queries/<id>`; the function takes the call and the ids as texts."""
    pattern = re.compile(re.sub(r"<\w+>", "([^/]+)", re.escape(path).replace(r"\<", "<").replace(r"\>", ">")))

    def keep(answer: Answer) -> Answer:
        _ROUTES.append((method, pattern, answer))
        return answer

    return keep


def found(method: str, path: str) -> tuple[Answer, tuple[str, ...]] | None:
    """The function for a request and the ids in its path."""
    for known, pattern, answer in _ROUTES:
        match = pattern.fullmatch(path)
        if known == method and match:
            return answer, match.groups()
    return None


def paged(call: Call, rows: list[Row]) -> Row:
    """A page of a list (section 0: pagination)."""
    page, size = int(call.query.get("page", ["1"])[0]), int(call.query.get("page_size", ["25"])[0])
    order = call.query.get("order", ["-created_at"])[0]
    if not 1 <= size <= 250:
        raise Abort(400, "Page size is out of range (1-250).")
    if page < 1:
        raise Abort(400, "Page must be positive integer.")
    ordered = sorted(rows, key=lambda row: (row[order.lstrip("-")], row["id"]), reverse=order.startswith("-"))
    if page > 1 and not rows:
        raise Abort(404, NOT_FOUND)
    if page > 1 and (page - 1) * size >= len(rows):
        raise Abort(400, "Page is out of range.")
    return {"count": len(rows), "page": page, "page_size": size, "results": ordered[(page - 1) * size : page * size]}
