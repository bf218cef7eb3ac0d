"""The figures of a request as the page shows them."""

from __future__ import annotations

import re
from typing import Any

from tts_app.errors import RequestFailed
from tts_app.figures import failure_html, figures_html
from tts_app.requestlog import Caller, RequestLog


def shown(html: str) -> str:
    """The text without its markup."""
    return " ".join(re.sub("<[^>]*>", " ", html).split())


def test_each_figure_has_its_unit(requests: RequestLog, clock: Any) -> None:
    """Milliseconds below a second, two decimals below a millisecond, and RTF as synthesis per audio."""
    line = requests.open(Caller(source="webui", request_id="r-1"))
    clock.now += 1.5
    line.note(queue_seconds=0.00004, synthesis_seconds=0.25, encode_seconds=0.0042, audio_seconds=2.0)

    assert shown(figures_html(line.close())) == (
        "What this request took Total 1.50 s Synthesis 250.0 ms Queue 0.04 ms Encode 4.2 ms Audio 2.00 s RTF 0.1250 "
        "Request r-1"
    )


def test_what_is_not_known_is_a_dash(requests: RequestLog) -> None:
    """Never a zero."""
    assert "Synthesis - Queue - Encode - Audio - RTF -" in shown(
        figures_html(requests.open(Caller(source="webui")).close())
    )


def test_what_is_shown_is_escaped(requests: RequestLog) -> None:
    """Nothing from outside becomes markup."""
    line = requests.open(Caller(source="webui"))
    error = RequestFailed("INVALID_PARAM", "<b>&")
    line.fail(error)

    assert "&lt;b&gt;&amp; <code>INVALID_PARAM</code>" in failure_html(line.close(), error)
