"""What an engine says of itself: only what can stand in a line, and be played."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_app.engines.info import EngineInfo, Speaker, info_of

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("IndexTTS-2.5", "IndexTTS-2.5"),
        ("FunAudioLLM/CosyVoice2-0.5B", "FunAudioLLM/CosyVoice2-0.5B"),
        ("/opt/models/secret", None),
        ("../secret", None),
        ("a/b/c", None),
        ("C:\\models", None),
        ("x" * 65, None),
        ("two\nlines", None),
        (3, None),
        ("", None),
    ],
)
def test_a_model_has_a_name_and_no_path(name: Any, expected: str | None) -> None:
    """The operator's folders are nobody else's business."""
    assert info_of("studio", "indextts2", {"sample_rate_hz": 22050, "model": name}).model == expected


@pytest.mark.parametrize(
    ("device", "expected"), [("cpu", "cpu"), ("cuda:1", "cuda:1"), ("mps", "mps"), ("/dev/nvidia0", None), (None, None)]
)
def test_a_device_is_one_of_torch_s(device: Any, expected: str | None) -> None:
    """Or it is not known."""
    assert info_of("a", "b", {"sample_rate_hz": 22050, "device": device}).device == expected


@pytest.mark.parametrize("rate", [None, 0, 22050.0, True, "22050", 7999, 192001])
def test_without_a_rate_nothing_can_be_played(rate: Any) -> None:
    """A whole number of samples a second between 8 and 192 kHz."""
    with pytest.raises(ValueError, match="sample rate"):
        info_of("a", "b", {"sample_rate_hz": rate})


def test_speakers_have_ids() -> None:
    """A label and a language only if they say so; what has no id is none."""
    given_speakers = [{"id": "中文女", "label": "F", "language": "zh"}, {"id": "b", "language": 3}, {"id": ""}, "c", {}]

    info = info_of("a", "b", {"sample_rate_hz": 24000, "speakers": given_speakers})

    assert info.speakers == (Speaker(id="中文女", label="F", language="zh"), Speaker(id="b", label="b"))
    assert info.speaker_ids == ("中文女", "b")


@given(
    st.dictionaries(
        st.sampled_from(
            (
                "model",
                "device",
                "gpu_index",
                "languages",
                "speakers",
                "emotion_modes",
                "streams",
                "max_chars",
                "vocoder",
            )
        ),
        ANYTHING,
    )
)
def test_whatever_it_says_is_taken_or_left(header: dict[str, Any]) -> None:
    """No value of any shape is an error but a missing rate."""
    assert isinstance(info_of("a", "b", {**header, "sample_rate_hz": 24000}), EngineInfo)
