"""The pages say what is so: commands and their help, the line, the words, both languages, every link."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tts_app.events import ERRORS, HeartbeatEvent, MarkEvent, RequestEvent

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def blocks(text: str) -> list[str]:
    """The fenced shell blocks of a page."""
    return re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def test_the_page_of_commands_is_their_help():
    """docs/cli.md is what scripts/docs_cli.py writes today."""
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "docs_cli.py", "--check"], check=False, capture_output=True
    )

    assert done.returncode == 0, "run: .venv/bin/python scripts/docs_cli.py"


def test_the_readmes_have_the_same_commands():
    """The Chinese page shows the commands of the English one, in their order."""
    english, chinese = (
        [
            [line.split("#")[0].rstrip() for line in block.splitlines()]
            for block in blocks(path.read_text(encoding="utf-8"))
        ]
        for path in (ROOT / "README.md", ROOT / "README.zh-CN.md")
    )

    assert english == chinese
    assert ["make demo", "make test"] in english


def test_the_page_of_the_line_names_every_key_in_order():
    """docs/log-format.md has the keys of tts.request in the order of the line, and those of the small events."""
    text = (ROOT / "docs" / "log-format.md").read_text(encoding="utf-8")
    table = text[text.index("## `tts.request`") : text.index("## Error codes")]
    cells = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    keys = [key for cell in cells for key in re.findall(r"`(\w+)`", cell)]

    assert keys == ["v", "event", *(field.name for field in dataclasses.fields(RequestEvent))]
    for kind in (HeartbeatEvent, MarkEvent):
        assert [field.name for field in dataclasses.fields(kind) if f"`{field.name}`" not in text] == []


def test_the_page_of_the_line_has_every_error_code():
    """Code, status, fault, HTTP status, stage and retry of each, as the service has them."""
    text = (ROOT / "docs" / "log-format.md").read_text(encoding="utf-8")
    rows = [
        tuple(cell.strip(" `") for cell in row.split("|")[1:7])
        for row in text.splitlines()
        if re.match(r"\| `[A-Z]", row)
    ]
    expected = [
        (code, kind.status, kind.fault, str(kind.http_status), kind.stage, "yes" if kind.retryable else "no")
        for code, kind in ERRORS.items()
    ]

    assert rows == [*expected, ("UNKNOWN", "error", "service", "", "", "")]


def test_the_example_line_is_a_golden_one():
    """The line that the page shows is read by the loader's golden test."""
    golden = (ROOT / "tests" / "contract" / "golden" / "v1.jsonl").read_text(encoding="utf-8").splitlines()[0]

    assert golden in (ROOT / "docs" / "log-format.md").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path):
    """Each relative link and picture of a page is a file of the repository."""
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if not re.match(r"[a-z]+:", target)]

    assert [target for target in local if not (page.parent / target).exists()] == []
