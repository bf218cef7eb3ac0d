"""The page about the HTTP API at /docs: filled in from what the service really takes, and whole without a network."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

from tts_app.audio import FORMATS
from tts_app.engines.voices import LANGUAGE_LABELS, SPEAKERS
from tts_app.events import EMOTIONS, ERRORS

_TEMPLATE = Path(__file__).with_name("docs.html")


def docs_page(url: str, max_chars: int) -> str:
    """The page, for a service at `url` (no slash at its end) that takes texts of up to `max_chars` characters."""
    rows = (
        f"<tr><td><code>{code}</code></td><td>{kind.http_status}</td><td>{'yes' if kind.retryable else 'no'}</td></tr>"
        for code, kind in ERRORS.items()
    )
    filled = {
        "URL": escape(url),
        "MAX_CHARS": f"{max_chars:,}",
        "SPEAKERS": _codes(SPEAKERS),
        "FORMATS": _codes(FORMATS),
        "LANGUAGES": _codes(["auto", *LANGUAGE_LABELS]),
        "EMOTIONS": _codes(["neutral", *EMOTIONS]),
        "ERRORS": "\n".join(rows),
    }
    page = _TEMPLATE.read_text(encoding="utf-8")
    for name, value in filled.items():
        page = page.replace(f"__{name}__", value)
    return page


def _codes(words: Iterable[str]) -> str:
    return ", ".join(f"<code>{escape(word)}</code>" for word in words)
