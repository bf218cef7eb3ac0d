"""Two packs on one page."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from redash.data.answers import answers
from redash.data.database import reading
from redash.preview.comparing import render_comparison
from redash.preview.page import Frame
from redash.specs.reading import read_pack

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
SCRIPTS = re.compile(r"<script>.*?</script>|<style>.*?</style>", re.DOTALL)


@pytest.fixture
def compared(two_calls: str, specs: Callable[..., Path], tmp_path: Path) -> Callable[..., str]:
    """The page for one text replaced in one file, without scripts and style."""

    def page(name: str, given: str, instead: str, *problems: str, lang: str = "en") -> str:
        before, after = tmp_path / "before", specs()
        shutil.copytree(after, before)
        (after / name).write_text((after / name).read_text(encoding="utf-8").replace(given, instead), encoding="utf-8")
        with reading(two_calls, 30) as opened:
            old, new = (answers(opened, read_pack(one)[0], {}, NOW) for one in (before, after))
            frame = Frame("a <banner>", lang)  # type: ignore[arg-type]
            return SCRIPTS.sub("", render_comparison(old, new, "main", problems, frame, NOW))

    return page


def test_a_chart_stands_beside_what_it_was(compared):
    """Both drawn of the same data, and the SQL's diff below."""
    text = compared("queries/calls.sql", "SELECT status,", "SELECT UPPER(status) AS status,")

    assert "Compared with main" in text
    assert text.count('<div class="plot"') == 2
    assert re.findall(r'<p class="side">(\w+)</p>', text) == ["Before", "After"]
    assert '<span class="removed">-SELECT status,' in text
    assert '<span class="added">+SELECT UPPER(status) AS status,' in text
    assert [word in text for word in ('"error"', '"ERROR"')] == [True, True]
    assert "a &lt;banner&gt;" in text


def test_a_query_that_fails_costs_its_side_only(compared):
    """With the database's reason."""
    text = compared("queries/calls.sql", "SELECT status,", "SELECT statu,")

    assert text.count('<div class="plot"') == 1
    assert text.count('<p class="failed"') == 1


def test_a_query_without_a_chart_shows_its_rows(compared):
    """Before and after."""
    text = compared("queries/instances.sql", "SELECT '%' AS value", "SELECT '%' AS value, 1 AS place")

    # A UNION of two columns and one is refused.
    assert text.count('<p class="failed"') == 1
    assert "<td>stage</td>" in text
    assert re.findall(r'<h3 id="query-instances">(.*?) <code>', text) == ["Instances"]


def test_no_difference_is_said(compared):
    """And in either language; what can't be read of the revision is said too."""
    assert "No dashboard, chart or query differs." in compared("queries/calls.sql", "x", "x")


def test_files_that_cannot_be_read_are_said(compared):
    """In the language of the page."""
    text = compared("queries/calls.sql", "x", "x", "a.sql:1:1: wrong", "b", lang="zh-CN")

    assert "该版本中无法读取的文件 (2): a.sql:1:1: wrong" in text
