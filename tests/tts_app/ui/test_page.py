"""The page in a real browser: spoken and heard, waited for, cancelled, kept, at two widths, in two languages, by keyboard."""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.tts_app.conftest import wait_for
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
WIDE, NARROW = (1280, 900), (390, 844)
# Only a test that fails waits so long.
DEADLINE_MS = 120_000
FAKE = Path(__file__).parents[1] / "engines" / "fake_engine.py"

needs_chromium = pytest.mark.needs("chromium")


@pytest.fixture(scope="module")
def page_service(start_service: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A service with its page, the embedded voice, and an engine that waits when it is told to."""
    file = tmp_path_factory.mktemp("engines") / "engines.toml"
    file.write_text(f'[engines.espeak]\n\n[engines.fake]\nkind = "{FAKE}"\n', encoding="utf-8")
    return start_service("--max-chars", "200", "--engines", str(file))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, timeout=DEADLINE_MS)
        yield browser
        browser.close()


class Visit:
    """An open page, and what it complained about or asked for elsewhere."""

    def __init__(self, page: Page, service: Any) -> None:
        self.page = page
        self.service = service
        self.complaints: list[str] = []
        page.set_default_timeout(DEADLINE_MS)
        page.on("console", lambda message: self.complain(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complain(str(error)))
        page.on("request", lambda request: self.asked(request.url))
        page.on("dialog", lambda dialog: dialog.accept())
        self.open()

    def open(self) -> None:
        self.page.goto(self.service.ui_url)
        self.ready()

    def ready(self) -> None:
        self.page.wait_for_function("window.voxmeter && document.body.dataset.emotion")

    def complain(self, what: str) -> None:
        self.complaints.append(what)

    def asked(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "blob:http://127.0.0.1:", "data:")):
            self.complain(f"asked {url}")

    @property
    def text(self) -> Locator:
        return self.page.locator("#text textarea")

    def choose_engine(self, name: str) -> None:
        self.page.locator("#engine input").click()
        self.page.get_by_role("option", name=name).click()
        self.page.wait_for_function(f"document.querySelector('#engine input').value === '{name}'")

    def took(self) -> dict[str, Any]:
        """The line of the request whose figures are shown."""
        number = self.page.locator("#vox-took .vox-id code").inner_text()
        [line] = self.service.lines.of(number)
        return dict(line)


Open = Callable[..., Visit]


def recording() -> bytes:
    """Two seconds of a square wave, as a file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((b"\0\x20" * 40 + b"\0\xe0" * 40) * 400)
    return out.getvalue()


def cancelled(service: Any) -> list[dict[str, Any]]:
    return [line for line in service.lines.requests() if line.get("error_code") == "CANCELLED"]


@pytest.fixture
def visit(browser: Browser, page_service: Any) -> Iterator[Open]:
    """Opens the page in a browser of its own; nothing it complained about is overlooked."""
    visits: list[Visit] = []

    def opened(size: tuple[int, int] = WIDE, locale: str = "en-US") -> Visit:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale=locale)
        visits.append(Visit(context.new_page(), page_service))
        return visits[-1]

    yield opened
    for visit in visits:
        visit.page.context.close()
    assert [visit.complaints for visit in visits] == [[] for _ in visits]


@needs_chromium
def test_a_sentence_is_spoken_heard_and_kept(visit: Open) -> None:
    """The player plays it, the bars tell what the line tells, the list keeps it, and nothing scrolls sideways."""
    seen = visit(NARROW)
    seen.text.fill("今天天气很好。")
    seen.page.get_by_role("radio", name="Happy").check()
    seen.page.click("#speak")
    seen.page.wait_for_function("document.querySelector('#vox-player').currentTime > 0.2")

    line = seen.took()
    assert seen.page.evaluate("document.querySelector('#vox-player').duration") == pytest.approx(
        line["audio_seconds"], abs=0.01
    )
    assert (line["status"], line["source"], line["language"], line["emotion"]) == ("ok", "webui", "zh", "happy")
    assert line["session_hash"] is not None
    names = seen.page.locator(".vox-steps tbody th").all_inner_texts()
    assert [names[0], names[-2], names[-1]] == ["Queue", "Encode", "Deliver"]
    assert f"{line['audio_seconds']:.2f} s" in seen.page.inner_text("#vox-took")
    expect(seen.page.locator("#vox-history li")).to_have_count(1)
    assert seen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@needs_chromium
def test_sound_plays_before_there_is_all_of_it_and_escape_ends_it(visit: Open) -> None:
    """An engine that never ends is heard at once, and stopped for good by a key."""
    seen = visit()
    before = len(cancelled(seen.service))
    seen.choose_engine("fake")
    seen.text.fill("wait")
    seen.text.press("Control+Enter")
    expect(seen.page.locator("#vox-status")).to_contain_text("Playing while it is made")
    running = seen.service.http.get("/healthz").json()["in_flight"]
    seen.page.keyboard.press("Escape")
    expect(seen.page.locator("#vox-status")).to_have_text("Cancelled.")

    [line] = wait_for(lambda: cancelled(seen.service)[before:])
    assert (running, line["status"], line["fault"], line["engine"]) == (1, "cancelled", "cancelled", "fake")
    expect(seen.page.locator("#vox-history")).to_have_text("Nothing yet.")


@needs_chromium
def test_who_waits_sees_the_place_in_the_queue_and_may_go(visit: Open) -> None:
    """The second of two is first in the queue; its Cancel leaves the other one alone."""
    first, second = visit(), visit(NARROW)
    for seen in (first, second):
        seen.choose_engine("fake")
        seen.text.fill("wait")
        seen.page.click("#speak")
        expect(seen.page.locator("#vox-status")).not_to_have_text(re.compile("Press|Sending"))
    expect(second.page.locator("#vox-status")).to_have_text("Waiting in the queue: place 1")
    second.page.click("#cancel")
    expect(second.page.locator("#vox-status")).to_have_text("Cancelled.")

    expect(first.page.locator("#vox-status")).to_contain_text("Playing while it is made")
    first.page.click("#cancel")
    expect(first.page.locator("#vox-status")).to_have_text("Cancelled.")


@needs_chromium
def test_an_error_says_what_to_do_and_is_one_line_in_the_log(visit: Open) -> None:
    """In Chinese where the browser is Chinese; the code is for whoever asks."""
    seen = visit(NARROW, "zh-CN")
    seen.text.fill("😀")
    seen.page.get_by_role("button", name="朗读", exact=True).click()
    error = seen.page.locator(".vox-error")
    expect(error).to_contain_text("文本中没有可以朗读的文字或数字。 UNSPEAKABLE_TEXT")
    expect(error).to_contain_text("请加上文字")

    [line] = seen.service.lines.of(error.locator(".vox-id code").inner_text())
    assert (line["error_code"], line["fault"], line["source"]) == ("UNSPEAKABLE_TEXT", "client", "webui")
    seen.complaints.clear()  # the browser notes the answer's status 422


@needs_chromium
def test_what_an_engine_has_is_what_there_is_to_choose(visit: Open) -> None:
    """Voices, ways to give an emotion, a recording: another engine has others, and sliders begin with the preset."""
    seen = visit()
    modes = seen.page.locator("#mode input")
    expect(seen.page.locator("#vox-reference")).to_be_hidden()
    assert modes.evaluate_all("all => all.map(each => each.value)") == ["preset", "vector"]
    seen.choose_engine("fake")
    expect(seen.page.locator("#voice input")).to_have_value("Anna")
    expect(seen.page.locator("#vox-reference")).to_be_visible()
    assert modes.evaluate_all("all => all.map(each => each.value)") == ["preset", "vector", "text"]

    seen.page.get_by_role("radio", name="Angry").check()
    seen.page.get_by_role("radio", name="Eight sliders").check()
    angry = seen.page.get_by_role("slider", name="range slider for Angry")
    expect(angry).to_have_value("1")
    angry.press("ArrowLeft")
    seen.page.set_input_files("#vox-reference-file", {"name": "a.wav", "mimeType": "audio/wav", "buffer": recording()})
    expect(seen.page.locator("#voice input")).to_have_value("from the recording")
    seen.text.fill("hello")
    seen.page.click("#speak")
    seen.page.wait_for_selector(".vox-steps")

    line = seen.took()
    assert (line["emotion"], line["emotion_mode"], line["speaker"][:4]) == ("angry", "vector", "ref:")


@needs_chromium
def test_the_list_gives_everything_back_and_forgets_on_demand(visit: Open) -> None:
    """Text and settings after a reload, its sound too; then neither is in the browser any more."""
    seen = visit()
    seen.page.get_by_role("button", name="日本語").press("Enter")
    said = seen.text.input_value()
    seen.page.get_by_role("radio", name="Sad").check()
    seen.text.press("Control+Enter")
    expect(seen.page.locator("#vox-history li")).to_have_count(1)
    seen.text.fill("something else")
    seen.page.get_by_role("radio", name="Calm").check()
    seen.page.reload()
    seen.ready()
    expect(seen.text).to_have_value("something else")
    seen.page.get_by_role("button", name=re.compile("Use again: 今日は")).click()

    expect(seen.text).to_have_value(said)
    expect(seen.page.get_by_role("radio", name="Sad")).to_be_checked()
    seen.page.get_by_role("button", name=re.compile("Play: 今日は")).click()
    seen.page.wait_for_function("document.querySelector('#vox-player').currentTime > 0")
    seen.page.get_by_role("button", name="Clear", exact=True).click()
    expect(seen.page.locator("#vox-history")).to_have_text("Nothing yet.")
    seen.page.reload()
    seen.ready()
    expect(seen.page.locator("#vox-history")).to_have_text("Nothing yet.")


@needs_chromium
def test_every_control_has_a_name_and_the_keyboard_reaches_it(visit: Open) -> None:
    """In both languages, by the switch on the page; and the tab with the last day counts what was spoken."""
    seen = visit(NARROW)
    nameless = """() => [...document.querySelectorAll('button, input, select, textarea, audio, a[href], [role=tab]')]
        .filter((each) => each.checkVisibility() && !(each.ariaLabel || each.labels?.length || each.innerText?.trim()
            || each.getAttribute('aria-labelledby') || each.title)).map((each) => each.outerHTML)"""
    assert seen.page.evaluate(nameless) == []
    seen.page.locator("#vox-language").press("Enter")
    expect(seen.page.get_by_role("tab", name="最近 24 小时").first).to_be_visible()
    expect(seen.page.get_by_role("button", name="朗读", exact=True)).to_be_visible()
    expect(seen.page.get_by_role("radio", name="高兴")).to_be_visible()
    assert seen.page.evaluate(nameless) == []
    assert seen.page.evaluate("document.documentElement.lang") == "zh-CN"

    seen.page.evaluate("""() => { window.reached = [];
        addEventListener('focusin', (event) => window.reached.push(event.target.closest('[id]')?.id)); }""")
    for _ in range(36):
        seen.page.keyboard.press("Tab")
    assert {"speak", "vox-keep"} <= set(seen.page.evaluate("window.reached"))
    seen.page.get_by_role("tab", name="最近 24 小时").first.click()
    expect(seen.page.locator("#vox-recent")).to_contain_text("请求数")


def test_the_sliders_stand_in_the_order_of_the_vector() -> None:
    """The scripts and the service mean the same emotion by the same place."""
    script = (Path(__file__).parents[3] / "tts_app/ui/page/form.js").read_text(encoding="utf-8")
    named = re.search(r"EMOTIONS = \[(.*?)\]", script)

    assert named is not None
    assert tuple(re.findall(r"'(\w+)'", named[1])) == EMOTIONS
