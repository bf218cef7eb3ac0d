"""What the page shows of a finished request: its figures as cards, or one readable line. Pure."""

from __future__ import annotations

import html

from tts_app.answers import message_of
from tts_app.events import RequestEvent
from tts_app.requestlog import code_of


def figures_html(event: RequestEvent) -> str:
    """The figures of a request that went well, as cards."""
    cards = (
        ("Total", _seconds(event.total_seconds), "main"),
        ("Synthesis", _seconds(event.synthesis_seconds), ""),
        ("Queue", _seconds(event.queue_seconds), ""),
        ("Encode", _seconds(event.encode_seconds), ""),
        ("Audio", _seconds(event.audio_seconds), ""),
        ("RTF", _rtf(event), ""),
    )
    body = "".join(f'<div class="vox-card {kind}"><dt>{name}</dt><dd>{value}</dd></div>' for name, value, kind in cards)
    return (
        f'<h2 class="vox-title">What this request took</h2><dl class="vox-cards">{body}</dl>'
        f'<p class="vox-id">Request <code>{html.escape(event.request_id)}</code></p>'
    )


def failure_html(event: RequestEvent, error: BaseException) -> str:
    """One readable line for a request that did not."""
    return (
        f'<p class="vox-error" role="alert">{html.escape(message_of(error))} <code>{code_of(error)}</code></p>'
        f'<p class="vox-id">Request <code>{html.escape(event.request_id)}</code></p>'
    )


def _rtf(event: RequestEvent) -> str:
    if event.synthesis_seconds is None or not event.audio_seconds:
        return "-"
    return f"{event.synthesis_seconds / event.audio_seconds:.4f}"


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    if seconds < 0.001:
        return f"{seconds * 1000:.2f}<small>ms</small>"
    if seconds < 1:
        return f"{seconds * 1000:.1f}<small>ms</small>"
    return f"{seconds:.2f}<small>s</small>"
