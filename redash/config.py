"""Where the specs are found and what the commands were told: plain values for everything below `cli`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from redash.errors import WrongUse

PACKAGED = Path(__file__).parent
DEFAULT_DATABASE_URL = "sqlite:///data/tts.db"
DEFAULT_TIMEOUT_SECONDS = 30.0
DEFAULT_PORT = 7861


@dataclass(frozen=True, slots=True)
class Settings:
    """What the options and the environment said."""

    database_url: str
    specs: Path
    timeout_seconds: float


def specs_folder(given: Path | None, current: Path) -> Path:
    """The folder of the specs: `given`, else `current`/redash if it holds queries, else the pack that ships.

    Raises WrongUse if `given` holds no queries.
    """
    if given is not None:
        if not _holds_queries(given):
            raise WrongUse(f"{given} holds no queries", "a specs folder has queries/*.sql, charts/ and dashboards/")
        return given
    beside = current / "redash"
    return beside if _holds_queries(beside) else PACKAGED


def _holds_queries(folder: Path) -> bool:
    return any((folder / "queries").glob("*.sql"))
