"""One plan in each of its forms."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from redash.remote.api import Session
from redash.remote.versions import Version
from redash.shown.plans import as_html, as_markdown, as_text
from redash.specs.places import Environment
from redash.specs.secrets import Secret
from redash.sync.live import Live
from redash.sync.paths import Change
from redash.sync.plan import Plan, Step
from redash.sync.survey import Survey
from redash.sync.wanted import Target

PLAN = Plan(
    (
        Step("create", "query/new", "New | one"),
        Step(
            "update",
            "query/calls",
            "Calls <b>",
            (
                Change("name", "Calls <b>", "Mine", "Calls", "both"),
                Change("sql", "SELECT 1,\n  2\nFROM t", "SELECT 1,\n  3\nFROM t", "SELECT 1,\n  3\nFROM t", "file"),
            ),
        ),
        Step("remove", "widget/board/x", "x", (), ("widget/board/x was edited in Redash: position.row",)),
    ),
    (Step("archive", "query/old", "Old", (), ("takes along a widget on the dashboard 'Ops' of Human",)),),
    12,
    {"destination/hook": "only an admin may make it, and a@example.com is none"},
    ("Redash 9.0 is older than any that was tried (10.1)",),
)


def seen(plan: Plan) -> Survey:
    """A look that ended in this plan."""
    version = Version.parse("26.3.0")
    assert version is not None
    environment = Environment(url="http://redash.example.com", api_key=Secret("env:KEY"))
    session = Session(1, "a@example.com", frozenset(), (), version)
    return Survey(Target("default", environment, version), {}, Live(session), plan)


def test_text():
    """Each step on a line, its fields below, SQL as a diff, whose edit it was, and what it loses."""
    assert as_text(seen(PLAN)).splitlines() == [
        "http://redash.example.com (Redash 26.3, environment default)",
        "+ create  query/new  New | one",
        "~ update  query/calls  Calls <b>",
        '    name: "Mine" → "Calls <b>"  (edited in Redash and in the files)',
        "    sql:",
        "    --- in Redash",
        "    +++ in the files",
        "    @@ -1,3 +1,3 @@",
        "     SELECT 1,",
        "    -  3",
        "    +  2",
        "     FROM t",
        "- remove  widget/board/x  x",
        "    ! widget/board/x was edited in Redash: position.row",
        "warning: Redash 9.0 is older than any that was tried (10.1)",
        "left: destination/hook: only an admin may make it, and a@example.com is none",
        "no file any more: query/old, which `tts-redash prune` would archive; "
        "that takes along a widget on the dashboard 'Ops' of Human",
        "1 to create, 1 to update, 1 to remove; 2 would lose something; 12 objects are as the files say.",
    ]


def test_markdown():
    """A table whose cells hold, and a fold a step."""
    lines = as_markdown(seen(PLAN)).splitlines()

    assert lines[4:9] == [
        "| | step | object | |",
        "|---|---|---|---|",
        "| + | create | `query/new` | New \\| one |",
        "| ~ | ⚠ update | `query/calls` | Calls <b> |",
        "| - | ⚠ remove | `widget/board/x` | x |",
    ]
    assert lines.count("```diff") == lines.count("```") == 2
    assert lines[-1].startswith("* no file any more: query/old")


def test_html_is_a_page_in_which_no_name_is_markup():
    """Every tag is closed; what Redash said is text."""
    page = as_html(seen(PLAN))
    open_tags: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag not in ("meta", "br"):
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Reader().feed(page)

    assert open_tags == []
    assert "Calls &lt;b&gt;" in page
    assert '<span class="minus">-  3</span>' in page


@pytest.mark.parametrize("form", [as_text, as_markdown, as_html])
def test_nothing_to_do_is_said_in_words(form):
    """With how much was looked at."""
    assert "Nothing to do: 12 objects are as the files say." in form(seen(Plan(unchanged=12)))
