"""The settings of a start: `cli` makes them from options and environment, nobody else reads either."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything `serve` needs. `port` None: 7860, or the next free one. Seconds are deadlines."""

    host: str
    port: int | None
    log: Path
    log_sample: int
    instance: str
    workers: int
    max_queue: int
    max_chars: int
    max_refused: int
    queue_seconds: float
    synthesis_seconds: float
    state_dir: Path
    hash_key_file: Path | None
    ui: bool
    inline_tags: bool
    json: bool
