"""The wire to a worker: what is written is read back, and an end in the middle is an end."""

from __future__ import annotations

import io
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tts_app.worker.vox_worker.wire import encode_frame, read_frame

HEADERS = st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=9), max_size=4)


@given(st.lists(st.tuples(HEADERS, st.binary(max_size=50)), max_size=4))
def test_frames_come_back_one_by_one(frames: list[tuple[dict[str, Any], bytes]]) -> None:
    """Any headers and payloads, then None."""
    stream = io.BytesIO(b"".join(encode_frame(*frame) for frame in frames))

    assert [read_frame(stream) for _ in frames] == frames
    assert read_frame(stream) is None


@given(st.data())
def test_a_torn_frame_is_the_end(data: st.DataObject) -> None:
    """Wherever the other side stopped writing."""
    whole = encode_frame({"text": "hello"}, b"payload")
    cut = data.draw(st.integers(0, len(whole) - 1))

    assert read_frame(io.BytesIO(whole[:cut])) is None
