"""From order to audio: every refusal has its code, every figure its place in the line."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tts_app.engines.host import Progress
from tts_app.errors import RequestFailed
from tts_app.events import EMOTIONS, RequestEvent, violations
from tts_app.requestlog import Caller, RequestLog
from tts_app.synthesis import Order, SpeechService, Spoken, check_emotion

SOUND = b"\0\x40\0\xc0" * 11025
HEADER = {"stage_seconds": {"frontend": 0.25, "synth": 0.5}, "cpu_seconds": 0.4, "rss_bytes": 1000}


class Engine:
    """An engine that answers with `pcm` or raises `error`, and takes 1.25 s by the clock."""

    def __init__(self, clock: Any, pcm: bytes = SOUND, error: Exception | None = None) -> None:
        self.clock = clock
        self.pcm = pcm
        self.error = error
        self.orders: list[dict[str, Any]] = []

    async def synthesize(self, order: dict[str, Any], progress: Progress) -> bytes:
        self.orders.append(order)
        self.clock.now += 1.25
        progress.queue_seconds = 0.5
        if self.error is not None:
            raise self.error
        progress.worker, progress.worker_requests, progress.engine_version = 3, 1, "1.0"
        progress.synthesis_seconds, progress.header = 0.75, HEADER
        return self.pcm


def speak(requests: RequestLog, engine: Engine, order: Order, **options: Any) -> tuple[Spoken | str, RequestEvent]:
    """What came of `order`: the audio or the code of the refusal, and the event."""
    service = options.get("service") or SpeechService(engine, max_chars=50, clock=requests.clock)
    line = requests.open(Caller(source="api"))
    outcome: Spoken | str
    try:
        outcome = asyncio.run(service.speak(order, line))
    except RequestFailed as exc:
        outcome = line.fail(exc)
    return outcome, line.close()


def test_every_figure_is_in_the_line(requests: RequestLog, clock: Any) -> None:
    """Sizes of the text, voice, emotion, seconds of each step, loudness, worker."""
    engine = Engine(clock)
    order = Order(text=" 今天 2 ", speaker="alloy", emotion="Happy", emotion_intensity=0.5, speed=1.5)

    spoken, event = speak(requests, engine, order)

    assert isinstance(spoken, Spoken)
    assert engine.orders == [
        {
            "text": "今天 2",
            "language": "zh",
            "voice": "cmn+f2",
            "prosody": {"rate": 281, "volume": 108, "pitch": 59, "range": 65, "word_gap": 0},
        }
    ]
    expected = {
        "language": "zh",
        "speaker": "f2",
        "text_chars": 4,
        "text_bytes": 8,
        "text_han_chars": 2,
        "text_digit_chars": 1,
        "text_space_chars": 1,
        "emotion": "happy",
        "emotion_mode": "preset",
        "emotion_intensity": 0.5,
        "emotion_vector": (0.5, 0, 0, 0, 0, 0, 0, 0),
        "emotion_applied": True,
        "speed": 1.5,
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
        "model": "espeak-ng",
        "device": "cpu",
        "repeat": False,
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
    assert not any(bad in lines.path.read_text() for bad in ("darth", "bored", "tlh", "tape", "😀", "hello"))


@pytest.mark.parametrize("pcm", [b"", bytes(44100)])
def test_silence_is_no_success(requests: RequestLog, clock: Any, pcm: bytes) -> None:
    """No samples, or zeros only."""
    outcome, event = speak(requests, Engine(clock, pcm), Order(text="hello"))

    assert outcome == "BAD_OUTPUT"
    assert (event.status, event.fault, event.warnings) == ("error", "service", ("silent",))
    assert violations(event) == []


def test_a_clipped_sound_is_warned_of(requests: RequestLog, clock: Any) -> None:
    """It is delivered all the same."""
    outcome, event = speak(requests, Engine(clock, b"\xff\x7f\0\x80" * 11025), Order(text="hello"))

    assert isinstance(outcome, Spoken)
    assert event.warnings == ("clipped",)


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


def test_a_mixture_is_named_by_its_strongest() -> None:
    """And scaled to a sum of 1; all zeros are neutral, whatever the intensity."""
    mixed = check_emotion(Order(text="", emotion_vector=(0.5, 0, 1, 0, 0, 0, 0, 0.5)))
    nothing = check_emotion(Order(text="", emotion_vector=(0.0,) * 8, emotion_intensity=0.7))

    assert (mixed.label, mixed.mode, mixed.applied) == ("sad", "vector", (0.25, 0, 0.5, 0, 0, 0, 0, 0.25))
    assert (nothing.label, nothing.mode, nothing.intensity) == ("neutral", "none", 0.0)


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
