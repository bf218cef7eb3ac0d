"""Whether an order can be spoken: each check gives the value that is meant, or the refusal with its code. Pure."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from tts_app.audio import FORMATS, STREAMED
from tts_app.engines.info import EngineInfo
from tts_app.engines.voices import find_speaker, guess_language, language_code
from tts_app.errors import RequestFailed
from tts_app.events import EMOTIONS
from tts_app.text import clean, speakable

MIN_SPEED, MAX_SPEED = 0.25, 4.0
MAX_SEED = 2**32 - 1
MAX_EMOTION_CHARS = 500
PARAM, MAX_PARAMS = re.compile(r"[a-z][a-z0-9_]{0,39}"), 32
MAX_PARAM = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Emotion:
    """A checked emotion: how it was given, its name, its eight weights as asked, its strength 0-1, its description."""

    mode: str = "none"
    label: str = "neutral"
    vector: tuple[float, ...] = (0.0,) * len(EMOTIONS)
    intensity: float = 0.0
    text: str | None = None

    def fields(self) -> dict[str, Any]:
        """As a worker gets it."""
        return {
            "mode": self.mode,
            "label": self.label,
            "vector": self.vector,
            "intensity": self.intensity,
            "text": self.text,
        }


def check_text(raw: str, max_chars: int) -> str:
    """The text to speak.

    Raises:
        RequestFailed: EMPTY_TEXT, TEXT_TOO_LONG or UNSPEAKABLE_TEXT.
    """
    text = clean(raw)
    if not text:
        raise RequestFailed("EMPTY_TEXT", "Text is required", "input")
    if len(text) > max_chars:
        raise RequestFailed("TEXT_TOO_LONG", f"The text is longer than {max_chars} characters.", "input")
    if not speakable(text):
        raise RequestFailed("UNSPEAKABLE_TEXT", "The text has no letter or digit that could be spoken.", "input")
    return text


def check_language(name: str, text: str, info: EngineInfo) -> str:
    """The code of a language that the engine speaks; a guessed one that it doesn't speak becomes its first.

    Raises:
        RequestFailed: UNSUPPORTED_LANGUAGE.
    """
    code = language_code(name)
    if code in ("", "auto"):
        guessed = guess_language(text)
        return guessed if guessed in info.languages or not info.languages else info.languages[0]
    if code not in info.languages:
        codes = ", ".join(info.languages)
        raise RequestFailed("UNSUPPORTED_LANGUAGE", f"language must be auto or one of {codes}.", "language")
    return code


def check_speaker(name: str | None, info: EngineInfo, *, reference: bool) -> str | None:
    """The id of the voice: the first one where none is named, None where a reference is given instead.

    Raises:
        RequestFailed: INVALID_SPEAKER, or INVALID_PARAM for a reference that the engine can't imitate.
    """
    if reference:
        if not info.clones:
            raise RequestFailed("INVALID_PARAM", "This engine can't imitate a voice.", "reference_audio")
        return None
    if not name and info.speakers:
        return info.speaker_ids[0]
    if not info.speakers:
        raise RequestFailed("INVALID_SPEAKER", "This engine has no voices of its own: send reference_audio.", "voice")
    speaker = find_speaker(name or "", info.speaker_ids)
    if speaker is None:
        voices = ", ".join(info.speaker_ids[:50])
        raise RequestFailed("INVALID_SPEAKER", f"voice must be one of {voices}, or a known alias.", "voice")
    return speaker


def check_emotion(
    name: str, vector: tuple[float, ...] | None, intensity: float, *, text: str | None = None, audio: bool = False
) -> Emotion:
    """The emotion: audio goes before a description, that before a vector, that before a name (its weight at 1).

    Raises:
        RequestFailed: INVALID_EMOTION for an unknown name, a vector that is not eight numbers 0-1, an intensity outside 0-1, or
            a description above 500 characters.
    """
    if not (math.isfinite(intensity) and 0 <= intensity <= 1):
        raise RequestFailed("INVALID_EMOTION", "emotion_intensity must be between 0 and 1.", "emotion_intensity")
    if audio:
        return Emotion(mode="audio", label="unknown", intensity=intensity)
    if text is not None and (described := clean(text)):
        if len(described) > MAX_EMOTION_CHARS:
            raise RequestFailed(
                "INVALID_EMOTION", f"emotion_text is longer than {MAX_EMOTION_CHARS} characters.", "emotion_text"
            )
        return Emotion(mode="text", label="unknown", intensity=intensity, text=described)
    if vector is None:
        return _preset(name, intensity)
    if len(vector) != len(EMOTIONS) or not all(math.isfinite(weight) and 0 <= weight <= 1 for weight in vector):
        raise RequestFailed(
            "INVALID_EMOTION", "emotion_vector must be eight numbers between 0 and 1.", "emotion_vector"
        )
    if not any(vector):
        return Emotion()
    return Emotion(mode="vector", label=strongest(vector), vector=vector, intensity=intensity)


def strongest(vector: tuple[float, ...]) -> str:
    """The name of the largest weight; neutral where there is none."""
    return EMOTIONS[vector.index(max(vector))] if any(vector) else "neutral"


def check_speed(speed: float) -> None:
    """Raises RequestFailed: INVALID_PARAM for a speed outside 0.25-4."""
    if not (math.isfinite(speed) and MIN_SPEED <= speed <= MAX_SPEED):
        raise RequestFailed("INVALID_PARAM", f"speed must be between {MIN_SPEED} and {MAX_SPEED:g}.", "speed")


def check_format(audio_format: str, *, stream: bool) -> None:
    """Raises RequestFailed: INVALID_PARAM for a format that isn't there, or not piece by piece."""
    known = STREAMED if stream else tuple(FORMATS)
    if audio_format not in known:
        kind = "of a stream " if stream else ""
        raise RequestFailed(
            "INVALID_PARAM", f"response_format {kind}must be one of {', '.join(known)}.", "response_format"
        )


def check_seed(seed: int | None) -> None:
    """Raises RequestFailed: INVALID_PARAM for a seed that no generator takes."""
    if seed is not None and not 0 <= seed <= MAX_SEED:
        raise RequestFailed("INVALID_PARAM", f"seed must be between 0 and {MAX_SEED}.", "seed")


def check_params(params: dict[str, Any]) -> None:
    """Raises RequestFailed: INVALID_PARAM for names or values that no engine's parameters have."""
    named = all(PARAM.fullmatch(name) for name in params)
    plain = all(isinstance(value, (int, float, bool)) and abs(value) <= MAX_PARAM for value in params.values())
    if not (named and plain and len(params) <= MAX_PARAMS):
        raise RequestFailed(
            "INVALID_PARAM", f"params must be up to {MAX_PARAMS} numbers or booleans by name.", "params"
        )


def _preset(name: str, intensity: float) -> Emotion:
    label = name.strip().lower()
    if label not in ("neutral", *EMOTIONS):
        raise RequestFailed("INVALID_EMOTION", f"emotion must be neutral or one of {', '.join(EMOTIONS)}.", "emotion")
    if label == "neutral":
        return Emotion()
    vector = tuple(float(label == emotion) for emotion in EMOTIONS)
    return Emotion(mode="preset", label=label, vector=vector, intensity=intensity)
