"""What the page asks for, with scripted engines: events while it waits and hears, and what there is to choose."""

from __future__ import annotations

import asyncio
import base64
import struct
from collections.abc import AsyncGenerator
from typing import Any

from tts_app.engines.info import EngineInfo
from tts_app.engines.progress import EngineOrder, Progress
from tts_app.errors import RequestFailed
from tts_app.recent import Recent

from .conftest import RATE, SILENCE, TONE, ScriptedEngine, info
from .test_speech import events

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt "


def speak(api: Any, files: Any = None, **fields: Any) -> Any:
    form = [(name, (None, str(value))) for name, value in ({"input": "hello"} | fields).items()]
    return api.ask("POST", "/ui/speak", files=form + [(name, ("a.wav", data)) for name, data in (files or {}).items()])


def test_the_page_gets_sound_as_it_is_made_and_then_the_figures(make_api: Any, lines: Any) -> None:
    """A WAV of open end in pieces, and what the line says, which is one of the page and of its tab."""
    found = events(speak(make_api(ScriptedEngine(info("plain"), script=(SILENCE, TONE)))))
    sound = b"".join(base64.b64decode(event["audio"]) for event in found if event["type"] == "audio")

    [line] = lines.requests()
    assert [event["type"] for event in found] == ["audio", "audio", "done"]
    assert (sound[:4], struct.unpack_from("<I", sound, 24)[0], sound[44:]) == (b"RIFF", RATE, SILENCE + TONE)
    assert (line["source"], line["status"], line["stream"], line["http_status"]) == ("webui", "ok", True, 200)
    assert found[-1]["figures"]["request_id"] == line["request_id"]
    assert found[-1]["figures"]["audio_seconds"] == line["audio_seconds"]
    assert [step["name"] for step in found[-1]["figures"]["steps"]] == ["queue", "synthesis", "encode", "deliver"]


def test_what_was_chosen_reaches_the_engine(make_api: Any) -> None:
    """Voice, speed, mood and both recordings, which nobody but the engine looks into."""
    engine = ScriptedEngine(info("clones", clones=True, emotion_modes=("audio",), speed=True))
    speak(
        make_api(engine),
        {"reference_audio": WAV + b"1", "emotion_audio": WAV + b"2"},
        language="zh", speed=1.5, emotion_intensity=0.5, reference_text="so",
    )  # fmt: skip

    [order] = engine.orders
    assert (order.language, order.speed, order.stream, order.reference_text) == ("zh", 1.5, True, "so")
    assert (order.reference, order.emotion_reference) == (WAV + b"1", WAV + b"2")
    assert (order.emotion["mode"], order.emotion["intensity"]) == ("audio", 0.5)


def test_what_is_refused_at_once_is_an_answer_of_its_own(make_api: Any, lines: Any) -> None:
    """With its status, before any event."""
    answer = speak(make_api(), input="😀")

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "UNSPEAKABLE_TEXT")
    assert lines.requests()[0]["error_code"] == "UNSPEAKABLE_TEXT"
    assert answer.headers["X-Request-Id"] == lines.requests()[0]["request_id"]


def test_what_fails_on_the_way_is_the_last_event(make_api: Any, lines: Any) -> None:
    """With the error of any other route, and with what is known so far."""
    engine = ScriptedEngine(info("plain"), script=(TONE, RequestFailed("ENGINE_CRASH", "It crashed.")))
    found = events(speak(make_api(engine)))

    assert [event["type"] for event in found] == ["audio", "error"]
    assert (found[1]["error"]["code"], found[1]["error"]["retryable"]) == ("ENGINE_CRASH", True)
    assert found[1]["figures"]["request_id"] == lines.requests()[0]["request_id"]
    assert lines.requests()[0]["error_code"] == "ENGINE_CRASH"


class Queue(ScriptedEngine):
    """An engine whose queue a test holds."""

    def __init__(self, info: EngineInfo) -> None:
        super().__init__(info)
        self.places = [3, 1]
        self.looked = asyncio.Event()

    async def speak(
        self, order: EngineOrder, progress: Progress, client: str | None = None
    ) -> AsyncGenerator[bytes, None]:
        progress.place = self.place
        await self.looked.wait()
        async for chunk in super().speak(order, progress, client):
            yield chunk

    def place(self) -> int | None:
        """Each look finds it further on; after the last one its turn comes."""
        if len(self.places) > 1:
            return self.places.pop(0)
        self.looked.set()
        return self.places[0]


def test_who_waits_is_told_the_place(make_api: Any) -> None:
    """Once for each place, and the sound follows."""
    found = events(speak(make_api(Queue(info("busy")))))

    assert [event.get("place") for event in found] == [3, 1, None, None]
    assert [event["type"] for event in found] == ["queue", "queue", "audio", "done"]


def test_the_catalog_says_what_each_engine_has(make_api: Any) -> None:
    """The default first; of one that is not loaded only that."""
    api = make_api(ScriptedEngine(info("plain")), ScriptedEngine(None, "late"))
    found = api.ask("GET", "/ui/catalog").json()

    plain, late = found["engines"]
    assert (found["max_chars"], found["signed_in"], plain["name"], plain["state"]) == (200, False, "plain", "ready")
    assert plain["info"]["speakers"] == [
        {"id": "anna", "label": "Anna", "language": "en"},
        {"id": "bo", "label": "Bo", "language": None},
    ]
    assert (plain["info"]["languages"], plain["info"]["emotion_modes"]) == (["en", "zh"], ["preset", "vector"])
    assert late == {"name": "late", "kind": "http", "state": "loading", "info": None}


def test_the_last_day_is_counted_without_texts(make_api: Any) -> None:
    """What `recent` knows, fresh at each look."""
    answer = make_api(recent=Recent(now=lambda: 1_790_000_000.0)).ask("GET", "/ui/recent")

    assert answer.headers["Cache-Control"] == "no-store"
    assert (answer.json()["all"]["requests"], answer.json()["since"]) == (0, "2026-09-21T14:13:20Z")
