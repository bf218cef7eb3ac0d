"""The page about the HTTP API at /docs: filled in from what the service really takes, and whole without a network."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

from tts_app.audio import FORMATS, STREAMED
from tts_app.engines.info import EngineStatus
from tts_app.events import EMOTIONS, ERRORS

_TEMPLATE = Path(__file__).with_name("docs.html")
VOICES_SHOWN = 16


def docs_page(url: str, max_chars: int, engines: list[EngineStatus]) -> str:
    """The page, for a service at `url` (no slash at its end) that takes texts of up to `max_chars` characters."""
    filled = {
        "URL": escape(url),
        "MAX_CHARS": f"{max_chars:,}",
        "ENGINES": "\n".join(_engine_row(engine) for engine in engines),
        "FORMATS": _codes(FORMATS),
        "STREAMED": _codes(STREAMED),
        "EMOTIONS": _codes(["neutral", *EMOTIONS]),
        "ERRORS": "\n".join(
            f"<tr><td><code>{code}</code></td><td>{kind.http_status}</td><td>{'yes' if kind.retryable else 'no'}</td></tr>"
            for code, kind in ERRORS.items()
        ),
    }
    page = _TEMPLATE.read_text(encoding="utf-8")
    for name, value in filled.items():
        page = page.replace(f"__{name}__", value)
    return page


def _engine_row(engine: EngineStatus) -> str:
    name = f"<code>{escape(engine.name)}</code>{' (default)' if engine.default else ''}"
    if engine.info is None:
        return f'<tr><td>{name}</td><td colspan="4">not loaded</td></tr>'
    voices = engine.info.speaker_ids
    more = f" and {len(voices) - VOICES_SHOWN} more" if len(voices) > VOICES_SHOWN else ""
    cells = {
        "languages": _codes(engine.info.languages),
        "voices": _codes(voices[:VOICES_SHOWN]) + more,
        "emotion by": ", ".join(engine.info.emotion_modes) or "none",
        "clones": "yes" if engine.info.clones else "no",
    }
    told = "".join(f'<td data-of="{of}">{cell}</td>' for of, cell in cells.items())
    return f"<tr><td>{name}</td>{told}</tr>"


def _codes(words: Iterable[str]) -> str:
    return ", ".join(f"<code>{escape(word)}</code>" for word in words)
