"""The page in a real browser: a sentence typed, spoken and played, at two widths, and nothing asked from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tts_app.events import EMOTIONS

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Remembers each media element that plays: the player keeps its own out of the document.
REMEMBER_PLAYED = """
window.played = [];
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () { window.played.push(this); return play.call(this); };
"""

needs_chromium = pytest.mark.needs("chromium")


@pytest.fixture(scope="module")
def page_service(start_service: Callable[..., Any]) -> Any:
    """A service with its page."""
    return start_service("--max-chars", "200")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Visit:
    """An open page, and what it complained about or asked for elsewhere."""

    def __init__(self, page: Page, service: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complain(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complain(str(error)))
        page.on("request", lambda request: self.asked(request.url))
        page.add_init_script(REMEMBER_PLAYED)
        page.goto(service.url)
        page.wait_for_selector("#speak")

    def complain(self, what: str) -> None:
        self.complaints.append(what)

    def asked(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "blob:http://127.0.0.1:", "data:")):
            self.complain(f"asked {url}")

    def speak(self, text: str) -> None:
        self.page.fill("#text textarea", text)
        self.page.click("#speak")

    def request_id(self) -> str:
        return self.page.inner_text(".vox-id code")


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["1280", "390"])
def visit(request: pytest.FixtureRequest, browser: Browser, page_service: Any) -> Iterator[Visit]:
    width, height = request.param
    page = browser.new_page(viewport={"width": width, "height": height})
    yield Visit(page, page_service)
    page.close()


@needs_chromium
def test_a_sentence_is_spoken_and_played(visit: Visit, page_service: Any) -> None:
    """The player plays, the cards tell what the line tells, nothing scrolls sideways, nobody else is asked."""
    visit.speak("今天天气很好。")
    visit.page.wait_for_selector(".vox-cards")
    visit.page.wait_for_function("window.played.length > 0 && window.played[0].currentTime > 0.2")

    [line] = page_service.lines.of(visit.request_id())
    assert visit.page.evaluate("window.played[0].duration") == pytest.approx(line["audio_seconds"], abs=0.01)
    assert (line["status"], line["source"], line["language"]) == ("ok", "webui", "zh")
    assert line["session_hash"] is not None
    assert "http_status" not in line
    cards = visit.page.inner_text(".vox-cards")
    assert f"{line['audio_seconds']:.2f}" in cards
    assert f"{line['synthesis_seconds'] / line['audio_seconds']:.4f}" in cards
    assert visit.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert visit.complaints == []


@needs_chromium
def test_an_error_is_one_readable_line(visit: Visit, page_service: Any) -> None:
    """Emoji alone: a sentence and a code in the page, one line in the log, no traceback."""
    visit.speak("😀")
    error = visit.page.inner_text(".vox-error")

    [line] = page_service.lines.of(visit.request_id())
    assert error == "The text has no letter or digit that could be spoken. UNSPEAKABLE_TEXT"
    assert (line["error_code"], line["fault"]) == ("UNSPEAKABLE_TEXT", "client")
    assert visit.complaints == []


@needs_chromium
def test_presets_move_the_sliders_and_sliders_make_a_mixture(visit: Visit, page_service: Any) -> None:
    """Angry is a preset; with a slider moved it is a custom vector, and the line says which."""
    visit.page.get_by_role("radio", name="Angry").check()
    visit.page.get_by_text("Mix emotions").click()
    angry = visit.page.get_by_role("slider", name="range slider for Angry")
    expect(angry).to_have_value("1")
    visit.speak("hello")
    visit.page.wait_for_selector(".vox-cards")
    preset = visit.request_id()

    angry.press("ArrowLeft")
    expect(visit.page.get_by_role("radio", name="Custom")).to_be_checked()
    visit.page.click("#speak")
    visit.page.wait_for_function(f"document.querySelector('.vox-id code').textContent !== '{preset}'")

    modes = [page_service.lines.of(which)[0] for which in (preset, visit.request_id())]
    assert [(line["emotion"], line["emotion_mode"]) for line in modes] == [("angry", "preset"), ("angry", "vector")]
    assert modes[1]["emotion_vector"][EMOTIONS.index("angry")] == 0.95


@needs_chromium
def test_the_keyboard_is_enough(visit: Visit, page_service: Any) -> None:
    """An example by its button, then Shift+Enter in the text speaks it."""
    visit.page.get_by_role("button", name="日本語").press("Enter")
    text = visit.page.locator("#text textarea")
    expect(text).to_have_value("今日は2026年8月18日、とても良い天気ですね。")

    text.press("Shift+Enter")
    visit.page.wait_for_selector(".vox-cards")

    [line] = page_service.lines.of(visit.request_id())
    assert (line["language"], line["status"]) == ("ja", "ok")
