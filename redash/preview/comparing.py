"""One page for a pull request: what two packs show of the same data, side by side, and how their files differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from redash.data.answers import Answers
from redash.data.database import Result
from redash.errors import ParameterError, QueryFailed
from redash.preview.cards import Card, card_of
from redash.preview.changes import (
    BoardChange,
    FileDiff,
    Kind,
    board_diff,
    changed_boards,
    changed_queries,
    query_diffs,
)
from redash.preview.grids import Grid, rows_of
from redash.preview.page import Frame, rendered, stamp_of
from redash.preview.words import words
from redash.specs.models import Widget
from redash.specs.spec import NamedDashboard

_SHOWN_ROWS = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """A chart before and after; None on the side that does not have it."""

    height: int
    before: Card | None
    after: Card | None


@dataclass(frozen=True, slots=True)
class BoardView:
    """A dashboard that looks different."""

    slug: str
    kind: Kind
    title: str
    pairs: list[Pair]
    diff: FileDiff | None


@dataclass(frozen=True, slots=True)
class QueryView:
    """A query whose files changed, and its rows where no chart of the page shows them."""

    slug: str
    kind: Kind
    title: str
    diffs: list[FileDiff]
    before: Grid | str | None
    after: Grid | str | None


def render_comparison(
    before: Answers, after: Answers, revision: str, problems: Sequence[str], frame: Frame, utc_now: datetime
) -> str:
    """The page; `problems` are those of the files at the revision, which is shown as far as it can be read."""
    changes = changed_boards(before.pack, after.pack)
    drawn = {
        widget.chart.split("/")[0]
        for change in changes
        for pair in change.pairs
        for widget in pair
        if widget and widget.chart
    }
    slugs = sorted({*before.pack.queries, *after.pack.queries})
    kinds = changed_queries(before.pack, after.pack)
    queries = [
        _query(before, after, slug, kinds.get(slug, "changed"), with_rows=slug in kinds and slug not in drawn)
        for slug in slugs
        if query_diffs(before.pack, after.pack, slug)
    ]
    boards = [_board(before, after, change, frame) for change in changes]
    title = words(frame.lang)["compared"].format(revision)
    values = {"revision": revision, "problems": list(problems), "boards": boards, "queries": queries}
    return rendered("compare.html.j2", frame, title=title, stamp=stamp_of(after, frame, utc_now), **values)


def _board(before: Answers, after: Answers, change: BoardChange, frame: Frame) -> BoardView:
    board = change.after or change.before
    title = str(board.dashboard.title) if board else change.slug
    pairs = [
        Pair(
            max(widget.at.height for widget in pair if widget),
            _card(before, change.before, pair[0], frame),
            _card(after, change.after, pair[1], frame),
        )
        for pair in change.pairs
    ]
    return BoardView(change.slug, change.kind, title, pairs, board_diff(change))


def _card(answers: Answers, board: NamedDashboard | None, widget: Widget | None, frame: Frame) -> Card | None:
    if board is None or widget is None or widget.chart not in answers.pack.charts:
        return None
    try:
        return card_of(answers, board, widget, words(frame.lang))
    except ParameterError as error:
        chart = answers.pack.charts[widget.chart].chart
        return Card("error", widget.at, widget.chart, title=str(chart.title), message=str(error))


def _query(before: Answers, after: Answers, slug: str, kind: Kind, *, with_rows: bool) -> QueryView:
    query = after.pack.queries.get(slug) or before.pack.queries[slug]
    rows = [_rows(side, slug) if with_rows else None for side in (before, after)]
    return QueryView(slug, kind, str(query.head.title), query_diffs(before.pack, after.pack, slug), *rows)


def _rows(answers: Answers, slug: str) -> Grid | str | None:
    """The first rows of a query, or why there are none."""
    if slug not in answers.pack.queries:
        return None
    try:
        result = answers.of_query(answers.pack.queries[slug], {}, {})
    except (QueryFailed, ParameterError) as error:
        return str(error)
    return rows_of(Result(result.columns, result.rows[:_SHOWN_ROWS]))
