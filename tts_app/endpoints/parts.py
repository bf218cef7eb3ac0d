"""What the routes work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tts_app.audiofiles import AudioFiles
from tts_app.flood import FloodGuard
from tts_app.recent import Recent
from tts_app.requestlog import RequestLog
from tts_app.synthesis import SpeechService

MAX_UPLOAD_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The service's parts; `health` is what /healthz says, `inline_tags` whether `[emotion=happy]` in a text counts.

    `recent` knows the requests of the last day.
    """

    service: SpeechService
    requests: RequestLog
    flood: FloodGuard
    files: AudioFiles
    health: Callable[[], dict[str, Any]]
    recent: Recent = field(default_factory=Recent)
    inline_tags: bool = True
    max_upload_bytes: int = MAX_UPLOAD_BYTES
