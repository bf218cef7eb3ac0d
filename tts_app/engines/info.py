"""What an engine says of itself once it is loaded, checked: it comes from another environment's code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tts_app.worker.vox_worker.names import EMOTION_MODES

# A model's name such as `FunAudioLLM/CosyVoice2-0.5B`, but no path.
NAME = re.compile(r"[A-Za-z0-9][\w .+:()@-]*(/[A-Za-z0-9][\w .+:()@-]*)?")
MAX_NAME = 64
DEVICE = re.compile(r"cpu|mps|(cuda|xpu)(:\d{1,2})?")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A voice: the id that orders name, its name for people, and its language if it has one."""

    id: str
    label: str
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo:
    """One loaded engine. First language and first speaker are the defaults; `emotion_modes` without none.

    `name` is the operator's, `kind` the adapter's. `max_chars` None: no limit of its own.
    """

    name: str
    kind: str
    sample_rate_hz: int
    engine_version: str | None = None
    model: str | None = None
    model_version: str | None = None
    vocoder: str | None = None
    precision: str | None = None
    device: str | None = None
    gpu_index: int | None = None
    languages: tuple[str, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    emotion_modes: tuple[str, ...] = ()
    streams: bool = False
    speed: bool = False
    clones: bool = False
    max_chars: int | None = None

    @property
    def speaker_ids(self) -> tuple[str, ...]:
        """What an order may name."""
        return tuple(speaker.id for speaker in self.speakers)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """An engine at this moment; `info` is None until it was loaded once, `problem` and `hint` say why it can't be."""

    name: str
    kind: str
    default: bool
    info: EngineInfo | None
    workers_configured: int
    workers_up: int
    workers_busy: int
    waiting: int
    problem: str | None = None
    hint: str | None = None


def info_of(name: str, kind: str, header: dict[str, Any]) -> EngineInfo:
    """The info in a worker's first frame.

    Raises:
        ValueError: there is no usable sample rate, so that nothing could be played.
    """
    rate = _number(header.get("sample_rate_hz"), 8_000, 192_000)
    if rate is None:
        raise ValueError("the engine names no sample rate")
    named = {
        key: _name(header.get(key)) for key in ("engine_version", "model", "model_version", "vocoder", "precision")
    }
    device = str(header.get("device"))
    return EngineInfo(
        name=name,
        kind=kind,
        sample_rate_hz=rate,
        device=device if DEVICE.fullmatch(device) else None,
        gpu_index=_number(header.get("gpu_index"), 0, 1023),
        languages=tuple(code for code in _texts(header.get("languages")) if LANGUAGE.fullmatch(code)),
        speakers=tuple(_speakers(header.get("speakers"))),
        emotion_modes=tuple(mode for mode in _texts(header.get("emotion_modes")) if mode in EMOTION_MODES[1:]),
        streams=header.get("streams") is True,
        speed=header.get("speed") is True,
        clones=header.get("clones") is True,
        max_chars=_number(header.get("max_chars"), 1, 1_000_000),
        **named,
    )


def _name(value: Any) -> str | None:
    return value if isinstance(value, str) and len(value) <= MAX_NAME and NAME.fullmatch(value) else None


def _number(value: Any, low: int, high: int) -> int | None:
    usable = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    return value if usable else None


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _speakers(value: Any) -> list[Speaker]:
    found = []
    for item in value if isinstance(value, list) else []:
        code = item.get("id") if isinstance(item, dict) else None
        if isinstance(code, str) and 0 < len(code) <= MAX_NAME and code.isprintable():
            label, language = item.get("label"), item.get("language")
            found.append(
                Speaker(
                    id=code,
                    label=label if isinstance(label, str) and label else code,
                    language=language if isinstance(language, str) and LANGUAGE.fullmatch(language) else None,
                )
            )
    return found
