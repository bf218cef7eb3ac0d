"""Widgets as cards of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from redash.data.answers import Answers, answers
from redash.data.database import reading
from redash.preview.cards import Card, cards
from redash.preview.grids import Cell
from redash.specs.reading import read_pack

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
AT = "at: {{column: {0}, row: {1}, width: 6, height: 5}}"
FILES = {
    "charts/calls.yaml": (
        "bars: {type: chart, kind: column, title: Bars, description: By status, x: status, y: [{column: calls}], n: calls}\n"
        "one: {type: counter, title: One, column: calls, unit: count, prefix: '~', suffix: ' calls', note: calls}\n"
        "rows: {type: table, title: Rows, table: [{column: status, title: Status}, {column: calls, unit: count}]}\n"
    ),
    "queries/broken.sql": "-- title: B\n-- description: D\nSELECT nothing AS a FROM tts_request\n",
    "charts/broken.yaml": "c: {type: counter, title: Broken, column: a}\n",
    "queries/none.sql": "-- title: N\n-- description: D\nSELECT status AS a FROM tts_request WHERE 1 = 0\n",
    "charts/none.yaml": "c: {type: counter, title: None, column: a}\n",
    "queries/other.sql": "-- title: O\n-- description: D\nSELECT 1 AS b\n",
    "charts/other.yaml": "c: {type: chart, kind: line, title: Other, x: b, y: [{column: b}, {column: b}], n: gone}\n",
    "dashboards/board.yaml": "title: B\nparameters: {period: {default: d_last_7_days}, instance: {default: '%'}}\nwidgets:\n"
    + "".join(
        f"  - {{{content}, {AT.format(column, row)}}}\n"
        for content, column, row in (
            ("chart: other/c", 6, 15),
            ('text: "**bold** <script>alert(1)</script>"', 0, 20),
            ("chart: calls/bars", 0, 0),
            ("chart: calls/one", 6, 0),
            ("chart: calls/rows", 0, 5),
            ("chart: broken/c", 0, 15),
            ("chart: none/c", 6, 5),
        )
    ),
}


@pytest.fixture
def answered(two_calls: str, specs: Callable[..., Path]) -> Iterator[Answers]:
    """Two calls, one of which went wrong, and a dashboard with a card of each kind."""
    pack, problems = read_pack(specs(FILES))
    assert problems == []
    with reading(two_calls, 30) as opened:
        yield answers(opened, pack, {}, NOW)


@pytest.fixture
def drawn(answered: Answers) -> dict[str, Card]:
    """The cards by their charts; the text's is the empty slug."""
    return {card.slug: card for card in cards(answered, answered.pack.dashboards["board"], "en")}


def test_cards_come_from_top_left_to_bottom_right(drawn: dict[str, Card]):
    """A narrow page stacks them in this order."""
    assert list(drawn) == ["calls/bars", "calls/one", "calls/rows", "none/c", "broken/c", "other/c", ""]


def test_each_widget_has_the_card_it_deserves(drawn: dict[str, Card]):
    """A query that fails, a column that is missing and a result without rows cost their own cards only."""
    assert {slug: card.kind for slug, card in drawn.items()} == {
        "calls/bars": "figure",
        "calls/one": "counter",
        "calls/rows": "table",
        "none/c": "empty",
        "broken/c": "error",
        "other/c": "error",
        "": "text",
    }
    assert drawn["none/c"].message == "No data yet"
    assert "nothing" in drawn["broken/c"].message
    assert drawn["other/c"].message == "the query returns no column 'gone'"


def test_a_counter_has_its_unit_and_its_n(drawn: dict[str, Card]):
    """Prefix, figure, suffix, and the note beside it."""
    assert (drawn["calls/one"].message, drawn["calls/one"].note) == ("~1 calls", "n = 1")


def test_a_chart_tells_its_sample_size(drawn: dict[str, Card]):
    """The sum over its points."""
    assert drawn["calls/bars"].note == "n = 2"


def test_a_table_has_figures_at_the_right_and_a_coloured_status(drawn: dict[str, Card]):
    """Cells are texts."""
    grid = drawn["calls/rows"].grid

    assert grid is not None
    assert grid.head == (Cell("Status"), Cell("calls", True))
    assert sorted(grid.rows, key=str) == [
        (Cell("error", False, "bad"), Cell("1", True)),
        (Cell("ok", False, "good"), Cell("1", True)),
    ]


def test_a_text_is_markdown_without_html(drawn: dict[str, Card]):
    """What looks like a script is shown, not run."""
    assert str(drawn[""].html) == "<p><strong>bold</strong> &lt;script&gt;alert(1)&lt;/script&gt;</p>\n"
