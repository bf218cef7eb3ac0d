"""A folder of recordings as speakers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tts_app.adapters.conftest import recording
from tts_app.worker.vox_worker.adapter import Unavailable
from tts_app.worker.vox_worker.voices import Voice, saved_voices


def test_recordings_and_their_words(tmp_path: Path):
    """By name, sorted, other files and folders left out; a text beside a recording says what is said in it."""
    (tmp_path / "小明.wav").write_bytes(recording())
    (tmp_path / "anna.WAV").write_bytes(recording())
    (tmp_path / "anna.txt").write_text(" 你好 \n", encoding="utf-8")
    (tmp_path / "小明.txt").write_text("\n", encoding="utf-8")
    (tmp_path / "notes.md").write_text("not a voice")
    (tmp_path / "old.wav").mkdir()

    assert list(saved_voices(tmp_path).items()) == [
        ("anna", Voice(str(tmp_path / "anna.WAV"), "你好")),
        ("小明", Voice(str(tmp_path / "小明.wav"), None)),
    ]
    assert saved_voices(None) == {}


def test_what_cant_be_a_voice(tmp_path: Path):
    """Said at the start, not with the first order."""
    with pytest.raises(Unavailable, match="folder of voices"):
        saved_voices(tmp_path / "nowhere")
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    with pytest.raises(Unavailable, match="the voice broken can't be read"):
        saved_voices(tmp_path)
    (tmp_path / "broken.wav").rename(tmp_path / "a\nb.wav")
    with pytest.raises(Unavailable, match="a name that can't be used"):
        saved_voices(tmp_path)
