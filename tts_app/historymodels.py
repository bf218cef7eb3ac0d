"""What a synthetic month invents: the engines, and what may be wrong with an answer that counts as ok."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tts_app.events import EMOTIONS, RequestEvent


@dataclass(frozen=True, slots=True)
class Model:
    """An invented engine: synthesis seconds = overhead + rtf × audio seconds, emotions some per cent slower."""

    engine: str
    weight: int
    model: str
    model_version: str
    vocoder: str | None
    sample_rate_hz: int
    overhead_seconds: float
    rtf: float
    emotion_slower: float
    device: str
    stages: dict[str, float]


MODELS = (
    Model(
        "indextts2",
        62,
        "IndexTTS-2",
        "2.0",
        "bigvgan_v2",
        22050,
        0.35,
        0.33,
        0.16,
        "cuda:0",
        {"gpt": 0.62, "s2mel": 0.24, "vocoder": 0.09},
    ),
    Model(
        "cosyvoice",
        26,
        "CosyVoice-300M-SFT",
        "1.0",
        "hifigan",
        22050,
        0.22,
        0.46,
        0.0,
        "cuda:1",
        {"frontend": 0.07, "gpt": 0.58, "vocoder": 0.2},
    ),
    Model("espeak", 12, "espeak-ng", "1.52", None, 22050, 0.002, 0.0021, 0.0, "cpu", {"synth": 0.92}),
)


@dataclass(frozen=True, slots=True)
class WrongAudio:
    """What is wrong with an answer that counts as ok: mostly nothing."""

    longer: float = 1.0
    silence_ratio: float = 0.0
    clipped_ratio: float = 0.0
    warning: str = ""


_WRONG = (
    (0.002, WrongAudio(silence_ratio=0.985, warning="silent")),
    (0.0015, WrongAudio(clipped_ratio=0.03, warning="clipped")),
    (0.002, WrongAudio(longer=3.5)),
    (0.001, WrongAudio(longer=0.1)),
)
_TRUNCATED, _TRUNCATED_CHARS, _TRUNCATED_CHANCE = WrongAudio(longer=0.7, warning="mel_truncated"), 300, 0.05


def wrong_audio(asked: RequestEvent, choice: random.Random) -> WrongAudio:
    """What goes wrong with this answer. espeak makes no such mistakes; long texts are cut short more often."""
    drawn = choice.random()
    if asked.engine == "espeak":
        return WrongAudio()
    if asked.text_chars > _TRUNCATED_CHARS and drawn < _TRUNCATED_CHANCE:
        return _TRUNCATED
    for chance, wrong in _WRONG:
        drawn -= chance
        if drawn < 0:
            return wrong
    return WrongAudio()


def mixed(emotion: str, intensity: float, choice: random.Random) -> tuple[float, ...]:
    """The vector of an emotion of this intensity; every fourth has another one at half of it beside."""
    weights = dict.fromkeys(EMOTIONS, 0.0)
    if choice.random() < 0.25:
        weights[choice.choice(EMOTIONS)] = intensity / 2
    return tuple((weights | {emotion: intensity}).values())
