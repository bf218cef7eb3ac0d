"""The page in a real browser, over the pack that ships."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

TTS_REDASH = str(Path(sys.executable).parent / "tts-redash")
PERIOD = ("--param", "period.start=2026-11-01", "--param", "period.end=2026-11-30")
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What plotly.js draws of each kind of chart, below its own element.
MARKS = {
    "line": ".scatterlayer path.js-line, .scatterlayer path.point, .barlayer .point path",
    "column": ".barlayer .point path",
    "bar": ".barlayer .point path",
    "pie": ".pielayer .slice path.surface",
    "heatmap": ".heatmaplayer image",
}

# Brightness, 0 to 765, of the page's ground and of a label on an axis.
COLOURS = """[
  getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('.xtick text')).fill
].map((colour) => colour.match(/[0-9]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0))"""

pytestmark = pytest.mark.needs("chromium")

PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser_ = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM, timeout=PATIENCE_MS)
        yield browser_
        browser_.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def page_file(
    request: pytest.FixtureRequest, filled_by: Callable[..., str], line, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The page over three weeks with some of everything."""
    folder = tmp_path_factory.mktemp(request.param)
    emotions = ("neutral", "happy", "sad", "calm")
    lines = [
        line(
            f"2026-11-{day:02}T{hour:02}:00:00",
            emotion=emotions[(day + hour) % 4],
            text_chars=10 + 12 * hour,
            text_bytes=10 + 12 * hour,
            total_seconds=0.2 * (hour + 1),
            engine="espeak" if hour % 2 else "indextts2",
            status="error" if (day * hour) % 11 == 7 else "ok",
        )
        for day in range(2, 22)
        for hour in range(0, 24, 3)
    ]
    url = filled_by(request.param, request, folder, lines)
    out = folder / "page.html"
    command = [TTS_REDASH, "preview", "--out", str(out), "--database-url", url, "--banner", "made up", *PERIOD]
    subprocess.run(command, check=True, capture_output=True)
    return out


@pytest.mark.parametrize("width", [1280, 390])
def test_every_chart_is_drawn_and_nothing_is_asked_for(browser: Any, page_file: Path, width: int):
    """Marks in every chart, figures or a reason on every tile; no message on the console, no request, no scrolling sideways."""
    page = browser.new_page(viewport={"width": width, "height": 844})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri(), timeout=PATIENCE_MS)
    page.wait_for_selector("body[data-drawn]", timeout=PATIENCE_MS)
    charts = page.query_selector_all(".card.figure")
    kinds = [next(kind for kind in MARKS if kind in (card.get_attribute("class") or "").split()) for card in charts]
    marks = [len(card.query_selector_all(MARKS[kind])) for card, kind in zip(charts, kinds, strict=True)]
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    clipped = page.evaluate(
        "[...document.querySelectorAll('.card .figure')].filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.textContent)"
    )
    failed = [card.inner_text() for card in page.query_selector_all(".card.error")]
    silent = [card.get_attribute("data-chart") for card in page.query_selector_all(".card.empty:not(:has(.nothing))")]
    page.close()

    assert set(kinds) == set(MARKS)
    assert [(kind, count) for kind, count in zip(kinds, marks, strict=True) if count == 0] == []
    assert (said, [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]) == ([], [])
    assert (overflow, clipped, failed) == (0, [], [])
    assert silent == []


def test_the_page_follows_the_colours_of_the_system(browser: Any, page_file: Path):
    """Light or dark, also while it is open: texts keep their distance from the ground."""
    page = browser.new_page(color_scheme="light")
    page.goto(page_file.as_uri(), timeout=PATIENCE_MS)
    page.wait_for_selector("body[data-drawn]", timeout=PATIENCE_MS)
    light = page.evaluate(COLOURS)
    page.emulate_media(color_scheme="dark")
    # The page's own policy forbids what wait_for_function does.
    turned = f"new Promise((done) => {{ const look = () => ({COLOURS})[1] > 384 ? done() : requestAnimationFrame(look); look(); }})"
    page.evaluate(turned)
    dark = page.evaluate(COLOURS)
    page.close()

    assert light[0] - light[1] > 300
    assert dark[1] - dark[0] > 300
