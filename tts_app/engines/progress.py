"""What is known so far of one synthesis, and how much anything may take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tts_app.engines.info import EngineInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much may wait, and how long anything may take, in seconds.

    `hang_seconds`: a worker that says nothing for so long is taken for lost. `grace_seconds`: how long one may take to give
    up an order that nobody waits for. `audio_seconds`: an engine that pours out more than this is ended.
    """

    max_queue: int = 64
    queue_seconds: float = 30.0
    synthesis_seconds: float = 60.0
    hang_seconds: float = 30.0
    grace_seconds: float = 2.0
    audio_seconds: float = 3600.0


@dataclass(slots=True)
class Progress:
    """Filled in as it goes, so that a failure can tell it as well, and a page can show it.

    `figures` are those of a worker's last frame, checked. `started` and `ended` are moments of the host's clock.
    """

    queue_seconds: float | None = None
    synthesis_seconds: float | None = None
    started: float | None = None
    ended: float | None = None
    worker: int | None = None
    worker_requests: int | None = None
    cold_start: bool = False
    info: EngineInfo | None = None
    figures: dict[str, Any] = field(default_factory=dict)
    place: Callable[[], int | None] = lambda: None

    @property
    def position(self) -> int | None:
        """Where it stands in the queue now: 1 is next. None before, after, and where there was no need to wait."""
        return self.place()


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOrder:
    """An order for an engine, checked against its info; `emotion` as `worker.vox_worker.adapter.Emotion` has it.

    `reference` and `emotion_reference` are uploads as they came: only a worker decodes them.
    """

    text: str
    language: str
    speaker: str | None
    emotion: dict[str, Any] = field(default_factory=dict)
    speed: float = 1.0
    seed: int | None = None
    params: dict[str, Any] = field(default_factory=dict)
    reference: bytes | None = None
    reference_text: str | None = None
    emotion_reference: bytes | None = None
    stream: bool = False

    def frame(self, number: int) -> tuple[dict[str, Any], bytes]:
        """Header and payload for the worker."""
        parts = [("reference", self.reference), ("emotion", self.emotion_reference)]
        given = [(name, data) for name, data in parts if data is not None]
        header = {
            "op": "speak",
            "id": number,
            "text": self.text,
            "language": self.language,
            "speaker": self.speaker,
            "emotion": self.emotion,
            "speed": self.speed,
            "seed": self.seed,
            "params": self.params,
            "reference_text": self.reference_text,
            "stream": self.stream,
            "parts": [{"name": name, "bytes": len(data)} for name, data in given],
        }
        return header, b"".join(data for _, data in given)
