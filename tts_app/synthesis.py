"""From what was asked to audio: check, wait for a worker, speak, encode. Each step notes its figures in the line."""

from __future__ import annotations

import asyncio
import math
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Protocol

from tts_app.audio import FORMATS, Measures, encode_audio, measure
from tts_app.engines.host import Progress
from tts_app.engines.prosody import applied_vector, prosody
from tts_app.engines.voices import (
    DEFAULT_SPEAKER,
    LANGUAGES,
    MODEL,
    SAMPLE_RATE_HZ,
    SPEAKERS,
    Language,
    Speaker,
    find_language,
    find_speaker,
    guess_language,
)
from tts_app.errors import RequestFailed
from tts_app.events import EMOTIONS
from tts_app.identity import Hasher
from tts_app.requestlog import RequestLine
from tts_app.text import clean, count, speakable

MIN_SPEED, MAX_SPEED = 0.25, 4.0
CLIPPED_RATIO = 0.001
REMEMBERED_TEXTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a client asks for, unchecked. `emotion_vector` goes before `emotion`; language `auto` is guessed."""

    text: str
    language: str = "auto"
    speaker: str = DEFAULT_SPEAKER
    emotion: str = "neutral"
    emotion_vector: tuple[float, ...] | None = None
    emotion_intensity: float = 1.0
    speed: float = 1.0
    audio_format: str = "wav"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """The audio and what it took, in seconds."""

    audio: bytes
    media_type: str
    audio_seconds: float
    queue_seconds: float
    synthesis_seconds: float
    encode_seconds: float

    @property
    def rtf(self) -> float:
        """Synthesis seconds per second of audio: below 1 is faster than speech."""
        return self.synthesis_seconds / self.audio_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Emotion:
    """A checked emotion: its name, how it was given, its strength 0-1, and the eight weights as they are applied."""

    label: str
    mode: str
    intensity: float
    applied: tuple[float, ...]


class Engine(Protocol):
    """What speaks: `tts_app.engines.host.EngineHost`, or what stands in for it."""

    async def synthesize(self, order: dict[str, object], progress: Progress) -> bytes:
        """16-bit mono PCM; raises RequestFailed."""


class SpeechService:
    """Speaks orders.

    Args:
        engine: speaks one order at a time or queues it.
        max_chars: the longest text, in code points after cleaning.
        clock: monotonic seconds.
    """

    def __init__(self, engine: Engine, *, max_chars: int, clock: Callable[[], float]) -> None:
        self.max_chars = max_chars
        self._engine = engine
        self._clock = clock
        # A key of this start alone: the hashes of texts never leave the memory of this process.
        self._hasher = Hasher(secrets.token_bytes(32))
        self._spoken_at: OrderedDict[str, float] = OrderedDict()

    async def speak(self, order: Order, line: RequestLine) -> Spoken:
        """The audio of `order`; `line` gets every figure that becomes known on the way, also where it fails.

        Raises:
            RequestFailed: with the code that the line then carries.
        """
        line.stage = "validate"
        text = self._check_text(order.text, line)
        language = _check_language(order.language, text)
        line.note(language=language.code)
        speaker = _check_speaker(order.speaker)
        line.note(speaker=speaker.code)
        emotion = check_emotion(order)
        line.note(
            emotion=emotion.label,
            emotion_mode=emotion.mode,
            emotion_intensity=emotion.intensity,
            emotion_vector=emotion.applied if emotion.mode != "none" else None,
        )
        _check_speed_and_format(order)
        line.note(speed=order.speed, audio_format=order.audio_format)
        self._note_repeat(line, text, language.code, speaker.code, str(emotion.applied), str(order.speed))
        pcm, progress = await self._synthesize(text, language, speaker, emotion, order.speed, line)
        return await self._deliverable(pcm, progress, order.audio_format, line)

    def _check_text(self, raw: str, line: RequestLine) -> str:
        text = clean(raw)
        line.note(**asdict(count(text)))
        if not text:
            raise RequestFailed("EMPTY_TEXT", "Text is required", "input")
        if len(text) > self.max_chars:
            raise RequestFailed("TEXT_TOO_LONG", f"The text is longer than {self.max_chars} characters.", "input")
        if not speakable(text):
            raise RequestFailed("UNSPEAKABLE_TEXT", "The text has no letter or digit that could be spoken.", "input")
        return text

    def _note_repeat(self, line: RequestLine, *what: str) -> None:
        digest, now = self._hasher.digest(*what), self._clock()
        before = self._spoken_at.pop(digest, None)
        self._spoken_at[digest] = now
        if len(self._spoken_at) > REMEMBERED_TEXTS:
            self._spoken_at.popitem(last=False)
        line.note(repeat=before is not None)
        if before is not None:
            line.note(repeat_age_seconds=round(now - before, 6))

    async def _synthesize(
        self, text: str, language: Language, speaker: Speaker, emotion: Emotion, speed: float, line: RequestLine
    ) -> tuple[bytes, Progress]:
        progress = Progress()
        line.stage = "queue"
        line.note(model=MODEL, device="cpu")
        order: dict[str, object] = {
            "text": text,
            "language": language.code,
            "voice": f"{language.voice}+{speaker.code}",
            "prosody": asdict(prosody(emotion.applied, speed)),
        }
        try:
            pcm = await self._engine.synthesize(order, progress)
        finally:
            note_progress(line, progress)
        if emotion.mode != "none":
            line.note(emotion_applied=True)
        return pcm, progress

    async def _deliverable(self, pcm: bytes, progress: Progress, audio_format: str, line: RequestLine) -> Spoken:
        line.stage = "encode"
        start = self._clock()
        measures = await asyncio.to_thread(measure, pcm, SAMPLE_RATE_HZ)
        _check_audible(measures, line)
        try:
            audio = await asyncio.to_thread(encode_audio, pcm, SAMPLE_RATE_HZ, audio_format)
        except (RuntimeError, ValueError, OSError) as exc:
            raise RequestFailed("ENCODE_FAILED", f"The audio could not be written as {audio_format}.") from exc
        finally:
            encode_seconds = self._clock() - start
            line.note(encode_seconds=round(encode_seconds, 6))
        line.note(audio_bytes=len(audio), sample_rate_hz=SAMPLE_RATE_HZ)
        line.stage = "deliver"
        return Spoken(
            audio=audio,
            media_type=FORMATS[audio_format][2],
            audio_seconds=measures.audio_seconds,
            queue_seconds=progress.queue_seconds or 0.0,
            synthesis_seconds=progress.synthesis_seconds or 0.0,
            encode_seconds=encode_seconds,
        )


def note_progress(line: RequestLine, progress: Progress) -> None:
    """What the host found out, in the line; `line.stage` is where it stopped."""
    if progress.worker is not None:
        line.stage = "synth"
        line.note(worker=progress.worker, worker_requests=progress.worker_requests)
        line.note(cold_start=progress.worker_requests == 1, engine_version=progress.engine_version)
    for name in ("queue_seconds", "synthesis_seconds"):
        seconds = getattr(progress, name)
        if seconds is not None:
            line.note(**{name: round(seconds, 6)})
    stages = progress.header.get("stage_seconds")
    if stages is not None:
        line.note(
            stage_seconds={name: round(seconds, 6) for name, seconds in stages.items()},
            cpu_seconds=round(progress.header["cpu_seconds"], 6),
            rss_bytes=progress.header["rss_bytes"],
        )


def check_emotion(order: Order) -> Emotion:
    """The emotion of `order`: a name is its weight at 1; the strongest of a vector names it.

    Raises:
        RequestFailed: INVALID_EMOTION for an unknown name, a vector that is not eight numbers 0-1, or an intensity
            outside 0-1.
    """
    intensity = order.emotion_intensity
    if not (math.isfinite(intensity) and 0 <= intensity <= 1):
        raise RequestFailed("INVALID_EMOTION", "emotion_intensity must be between 0 and 1.", "emotion_intensity")
    vector, mode = order.emotion_vector, "vector"
    if vector is None:
        name = order.emotion.strip().lower()
        if name not in ("neutral", *EMOTIONS):
            raise RequestFailed(
                "INVALID_EMOTION", f"emotion must be neutral or one of {', '.join(EMOTIONS)}.", "emotion"
            )
        vector, mode = tuple(float(name == emotion) for emotion in EMOTIONS), "preset"
    if len(vector) != len(EMOTIONS) or not all(math.isfinite(weight) and 0 <= weight <= 1 for weight in vector):
        raise RequestFailed(
            "INVALID_EMOTION", "emotion_vector must be eight numbers between 0 and 1.", "emotion_vector"
        )
    if not any(vector):
        return Emotion(label="neutral", mode="none", intensity=0.0, applied=(0.0,) * len(EMOTIONS))
    label = EMOTIONS[vector.index(max(vector))]
    return Emotion(label=label, mode=mode, intensity=intensity, applied=applied_vector(vector, intensity))


def _check_language(name: str, text: str) -> Language:
    if name.strip().lower() in ("", "auto"):
        return guess_language(text)
    language = find_language(name)
    if language is None:
        codes = ", ".join(LANGUAGES)
        raise RequestFailed("UNSUPPORTED_LANGUAGE", f"language must be auto or one of {codes}.", "language")
    return language


def _check_speaker(name: str) -> Speaker:
    speaker = find_speaker(name)
    if speaker is None:
        raise RequestFailed(
            "INVALID_SPEAKER", f"voice must be one of {', '.join(SPEAKERS)}, or a known alias.", "voice"
        )
    return speaker


def _check_speed_and_format(order: Order) -> None:
    if not (math.isfinite(order.speed) and MIN_SPEED <= order.speed <= MAX_SPEED):
        raise RequestFailed("INVALID_PARAM", f"speed must be between {MIN_SPEED} and {MAX_SPEED:g}.", "speed")
    if order.audio_format not in FORMATS:
        known = ", ".join(FORMATS)
        raise RequestFailed("INVALID_PARAM", f"response_format must be one of {known}.", "response_format")


def _check_audible(measures: Measures, line: RequestLine) -> None:
    line.note(
        audio_seconds=round(measures.audio_seconds, 6) if measures.audio_seconds else None,
        audio_rms_dbfs=measures.audio_rms_dbfs and round(measures.audio_rms_dbfs, 2),
        silence_ratio=measures.silence_ratio,
        clipped_ratio=measures.clipped_ratio,
    )
    if measures.silent:
        line.warn("silent")
        raise RequestFailed("BAD_OUTPUT", "The voice engine gave no sound for this text.")
    if (measures.clipped_ratio or 0) > CLIPPED_RATIO:
        line.warn("clipped")
