"""The pages of the dashboards that ship say what the specs say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from redash.config import PACKAGED
from redash.specs.reading import usable_pack

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "dashboards"


def test_each_dashboard_has_its_page_of_today():
    """docs/dashboards is what scripts/docs_dashboards.py writes, no page more and none less."""
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "docs_dashboards.py", "--check"], check=False, capture_output=True
    )

    assert done.returncode == 0, "run: .venv/bin/python scripts/docs_dashboards.py"


def test_each_panel_says_its_question_its_unit_and_its_formula():
    """A heading for each chart of a dashboard, in the order of the page, and below it all three."""
    pack = usable_pack(PACKAGED)
    for board in pack.dashboards.values():
        charts = [widget.chart for widget in board.dashboard.widgets if widget.chart]
        panels = (PAGES / f"{board.slug}.md").read_text(encoding="utf-8").split("\n### ")[1:]

        assert len(panels) == len(charts)
        assert [panel.splitlines()[0] for panel in panels if "\n* Unit: " not in panel] == []
        assert [
            slug for slug in charts if not (pack.charts[slug].chart.question or pack.charts[slug].chart.description)
        ] == []
