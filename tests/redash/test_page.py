"""The page as HTML."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from redash.data.answers import answers
from redash.data.database import reading
from redash.preview.page import Frame, embedded, plotly_script, render_page, render_trouble
from redash.specs.reading import read_pack

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
EVIL = "</script><script>alert(1)</script>"


def page(url: str, folder: Path, frame: Frame, **given: str) -> str:
    pack, _ = read_pack(folder)
    with reading(url, 30) as opened:
        return render_page(answers(opened, pack, given, NOW), list(pack.dashboards.values()), frame, NOW)


def test_a_page_says_of_what_and_when_it_is(database_url: str, fill: Callable[..., None], line, specs):
    """Zone, newest request and its age, the moment it was made, period, instance and banner."""
    fill(database_url, line("2026-11-20T02:00:00"))
    text = page(database_url, specs(), Frame(banner="one <line> is synthetic"))

    for words in (
        "Asia/Shanghai",
        "2026-11-20 10:00:00",
        "2.0 h ago",
        "2026-11-20 12:00:00",
        "<strong>2026-11-20 – 2026-11-20</strong>",
        "one &lt;line&gt; is synthetic",
    ):
        assert words in text, words


def test_a_written_page_needs_nothing_else(database_url: str, specs):
    """No address to load anything from; plotly.js is inside, and its text ends no element."""
    text = page(database_url, specs(), Frame())
    markup = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)

    assert len(text) > len(plotly_script())
    assert re.findall(r"(?:src|href)=\"(?!data:)[^\"]*\"", markup) == []
    assert text.count("</script>") == text.count("<script")


def test_a_served_page_takes_the_script_from_its_server(database_url: str, specs):
    """So that a page made anew is small, and has a form."""
    text = page(database_url, specs(), Frame(script="/plotly.min.js", refresh_seconds=60))

    assert '<script src="/plotly.min.js"></script>' in text
    assert '<meta http-equiv="refresh" content="60">' in text
    assert '<select name="period">' in text
    assert len(text) < 100_000


def test_an_empty_database_gives_a_friendly_page(database_url: str, specs):
    """Nothing is loaded yet, and every card says so."""
    text = page(database_url, specs(), Frame(script="x"))

    assert "none yet" in text
    assert text.count("No data in this period") == 1


def test_no_text_of_the_data_ends_an_element():
    """A figure stands in the page as JSON that a browser reads back as it was."""
    text = str(embedded({"a": f"{EVIL}&\u2028"}))

    assert text == '{"a":"\\u003c/script\\u003e\\u003cscript\\u003ealert(1)\\u003c/script\\u003e\\u0026\\u2028"}'


def test_an_evil_name_is_shown_and_not_run(database_url: str, fill: Callable[..., None], line, specs):
    """An engine's or an instance's name comes from a log line."""
    fill(database_url, line("2026-11-20T02:00:00", instance=EVIL))
    text = page(database_url, specs(), Frame(script="x"))

    assert EVIL not in text
    assert "&lt;/script&gt;" in text


def test_trouble_is_a_page_too():
    """With what to do, and it looks again by itself."""
    text = render_trouble("no <tables>", "tts-etl migrate", Frame(script="x", refresh_seconds=5))

    assert "no &lt;tables&gt;" in text
    assert "tts-etl migrate" in text
    assert 'content="5"' in text
