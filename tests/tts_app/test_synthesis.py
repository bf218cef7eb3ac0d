"""From order to audio: every refusal has its code, every figure its place in the line."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tts_app.engines.info import EngineInfo, EngineStatus, Speaker
from tts_app.engines.progress import EngineOrder, Progress
from tts_app.errors import RequestFailed
from tts_app.events import EMOTIONS, RequestEvent, violations
from tts_app.requestlog import Caller, RequestLog
from tts_app.synthesis import Order, SpeechService, Spoken

SOUND = b"\0\x40\0\xc0" * 11025
SILENCE = bytes(22050)
FIGURES = {
    "stage_seconds": {"frontend": 0.25, "synth": 0.5},
    "cpu_seconds": 0.4,
    "rss_bytes": 1000,
    "segments": 2,
    "text_tokens": 7,
    "tokenizer": "bpe",
    "emotion_vector": (0.5, 0, 0, 0, 0, 0, 0, 0),
    "emotion_applied": True,
    "warnings": ("unknown_tokens",),
}
INFO = EngineInfo(
    name="fake",
    kind="fake",
    sample_rate_hz=22050,
    engine_version="1.0",
    model="one",
    device="cpu",
    languages=("zh", "en", "ja"),
    speakers=(Speaker(id="f1", label="F"), Speaker(id="f2", label="G"), Speaker(id="m1", label="M")),
    emotion_modes=("preset", "vector", "text"),
    clones=True,
)


class Engine:
    """An engine that answers with `pcm` in two chunks or raises `error`, and takes 1.25 s by the clock."""

    def __init__(self, clock: Any, pcm: bytes = SOUND, error: Exception | None = None) -> None:
        self.clock = clock
        self.pcm = pcm
        self.error = error
        self.name = "fake"
        self.info: EngineInfo | None = INFO
        self.figures: dict[str, Any] = FIGURES
        self.orders: list[EngineOrder] = []
        self.clients: list[str | None] = []
        self.closed = False

    def find(self, engine: str | None, model: str | None) -> Engine:
        if engine not in (None, "fake"):
            raise RequestFailed("INVALID_PARAM", "m", "engine")
        return self

    def status(self) -> list[EngineStatus]:
        return []

    async def speak(
        self, order: EngineOrder, progress: Progress, client: str | None = None
    ) -> AsyncGenerator[bytes, None]:
        self.orders.append(order)
        self.clients.append(client)
        self.clock.now += 0.5
        progress.queue_seconds = 0.5
        if self.error is not None:
            self.clock.now += 0.75
            raise self.error
        progress.worker, progress.worker_requests, progress.cold_start, progress.info = 3, 1, True, self.info
        half = len(self.pcm) // 4 * 2
        try:
            yield self.pcm[:half]
            self.clock.now += 0.75
            yield self.pcm[half:]
            progress.synthesis_seconds, progress.figures = 0.75, self.figures
        finally:
            self.closed = True


def speak(requests: RequestLog, engine: Engine, order: Order, **options: Any) -> tuple[Spoken | str, RequestEvent]:
    """What came of `order`: the audio or the code of the refusal, and the event."""
    service = options.get("service") or SpeechService(engine, max_chars=50, clock=requests.clock)
    line = requests.open(Caller(source="api"))
    outcome: Spoken | str
    try:
        outcome = asyncio.run(service.speak(order, line, "somebody"))
    except RequestFailed as exc:
        outcome = line.fail(exc)
    return outcome, line.close()


def stream(
    requests: RequestLog, engine: Engine, order: Order, pieces_wanted: int = 1000
) -> tuple[list[bytes], str | None, RequestEvent]:
    """The pieces that came, each handed over at once; the code of the refusal, and the event."""
    service = SpeechService(engine, max_chars=50, clock=requests.clock)
    line = requests.open(Caller(source="openai"))
    pieces: list[bytes] = []

    async def take() -> None:
        async with aclosing(service.stream(order, line)) as coming:
            async for piece in coming:
                pieces.append(piece)
                line.handed_over()
                if len(pieces) == pieces_wanted:
                    raise RequestFailed("CANCELLED", "m")

    try:
        asyncio.run(take())
    except RequestFailed as exc:
        return pieces, line.fail(exc), line.close()
    return pieces, None, line.close()


def test_every_figure_is_in_the_line(requests: RequestLog, clock: Any) -> None:
    """Sizes of the text, voice, emotion, seconds of each step, loudness, worker."""
    engine = Engine(clock)
    order = Order(
        text=" 今天 2 ",
        speaker="alloy",
        emotion="Happy",
        emotion_intensity=0.5,
        speed=1.5,
        seed=3,
        params={"top_p": 0.5},
    )

    spoken, event = speak(requests, engine, order)

    assert isinstance(spoken, Spoken)
    assert engine.orders == [
        EngineOrder(
            text="今天 2",
            language="zh",
            speaker="f2",
            emotion={
                "mode": "preset",
                "label": "happy",
                "vector": (1, 0, 0, 0, 0, 0, 0, 0),
                "intensity": 0.5,
                "text": None,
            },
            speed=1.5,
            seed=3,
            params={"top_p": 0.5},
        )
    ]
    assert engine.clients == ["somebody"]
    expected = {
        "engine": "fake",
        "language": "zh",
        "speaker": "f2",
        "text_chars": 4,
        "text_bytes": 8,
        "text_han_chars": 2,
        "text_digit_chars": 1,
        "text_space_chars": 1,
        "text_tokens": 7,
        "tokenizer": "bpe",
        "segments": 2,
        "emotion": "happy",
        "emotion_mode": "preset",
        "emotion_intensity": 0.5,
        "emotion_vector": (0.5, 0, 0, 0, 0, 0, 0, 0),
        "emotion_applied": True,
        "speed": 1.5,
        "stream": False,
        "audio_seconds": 1.0,
        "sample_rate_hz": 22050,
        "audio_format": "wav",
        "audio_bytes": 44144,
        "audio_rms_dbfs": -6.02,
        "silence_ratio": 0.0,
        "clipped_ratio": 0.0,
        "queue_seconds": 0.5,
        "synthesis_seconds": 0.75,
        "encode_seconds": 0.0,
        "stage_seconds": {"frontend": 0.25, "synth": 0.5},
        "worker": 3,
        "worker_requests": 1,
        "cold_start": True,
        "cpu_seconds": 0.4,
        "rss_bytes": 1000,
        "engine_version": "1.0",
        "model": "one",
        "device": "cpu",
        "repeat": False,
        "warnings": ("unknown_tokens",),
        "status": "ok",
    }
    assert {name: getattr(event, name) for name in expected} == expected
    assert violations(event) == []
    assert spoken.rtf == 0.75


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"text": ""}, "EMPTY_TEXT"),
        ({"text": " \n\u3000"}, "EMPTY_TEXT"),
        ({"text": "x" * 51}, "TEXT_TOO_LONG"),
        ({"text": "😀😀!"}, "UNSPEAKABLE_TEXT"),
        ({"language": "tlh"}, "UNSUPPORTED_LANGUAGE"),
        ({"speaker": "darth vader"}, "INVALID_SPEAKER"),
        ({"emotion": "bored"}, "INVALID_EMOTION"),
        ({"emotion_vector": (1.0,) * 7}, "INVALID_EMOTION"),
        ({"emotion_vector": (2.0,) + (0.0,) * 7}, "INVALID_EMOTION"),
        ({"emotion_vector": (math.nan,) * 8}, "INVALID_EMOTION"),
        ({"emotion_intensity": 1.01}, "INVALID_EMOTION"),
        ({"emotion_intensity": math.nan}, "INVALID_EMOTION"),
        ({"speed": 0.2}, "INVALID_PARAM"),
        ({"speed": 4.1}, "INVALID_PARAM"),
        ({"speed": math.inf}, "INVALID_PARAM"),
        ({"audio_format": "tape"}, "INVALID_PARAM"),
        ({"engine": "warp"}, "INVALID_PARAM"),
        ({"seed": -1}, "INVALID_PARAM"),
        ({"params": {"top_p": math.inf}}, "INVALID_PARAM"),
        ({"params": {"top_p": "0.5"}}, "INVALID_PARAM"),
        ({"params": {"../x": 1}}, "INVALID_PARAM"),
        ({"emotion_text": "x" * 501}, "INVALID_EMOTION"),
    ],
)
def test_a_bad_order_is_refused_before_the_engine(
    requests: RequestLog, lines: Any, clock: Any, change: dict[str, Any], code: str
) -> None:
    """Each with its code, by the laws, and without the bad value in the line."""
    engine = Engine(clock)

    outcome, event = speak(requests, engine, Order(**{"text": "hello", **change}))

    assert outcome == code
    assert (event.status, event.fault, event.error_stage) == ("error", "client", "validate")
    assert violations(event) == []
    assert engine.orders == []
    assert not any(bad in lines.path.read_text() for bad in ("darth", "bored", "tlh", "tape", "😀", "hello", "warp"))


@pytest.mark.parametrize("pcm", [b"", bytes(44100)])
def test_silence_is_no_success(requests: RequestLog, clock: Any, pcm: bytes) -> None:
    """No samples, or zeros only."""
    outcome, event = speak(requests, Engine(clock, pcm), Order(text="hello"))

    assert outcome == "BAD_OUTPUT"
    assert (event.status, event.fault, event.warnings) == ("error", "service", ("unknown_tokens", "silent"))
    assert violations(event) == []


def test_a_clipped_sound_is_warned_of(requests: RequestLog, clock: Any) -> None:
    """It is delivered all the same."""
    outcome, event = speak(requests, Engine(clock, b"\xff\x7f\0\x80" * 11025), Order(text="hello"))

    assert isinstance(outcome, Spoken)
    assert event.warnings == ("unknown_tokens", "clipped")


def test_a_failed_engine_keeps_what_was_known(requests: RequestLog, clock: Any) -> None:
    """A refusal in the queue has its waiting time and no synthesis."""
    engine = Engine(clock, error=RequestFailed("QUEUE_TIMEOUT", "m"))

    outcome, event = speak(requests, engine, Order(text="hello", emotion="sad"))

    assert outcome == "QUEUE_TIMEOUT"
    assert (event.queue_seconds, event.synthesis_seconds, event.worker) == (0.5, None, None)
    assert (event.emotion, event.emotion_applied, event.text_chars) == ("sad", None, 5)


def test_a_repetition_is_noticed(requests: RequestLog, clock: Any) -> None:
    """Same text, voice and emotion, with how long ago; another voice or emotion is another request."""
    service = SpeechService(Engine(clock), max_chars=50, clock=clock)

    events = [
        speak(requests, Engine(clock), Order(text="hello", speaker=speaker, emotion=emotion), service=service)[1]
        for speaker, emotion in (("f1", "calm"), ("f1", "calm"), ("m1", "calm"), ("f1", "sad"))
    ]

    assert [event.repeat for event in events] == [False, True, False, False]
    assert [event.repeat_age_seconds for event in events] == [None, 1.25, None, None]


def test_an_engine_that_is_not_loaded_refuses(requests: RequestLog, clock: Any) -> None:
    """What it could speak isn't known yet; its name stands in the line all the same."""
    engine = Engine(clock)
    engine.info = None

    outcome, event = speak(requests, engine, Order(text="hello"))

    assert (outcome, event.engine, event.error_stage) == ("ENGINE_UNAVAILABLE", "fake", "load")


def test_an_engine_has_limits_of_its_own(requests: RequestLog, clock: Any) -> None:
    """A shorter text, fewer languages; a guessed language that it can't speak is its first."""
    engine = Engine(clock)
    engine.info = replace(INFO, max_chars=4, languages=("ja",))

    assert speak(requests, engine, Order(text="hello"))[0] == "TEXT_TOO_LONG"
    assert speak(requests, engine, Order(text="hi", language="en"))[0] == "UNSUPPORTED_LANGUAGE"
    assert speak(requests, engine, Order(text="hi"))[1].language == "ja"


def test_an_emotion_that_the_engine_does_not_know_is_ignored(requests: RequestLog, clock: Any) -> None:
    """And the line says so, as a warning."""
    engine = Engine(clock)
    engine.info, engine.figures = replace(INFO, emotion_modes=()), {}

    outcome, event = speak(requests, engine, Order(text="hello", emotion="sad"))

    assert isinstance(outcome, Spoken)
    assert (event.emotion, event.emotion_applied, event.warnings) == ("sad", False, ("emotion_ignored",))


def test_a_description_is_what_the_engine_made_of_it(requests: RequestLog, clock: Any) -> None:
    """Unknown until then; and it goes before a name."""
    engine = Engine(clock)

    _, event = speak(requests, engine, Order(text="hello", emotion="sad", emotion_text=" laughing "))
    engine.error = RequestFailed("ENGINE_CRASH", "m")
    _, failed = speak(requests, engine, Order(text="hello", emotion_text="laughing"))

    assert engine.orders[0].emotion["text"] == "laughing"
    assert (event.emotion, event.emotion_mode, failed.emotion) == ("happy", "text", "unknown")


def test_reference_audio_has_a_name_that_says_nothing(requests: RequestLog, lines: Any, clock: Any) -> None:
    """The same for the same sound; the sound goes to the engine as it came, instead of a voice."""
    engine = Engine(clock)
    order = Order(text="hello", speaker="f2", reference_audio=b"RIFF", reference_text="canary", emotion_audio=b"RIFX")
    service = SpeechService(engine, max_chars=50, clock=clock)

    events = [speak(requests, engine, order, service=service)[1] for _ in range(2)]
    other = speak(requests, engine, replace(order, reference_audio=b"RIFY"), service=service)[1]

    sent = engine.orders[0]
    assert (sent.speaker, sent.reference, sent.reference_text, sent.emotion_reference) == (
        None,
        b"RIFF",
        "canary",
        b"RIFX",
    )
    assert events[0].speaker is not None
    assert events[0].speaker.startswith("ref:")
    assert len(events[0].speaker) == 20
    assert events[0].speaker == events[1].speaker != other.speaker
    assert (events[0].emotion, events[0].emotion_mode) == ("unknown", "audio")
    assert [event.repeat for event in (*events, other)] == [False, True, False]
    assert "canary" not in str(lines.all())


def test_not_every_engine_imitates(requests: RequestLog, clock: Any) -> None:
    """A reference that it can't take is refused; one that has no voices needs a reference."""
    engine = Engine(clock)
    engine.info = replace(INFO, clones=False)
    assert speak(requests, engine, Order(text="hello", reference_audio=b"x"))[0] == "INVALID_PARAM"
    engine.info = replace(INFO, speakers=())
    assert speak(requests, engine, Order(text="hello"))[0] == "INVALID_SPEAKER"


def test_stages_that_add_up_to_more_than_the_synthesis_say_nothing(requests: RequestLog, clock: Any) -> None:
    """They were measured wrongly: null, and the line is lawful."""
    engine = Engine(clock)
    engine.figures = {"stage_seconds": {"gpt": 0.5, "vocoder": 0.5}}

    _, event = speak(requests, engine, Order(text="hello"))

    assert event.stage_seconds is None
    assert violations(event) == []


def test_a_stream_is_measured_as_the_whole(requests: RequestLog, clock: Any) -> None:
    """Same samples, same figures; the first audio is the first piece that isn't silence."""
    engine = Engine(clock, SILENCE + SOUND[: len(SILENCE)])

    pieces, code, event = stream(requests, engine, Order(text="hello", audio_format="wav"))
    whole, told = speak(requests, engine, Order(text="hello", audio_format="wav"))

    assert code is None
    assert isinstance(whole, Spoken)
    assert b"".join(pieces)[44:] == whole.audio[44:] == engine.pcm
    assert (event.stream, event.first_audio_seconds, event.audio_bytes) == (True, 1.25, 44 + len(engine.pcm))
    for name in ("audio_seconds", "audio_rms_dbfs", "silence_ratio", "clipped_ratio", "synthesis_seconds"):
        assert getattr(event, name) == getattr(told, name)
    assert violations(event) == []


def test_a_stream_that_is_left_is_closed(requests: RequestLog, clock: Any) -> None:
    """The engine is told, and the line says what was heard until then."""
    engine = Engine(clock)

    pieces, code, event = stream(requests, engine, Order(text="hello", audio_format="wav"), pieces_wanted=1)

    assert (len(pieces), code, engine.closed) == (1, "CANCELLED", True)
    assert (event.audio_seconds, event.audio_bytes, event.error_stage) == (0.5, 44 + 22050, "synth")
    assert violations(event) == []


@pytest.mark.parametrize("pcm", [b"", SILENCE])
def test_a_silent_stream_is_no_success(requests: RequestLog, clock: Any, pcm: bytes) -> None:
    """Whatever was sent of it: the line says that there was no sound."""
    _, code, event = stream(requests, Engine(clock, pcm), Order(text="hello", audio_format="wav"))

    assert (code, event.warnings) == ("BAD_OUTPUT", ("unknown_tokens", "silent"))
    assert event.first_audio_seconds is None
    assert violations(event) == []


def test_a_format_that_has_no_pieces_is_refused(requests: RequestLog, clock: Any) -> None:
    """FLAC needs its length in front."""
    pieces, code, _ = stream(requests, Engine(clock), Order(text="hello", audio_format="flac"))

    assert (pieces, code) == ([], "INVALID_PARAM")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    order=st.builds(
        Order,
        text=st.text(max_size=60) | st.sampled_from(["hello", "今天"]),
        language=st.sampled_from(["auto", "zh", "ja", "nonsense"]),
        speaker=st.sampled_from(["f1", "alloy", "nonsense"]),
        emotion=st.sampled_from(["neutral", *EMOTIONS, "nonsense"]),
        emotion_vector=st.none() | st.tuples(*[st.floats(0, 1)] * 8),
        emotion_intensity=st.floats(0, 1) | st.floats(),
        speed=st.floats(0.25, 4) | st.floats(),
        audio_format=st.sampled_from(["wav", "flac", "pcm", "aac"]),
    )
)
def test_every_order_ends_in_a_lawful_line(requests: RequestLog, clock: Any, order: Order) -> None:
    """Whatever is asked for: no law is broken, and a refusal's code is the line's."""
    outcome, event = speak(requests, Engine(clock), order)

    assert violations(event) == []
    assert isinstance(outcome, Spoken) == (event.status == "ok")
    assert event.error_code == (None if isinstance(outcome, Spoken) else outcome)
