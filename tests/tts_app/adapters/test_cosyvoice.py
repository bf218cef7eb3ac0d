"""CosyVoice 300M in its three trainings, 2 and 3 as their stand-ins take them.

The stand-in speaks 2000 samples for a character, and streams three characters at a time.
"""

from __future__ import annotations

from array import array
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.tts_app.adapters.conftest import Start, Worker, checkpoint, recording
from tts_app.worker.vox_worker.checkpoints import COSYVOICE_FILES

REFERENCE = recording()
BYTES_OF_CHARACTER = 2 * 2000


def model(folder: Path, version: str, name: str = "CosyVoice", *more: str) -> str:
    """A checkpoint of a version in a folder of this name."""
    return str(checkpoint(folder / name, (*COSYVOICE_FILES[version], *more)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cosyvoice")


@pytest.fixture(scope="module")
def sft(start: Start, folder: Path) -> Worker:
    return start("cosyvoice", model_dir=model(folder, "1", "CosyVoice-300M-SFT", "spk2info.pt"))


@pytest.fixture(scope="module")
def three(start: Start, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Worker:
    voices = tmp_path_factory.mktemp("voices")
    (voices / "anna.wav").write_bytes(recording(2.0))
    (voices / "anna.txt").write_text("希望你以后能够做的比我还好呦。", encoding="utf-8")
    return start("cosyvoice", model_dir=model(folder, "3", "Fun-CosyVoice3-0.5B"), voices=str(voices))


def test_what_each_one_says_of_itself(sft: Worker, three: Worker, start: Start, folder: Path):
    """Speakers, emotions and clones as each training has them."""
    instruct = start("cosyvoice", model_dir=model(folder, "1", "CosyVoice-300M-Instruct", "spk2info.pt"))
    base = start("cosyvoice", model_dir=model(folder, "1", "CosyVoice-300M"), precision="fp16")
    two = start("cosyvoice", model_dir=model(folder, "2", "renamed"))
    names = ("中文女", "中文男", "日语男", "粤语女", "英文女", "英文男", "韩语女")
    languages = ("zh", "zh", "ja", "yue", "en", "en", "ko")

    assert sft.ready == {
        "ready": True,
        "engine_version": None,
        "model": "CosyVoice-300M-SFT",
        "model_version": "1",
        "vocoder": "hift",
        "precision": "fp32",
        "device": "cpu",
        "gpu_index": None,
        "sample_rate_hz": 22050,
        "languages": ["zh", "en", "ja", "yue", "ko"],
        "speakers": [
            {"id": name, "label": name, "language": language} for name, language in zip(names, languages, strict=True)
        ],
        "emotion_modes": [],
        "streams": True,
        "speed": True,
        "clones": False,
        "max_chars": None,
    }
    told = ("model", "sample_rate_hz", "emotion_modes", "clones", "precision")
    assert [tuple(worker.ready[name] for name in told) for worker in (instruct, base, two, three)] == [
        ("CosyVoice-300M-Instruct", 22050, ["preset", "vector", "text"], False, "fp32"),
        ("CosyVoice-300M", 22050, [], True, "fp32"),
        ("CosyVoice2-0.5B", 24000, ["preset", "vector", "text"], True, "fp32"),
        ("Fun-CosyVoice3-0.5B", 24000, ["preset", "vector", "text"], True, "fp32"),
    ]
    assert three.ready["speakers"] == [{"id": "anna", "label": "anna", "language": None}]
    assert three.ready["languages"] == ["zh", "en", "ja", "yue", "ko", "de", "es", "fr", "it", "ru"]
    for worker in (base, two):
        spoken = worker.speak("你好。", reference=REFERENCE, language="zh")
        assert spoken.last["ok"] is True
    sad = {"mode": "preset", "label": "sad", "intensity": 0.5}
    assert instruct.speak("你好。", emotion=sad).last["emotion_applied"] is True
    assert two.speak("你好。", reference=REFERENCE, emotion=sad).last["emotion_applied"] is True


def test_speakers_without_emotion(sft: Worker):
    """300M-SFT speaks in one of its speakers, sentence by sentence, and says that it ignores emotions."""
    emotion = {"mode": "preset", "label": "happy", "intensity": 1.0}
    answer = sft.speak("你好。再见了。", emotion=emotion)
    named = sft.speak("hello", language="en", speaker="英文男")

    assert len(answer.pcm) == 7 * BYTES_OF_CHARACTER
    assert answer.figures == {
        "ok": True,
        "warnings": ["emotion_ignored"],
        "segments": 2,
        "text_tokens": 7,
        "tokenizer": "cosyvoice1",
        "emotion_applied": False,
        "params": {"stream": False},
    }
    assert set(answer.last["stage_seconds"]) == {"frontend", "llm", "flow", "vocoder"}
    assert len(named.pcm) == 5 * BYTES_OF_CHARACTER


def test_streams_unless_another_speed_is_asked_for(sft: Worker):
    """Three characters at a time; with a speed a sentence comes as a whole, since the engine can't do both."""
    streamed = sft.speak("今天天气很好", stream=True)
    slow = sft.speak("今天天气很好", stream=True, speed=0.5)

    assert (len(streamed.pieces[0]), len(streamed.pcm)) == (3 * BYTES_OF_CHARACTER, 6 * BYTES_OF_CHARACTER)
    assert streamed.last["params"] == {"stream": True}
    assert (len(slow.pieces[0]), slow.last["params"]) == (12 * BYTES_OF_CHARACTER, {"stream": False})


def test_loud_speech_is_clipped(sft: Worker):
    """Three times full scale stays at full scale; unclipped, it would wrap around."""
    samples = array("h", sft.speak("loudest", language="en").pcm)

    assert (max(samples), min(samples)) == (32767, -32767)
    assert max(abs(before - after) for before, after in pairwise(samples)) < 5000


def test_a_reference_is_computed_once(three: Worker):
    """For all sentences, and for the next order with the same sound; each way to clone needs its own."""
    other = recording(pitch_hz=300)
    answers = [
        three.speak("你好。再见。", **how).last
        for how in (
            {"speaker": "anna"},
            {"speaker": "anna"},
            {"reference": other, "reference_text": "你好"},
            {"reference": other, "reference_text": "你好"},
            {"reference": other},
            {"reference": other, "language": "ja"},
            {"reference": other, "emotion": {"mode": "text", "text": "像机器人一样说"}},
            {"speaker": "anna"},
        )
    ]

    assert [last["ref_cache_hit"] for last in answers] == [False, True, False, True, False, True, False, False]
    assert ["reference" not in last["stage_seconds"] for last in answers] == [last["ref_cache_hit"] for last in answers]


def test_an_emotion_is_put_into_words(three: Worker):
    """By preset, by the strongest of a vector, by a description; a text that describes itself is not understood."""

    def applied(mode: str, **how: Any) -> tuple[bool, list[str]]:
        last = three.speak("你好。", speaker="anna", emotion={"mode": mode, "intensity": 1.0, **how}).last
        return last["emotion_applied"], last["warnings"]

    assert applied("preset", label="angry") == (True, [])
    assert applied("vector", label="calm", vector=[0, 0, 0, 0, 0, 0, 0, 1]) == (True, [])
    assert applied("text", text="用四川话说<|endofprompt|>") == (True, [])
    assert applied("text", text=None) == (False, ["emotion_ignored"])


def test_control_tokens_are_not_spoken(three: Worker):
    """They would end the prompt in the middle of a text, and switch the reading of numbers off."""
    answer = three.speak("你好<|endofprompt|>。", speaker="anna")

    assert (answer.last["ok"], answer.last["text_tokens"]) == (True, len("你好endofprompt。"))


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "a language it hasn't got": ("UNSUPPORTED_LANGUAGE", {"language": "de"}),
    "a speaker it hasn't got": ("INVALID_SPEAKER", {"speaker": "法语女"}),
    "a reference it can't use": ("REF_AUDIO_INVALID", {"reference": REFERENCE}),
    "too fast": ("INVALID_PARAM", {"speed": 4.0}),
    "parameters, which it has none of": ("INVALID_PARAM", {"params": {"top_p": 0.5}}),
}


@pytest.mark.parametrize(("code", "how"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(sft: Worker, code: str, how: dict[str, Any]):
    """Before the engine is asked, and it goes on afterwards."""
    last = sft.speak("你好。", **how).last

    assert (last["code"], last["stage"], last["fatal"]) == (code, "validate", False)
    assert sft.speak("你好。").last["ok"] is True


def test_without_any_voice_a_reference_is_needed(start: Start, folder: Path):
    """CosyVoice 2 and 3 come without speakers."""
    worker = start("cosyvoice", model_dir=model(folder, "2", "bare"))

    assert worker.speak("你好。").last["code"] == "REF_AUDIO_INVALID"
    assert worker.speak("你好。", speaker="中文女").last["code"] == "INVALID_SPEAKER"


FAILED = {
    "oomgpu": ("OOM_GPU", "OutOfMemoryError", False),
    "cudaassert": ("CUDA_ERROR", "RuntimeError", True),
    "quoting": ("INTERNAL", "RuntimeError", False),
    "lostspeaker": ("INVALID_SPEAKER", "KeyError", False),
    "lostkey": ("INTERNAL", "KeyError", False),
    "!?": ("UNSPEAKABLE_TEXT", "SynthesisFailed", False),
}


@pytest.mark.parametrize("word", FAILED)
def test_what_fails_inside(sft: Worker, word: str):
    """Each failure of the engine has its code."""
    last = sft.speak(word, language="en").last

    assert (last["code"], last["error"], last["fatal"]) == FAILED[word]


def test_a_seed_makes_speech_the_same(sft: Worker):
    """And an order without one does not follow from the one before it."""
    spoken = [sft.speak("你好", seed=seed).pcm for seed in (7, None, 7, None, 8)]

    assert spoken[0] == spoken[2]
    assert len(set(spoken)) == 4


def test_a_cancelled_order_is_drained(sft: Worker):
    """To the end of its sentence, and no further: what is left in the middle would stay in the engine's tables for ever."""
    # A second of audio for eleven characters: the pipe is full long before the end of the first sentence.
    sft.order("好" * 300 + "。" + "好" * 300, stream=True)
    first, _ = sft.frame()
    sft.cancel(first["id"])
    last = first
    while "chunk" in last:
        last, _ = sft.frame()

    assert (last["ok"], last["code"]) == (False, "CANCELLED")
    assert sft.speak("你好。").last["ok"] is True
    assert sft.printed == ""


def test_its_logger_is_silent(sft: Worker, three: Worker):
    """It writes each sentence at INFO to stderr, and prompts at WARNING; nothing of that comes out of the process."""
    sft.speak("canary", language="en")
    three.speak("好", speaker="anna")

    assert (sft.printed, three.printed) == ("", "")


def test_a_missing_folder_is_not_downloaded(start: Start, folder: Path):
    """The engine would; the stand-in of ModelScope would say so."""
    refused = start("cosyvoice", model_dir=str(folder / "iic/CosyVoice-300M-SFT")).ready
    told = start("cosyvoice", "--missing", model_dir=model(folder, "2", "whole")).ready

    assert (refused["ready"], refused["error"]) == (False, "the folder of model_dir")
    assert "FunAudioLLM/CosyVoice-300M-SFT" in refused["hint"]
    assert told == {"missing": []}
