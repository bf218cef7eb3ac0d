"""What the versions of IndexTTS are and take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .adapter import SynthesisFailed
from .checkpoints import INDEXTTS_FILES


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version: its class, what its `infer` takes, what it is called in the log line, and where its weights are."""

    name: str
    module: str
    kind: str
    model: str
    sample_rate_hz: int
    vocoder: str
    tokenizer: str
    languages: tuple[str, ...]
    half: str
    prompt: str
    repository: str
    precision: str = "fp32"
    emotions: bool = False
    streams: bool = False
    takes_language: bool = False
    takes_duration: bool = False
    takes_aux_paths: bool = False
    generation: dict[str, Any] = field(default_factory=dict)

    @property
    def files(self) -> tuple[str, ...]:
        """What a whole checkpoint has."""
        return INDEXTTS_FILES[self.name]

    @property
    def get(self) -> str:
        """How to get the checkpoint."""
        return f"hf download {self.repository} --local-dir MODEL_DIR (docs/engines.md)"


_TWO: dict[str, Any] = {
    "kind": "IndexTTS2",
    "sample_rate_hz": 22050,
    "vocoder": "bigvgan_v2_22khz_80band_256x",
    "prompt": "spk_audio_prompt",
    "emotions": True,
    "streams": True,
}
_ONE: dict[str, Any] = {
    "module": "indextts.infer",
    "kind": "IndexTTS",
    "sample_rate_hz": 24000,
    "vocoder": "bigvgan",
    "tokenizer": "indextts-bpe",
    "languages": ("zh", "en"),
    "half": "fp16",
    # Its own default: without it this version keeps no key-value cache either.
    "precision": "fp16",
    "prompt": "audio_prompt",
    "generation": {"temperature": 1.0, "max_mel_tokens": 600},
}

VERSIONS = {
    version.name: version
    for version in (
        Version(name="1", model="Index-TTS", repository="IndexTeam/Index-TTS", **_ONE),
        Version(name="1.5", model="IndexTTS-1.5", repository="IndexTeam/IndexTTS-1.5", **_ONE),
        Version(
            name="2",
            module="indextts.infer_v2",
            model="IndexTTS-2",
            tokenizer="indextts2-bpe",
            languages=("zh", "en"),
            half="fp16",
            repository="IndexTeam/IndexTTS-2",
            takes_aux_paths=True,
            **_TWO,
        ),
        Version(
            name="2.5",
            module="indextts.infer_v2_5",
            model="IndexTTS-2.5",
            tokenizer="indextts2.5-tiktoken",
            languages=("zh", "en", "ja", "es", "ar"),
            half="bf16",
            repository="IndexTeam/IndexTTS-2.5",
            takes_language=True,
            takes_duration=True,
            **_TWO,
        ),
    )
}

# The engine's own defaults, so that the line says what was in force.
GENERATION = {
    "top_p": 0.8,
    "top_k": 30,
    "temperature": 0.8,
    "length_penalty": 0.0,
    "num_beams": 3,
    "repetition_penalty": 10.0,
    "max_mel_tokens": 1500,
}

_RANGES: dict[str, tuple[type, float, float]] = {
    "top_p": (float, 0.01, 1.0),
    "top_k": (int, 1, 200),
    "temperature": (float, 0.05, 2.0),
    "length_penalty": (float, -2.0, 2.0),
    "num_beams": (int, 1, 10),
    "repetition_penalty": (float, 0.1, 20.0),
    "max_mel_tokens": (int, 50, 2000),
    "max_text_tokens_per_segment": (int, 20, 600),
}
_RANGES_OF_TWO: dict[str, tuple[type, float, float]] = {
    "interval_silence": (int, 0, 5000),
    "more_segment_before": (int, 0, 120),
    "use_random": (bool, 0, 1),
}


def checked_parameters(asked: dict[str, Any], version: Version, segment_tokens: int) -> dict[str, Any]:
    """Sampling parameters that `infer` of a version knows; any other would end up in `generate()`, which raises.

    Raises:
        SynthesisFailed: INVALID_PARAM for an unknown name or a value out of range.
    """
    ranges = {**_RANGES, **(_RANGES_OF_TWO if version.emotions else {})}
    if version.takes_language:
        ranges["text_normalization"] = (bool, 0, 1)
    for name, value in asked.items():
        if name not in ranges:
            raise SynthesisFailed("INVALID_PARAM", "validate")
        kind, low, high = ranges[name]
        fits = isinstance(value, (int, float)) if kind is float else isinstance(value, kind)
        if not fits or (isinstance(value, bool) and kind is not bool) or not low <= value <= high:
            raise SynthesisFailed("INVALID_PARAM", "validate")
    return {"max_text_tokens_per_segment": segment_tokens, **asked}
