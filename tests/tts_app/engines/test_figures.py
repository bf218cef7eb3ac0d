"""The figures of a worker: whatever it sends, only lawful values reach a line."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tts_app.engines.figures import checked
from tts_app.events import WARNINGS
from tts_app.worker.vox_worker import names

GOOD: dict[str, Any] = {
    "stage_seconds": {"gpt": 0.123456789, "s2mel": 1},
    "cpu_seconds": 0.5,
    "gpu_seconds": 1.25,
    "rss_bytes": 5,
    "gpu_memory_peak_bytes": 6,
    "segments": 2,
    "text_tokens": 3,
    "tokenizer": "bpe-v2.5",
    "ref_cache_hit": True,
    "emotion_applied": False,
    "emotion_vector": [0.5] + [0] * 7,
    "warnings": ["mel_truncated"],
}
KEYS = (*GOOD, "unknown_tokens", "params", "text")
VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.lists(st.integers() | st.floats() | st.sampled_from(WARNINGS), max_size=9)
    | st.dictionaries(st.text(max_size=9), st.floats() | st.text(max_size=3), max_size=4)
)


def test_good_figures_stay() -> None:
    """Seconds to a microsecond; the vector as a tuple."""
    assert checked(GOOD) == {
        **GOOD,
        "stage_seconds": {"gpt": 0.123457, "s2mel": 1},
        "emotion_vector": (0.5, 0, 0, 0, 0, 0, 0, 0),
        "warnings": ("mel_truncated",),
    }


def test_words_do_not_pass() -> None:
    """A stage, a tokenizer or a warning that an engine makes up could hold the text."""
    bad = {
        "stage_seconds": {"the text": 1.0, "gpt": math.nan},
        "tokenizer": "the text itself",
        "warnings": ["the text", "mel_truncated"],
        "text": "the text",
        "params": {"prompt": "the text"},
    }

    assert checked(bad) == {"warnings": ("mel_truncated",)}


def test_unknown_tokens_are_a_warning() -> None:
    """The count itself has no key."""
    assert checked({"unknown_tokens": 2}) == {"warnings": ("unknown_tokens",)}
    assert checked({"unknown_tokens": 0}) == {"warnings": ()}


@given(st.dictionaries(st.sampled_from(KEYS), VALUES))
def test_nothing_of_any_shape_breaks_it(header: dict[str, Any]) -> None:
    """Numbers are finite and not negative, warnings of the closed set."""
    found = checked(header)

    assert set(found["warnings"]) <= set(WARNINGS)
    numbers = [value for key, value in found.items() if key.endswith(("_seconds", "_bytes")) and key != "stage_seconds"]
    assert all(math.isfinite(number) and number >= 0 for number in numbers)
    assert all(math.isfinite(seconds) for seconds in found.get("stage_seconds", {}).values())


def test_both_sides_mean_the_same_names() -> None:
    """The worker can't import them from the service."""
    from tts_app.events import EMOTION_MODES, EMOTIONS, ERRORS, STAGES

    assert names.EMOTIONS == EMOTIONS
    assert names.EMOTION_MODES == EMOTION_MODES
    assert set(names.FAILURES) <= set(ERRORS)
    assert set(names.WARNINGS) <= set(WARNINGS)
    assert set(names.STAGES) <= set(STAGES)
