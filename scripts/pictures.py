#!/usr/bin/env python3
"""Takes the pictures of the README from a running demo: pictures.py UI_URL DASHBOARDS_URL (needs Debian's chromium)."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDTH = 1280


def page_that_spoke(page: Page, url: str) -> None:
    """The web UI after a sentence was spoken with an emotion."""
    page.goto(url)
    page.get_by_label("Text", exact=True).fill("今天天气很好,我们一起去公园散步吧。")
    page.get_by_label("Happy", exact=True).first.check()
    page.get_by_role("button", name="Speak").click()
    page.get_by_text("What this request took").wait_for()
    page.wait_for_timeout(1500)
    page.screenshot(path=FOLDER / "ui.png", clip={"x": 0, "y": 0, "width": WIDTH, "height": 870})


def dashboards(page: Page, url: str) -> None:
    """The head of the overview, with its charts drawn."""
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)
    page.screenshot(
        path=FOLDER / "dashboard.png", clip={"x": 0, "y": 0, "width": WIDTH, "height": 1560}, full_page=True
    )


def main() -> None:
    """Both pictures, into docs/pictures."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page_that_spoke(browser.new_page(viewport={"width": WIDTH, "height": 900}), sys.argv[1])
        dashboards(browser.new_page(viewport={"width": WIDTH, "height": 1600}), sys.argv[2])
        browser.close()


if __name__ == "__main__":
    main()
