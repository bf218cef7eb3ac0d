"""The settings of a start: `cli` makes them from options and environment, nobody else reads either."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tts_app.engines.spec import EngineSpec
from tts_app.proxy import Front


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorSettings:
    """Who may come in, and how often. `client_from`: `key`, `forwarded` or `header`; `per_minute` None: no limit."""

    access_file: Path
    insecure: bool = False
    front: Front = field(default_factory=Front)
    client_from: str = "key"
    per_minute: int | None = None
    upload_bytes: int = 20 * 2**20
    connections: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything `serve` needs. `port` None: 7860, or the next free one. The first engine is the default. Seconds are deadlines."""

    host: str
    port: int | None
    log: Path
    log_sample: int
    instance: str
    engines: tuple[EngineSpec, ...]
    max_queue: int
    max_chars: int
    max_refused: int
    queue_seconds: float
    synthesis_seconds: float
    state_dir: Path
    hash_key_file: Path | None
    ui: bool
    inline_tags: bool
    door: DoorSettings
    json: bool
