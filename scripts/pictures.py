#!/usr/bin/env python3
"""Takes the pictures of README and docs from a running demo: pictures.py UI_URL [DASHBOARDS_URL] (needs Debian's chromium)."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDTH = 1280


def spoken(page: Page, url: str, text: str, emotion: str) -> None:
    """The web UI after a sentence was spoken with an emotion."""
    page.goto(url)
    page.wait_for_function("window.voxmeter && document.body.dataset.emotion")
    page.locator("#text textarea").fill(text)
    page.locator(f"#preset input[value={emotion}]").check()
    page.locator("#speak").click()
    page.locator("#vox-history li .vox-said").first.wait_for()
    page.wait_for_timeout(1500)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")


def web_ui(browser: Browser, url: str) -> None:
    """The page on a desk, in English; its last 24 hours; and the page on a phone, in Chinese, at night."""
    page = browser.new_page(viewport={"width": WIDTH, "height": 940}, locale="en-US")
    for text, emotion in (
        ("Good morning! The train leaves in ten minutes.", "calm"),
        ("今天天气很好,我们一起去公园散步吧。", "happy"),
    ):
        spoken(page, url, text, emotion)
    page.screenshot(path=FOLDER / "ui.png")
    page.get_by_role("tab", name="Last 24 hours").first.click()
    page.locator(".vox-hours").wait_for()
    page.wait_for_timeout(500)
    page.screenshot(path=FOLDER / "ui-recent.png")
    phone = browser.new_page(viewport={"width": 390, "height": 844}, locale="zh-CN", color_scheme="dark")
    spoken(phone, url, "今天天气很好,我们一起去公园散步吧。", "happy")
    phone.screenshot(path=FOLDER / "ui-phone.png", full_page=True)


def dashboards(page: Page, url: str) -> None:
    """The head of the overview, with its charts drawn."""
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)
    page.screenshot(
        path=FOLDER / "dashboard.png", clip={"x": 0, "y": 0, "width": WIDTH, "height": 1560}, full_page=True
    )


def main() -> None:
    """All of them, into docs/pictures; without dashboards those of the web UI alone."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        web_ui(browser, sys.argv[1])
        if len(sys.argv) > 2:
            dashboards(browser.new_page(viewport={"width": WIDTH, "height": 1600}), sys.argv[2])
        browser.close()


if __name__ == "__main__":
    main()
