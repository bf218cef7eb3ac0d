"""What an engine's adapter gets and gives. An adapter is dumb: one order at a time, no logs, no files of others.

A module of `adapters` has a class `Engine` as drawn by `Adapter`, and may have a function

    missing(options: dict) -> list[tuple[str, str]]

that says, without loading or downloading anything, what is not there and how to get it: pairs of what and hint.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

NO_EMOTION = (0.0,) * 8


class Unavailable(Exception):
    """The engine can't be loaded on this machine. Message and hint are for the operator: no user's text exists yet."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class SynthesisFailed(Exception):
    """One order fails with `code`, one of `names.FAILURES`, in `stage`, one of `names.STAGES`.

    `fatal`: the process can't go on after this, and is replaced.
    """

    def __init__(self, code: str, stage: str = "synth", *, fatal: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.stage = stage
        self.fatal = fatal


@dataclass(frozen=True, slots=True, kw_only=True)
class Emotion:
    """What was asked for: `mode` of `names.EMOTION_MODES`; eight weights 0-1 as asked (a preset is one at 1); intensity 0-1.

    `text` describes it where the mode is text; None there means that the spoken text itself does.
    """

    mode: str = "none"
    label: str = "neutral"
    vector: tuple[float, ...] = NO_EMOTION
    intensity: float = 0.0
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order, checked by the service against `info`.

    `speaker` is an id of `info`, or None where `reference` speaks. `reference` and `emotion_reference` are paths of decoded
    16-bit mono WAV files of 0.1-30 s and at least 16 kHz; the same sound has the same path in the next order.
    """

    text: str
    language: str = "und"
    speaker: str | None = None
    emotion: Emotion = field(default_factory=Emotion)
    speed: float = 1.0
    seed: int | None = None
    params: dict[str, Any] = field(default_factory=dict)
    reference: str | None = None
    reference_text: str | None = None
    emotion_reference: str | None = None
    stream: bool = False


class Report(Protocol):
    """How an adapter tells what it does; `report.Report` is the real one."""

    def stage(self, name: str) -> AbstractContextManager[None]:
        """Times a stage; in an inner stage the outer one stands still. On CUDA the time is the device's, by events."""

    def note(self, **figures: Any) -> None:
        """Sets figures of the answer.

        segments, text_tokens, tokenizer, unknown_tokens, ref_cache_hit, emotion_applied, emotion_vector (eight, as applied),
        gpu_seconds, gpu_memory_peak_bytes, params. CPU, memory and stages are noted without it.
        """

    def warn(self, code: str) -> None:
        """Adds one of `names.WARNINGS`."""

    def cancelled(self) -> bool:
        """Whether nobody waits for the audio any more."""


class Adapter(Protocol):
    """The class `Engine` of an adapter.

    `__init__(options)` loads, and raises `Unavailable`. Options are the table of the configuration, without what the
    service keeps for itself: python, workers, recycle_after, warm_up, kind, env, devices. `device` says where to.
    An optional method `warm_up() -> None` runs instead of a first order nobody hears.
    """

    def __init__(self, options: dict[str, Any]) -> None: ...

    def info(self) -> dict[str, Any]:
        """What was loaded, once, right after it.

        engine_version, model, model_version, vocoder, precision: str or None, never a path. device: `cpu`, `cuda:0`.
        gpu_index: NVML's, or None. sample_rate_hz. languages: BCP 47 codes, the default first. speakers: a list of {id, label,
        language}, the default first. emotion_modes: of `names.EMOTION_MODES` without none. streams, speed, clones: bool.
        max_chars: int or None.
        """

    def speak(self, order: Order, report: Report) -> Iterator[bytes]:
        """16-bit little-endian mono PCM at `sample_rate_hz`, in chunks as they come.

        It is closed (GeneratorExit) between two chunks where nobody waits any more; an engine that can't be left in the middle
        drains itself then, or raises SynthesisFailed("CANCELLED", fatal=True).

        Raises:
            SynthesisFailed: with the code that the client gets. Any other exception is mapped by `failures`, and only the
                name of its class leaves the worker.
        """
