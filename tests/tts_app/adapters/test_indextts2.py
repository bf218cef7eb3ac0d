"""IndexTTS 1.5, 2 and 2.5 as their stand-ins take them: real torch tensors, every mode, and every way to fail.

The stand-in speaks four codes of 512 samples for a token, and one more at the end.
"""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import Any

import pytest

from tests.tts_app.adapters.conftest import Answer, Start, Worker, checkpoint, recording
from tts_app.worker.vox_worker.checkpoints import INDEXTTS_FILES
from tts_app.worker.vox_worker.wire import read_frame

RATE_HZ = 22050
REFERENCE = recording()
SILENCE_BYTES = 2 * int(0.2 * RATE_HZ)
GENERATION = {
    "top_p": 0.8,
    "top_k": 30,
    "temperature": 0.8,
    "length_penalty": 0.0,
    "num_beams": 3,
    "repetition_penalty": 10.0,
    "max_mel_tokens": 1500,
}


def model(folder: Path, version: str, *more: str) -> str:
    """A checkpoint of a version, with the model that reads emotions."""
    checkpoint(folder, (*INDEXTTS_FILES[version], "qwen0.6bemo4-merge/config.json", *more))
    return str(folder)


@pytest.fixture(scope="module")
def two(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Worker:
    voices = tmp_path_factory.mktemp("voices")
    (voices / "anna.wav").write_bytes(recording(2.0))
    return start("indextts2", model_dir=model(tmp_path_factory.mktemp("two"), "2"), voices=str(voices))


@pytest.fixture(scope="module")
def two_five(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Worker:
    return start("indextts2", model_dir=model(tmp_path_factory.mktemp("five"), "2.5"))


def bytes_of(tokens: int) -> int:
    """How long one segment is."""
    return 2 * 512 * (4 * tokens + 1)


def test_what_each_version_says_of_itself(two: Worker, two_five: Worker, start: Start, tmp_path: Path):
    """The version is told by the files; what an engine can't do isn't offered."""
    one = start("indextts2", model_dir=model(tmp_path, "1.5"))
    shared: dict[str, Any] = {
        "ready": True,
        "engine_version": None,
        "precision": "fp32",
        "device": "cpu",
        "gpu_index": None,
        "clones": True,
        "max_chars": None,
        "speakers": [],
    }
    newer = {"vocoder": "bigvgan_v2_22khz_80band_256x", "sample_rate_hz": RATE_HZ, "streams": True}
    newer["emotion_modes"] = ["preset", "vector", "audio", "text"]

    assert two.ready == {
        **shared,
        **newer,
        "model": "IndexTTS-2",
        "model_version": "2.0",
        "languages": ["zh", "en"],
        "speakers": [{"id": "anna", "label": "anna", "language": None}],
        "speed": False,
    }
    assert two_five.ready == {
        **shared,
        **newer,
        "model": "IndexTTS-2.5",
        "model_version": "2.5",
        "languages": ["zh", "en", "ja", "es", "ar"],
        "speed": True,
    }
    assert one.ready == {
        **shared,
        "model": "IndexTTS-1.5",
        "model_version": "1.5",
        "vocoder": "bigvgan",
        "sample_rate_hz": 24000,
        "languages": ["zh", "en"],
        "emotion_modes": [],
        "streams": False,
        "speed": False,
    }
    spoken = one.speak("你好世界", reference=REFERENCE, emotion={"mode": "preset", "label": "sad", "intensity": 1.0})
    assert len(spoken.pcm) == bytes_of(4)
    assert spoken.figures == {
        "ok": True,
        "warnings": ["emotion_ignored"],
        "segments": 1,
        "text_tokens": 4,
        "unknown_tokens": 0,
        "tokenizer": "indextts-bpe",
        "ref_cache_hit": False,
        "emotion_applied": False,
        "params": {**GENERATION, "temperature": 1.0, "max_mel_tokens": 600, "max_text_tokens_per_segment": 120},
    }
    assert set(spoken.last["stage_seconds"]) == {"frontend", "gpt", "gpt_forward", "vocoder", "other"}


def test_what_an_order_took(two: Worker):
    """Tokens, segments and stages as they were heard inside; the second order finds its reference computed."""
    other = recording(pitch_hz=300)
    first = two.speak("你好世界", reference=other, params={"max_text_tokens_per_segment": 20})
    second = two.speak("你好世界☃", reference=other)

    expected = {
        "ok": True,
        "warnings": [],
        "segments": 1,
        "text_tokens": 4,
        "unknown_tokens": 0,
        "tokenizer": "indextts2-bpe",
        "ref_cache_hit": False,
        "params": {**GENERATION, "max_text_tokens_per_segment": 20},
    }
    assert first.figures == expected
    assert max(array("h", first.pcm)) == pytest.approx(16_500, abs=300)  # half of full scale, and a little noise
    assert len(first.pcm) == bytes_of(4)
    assert set(first.last["stage_seconds"]) == {
        "frontend", "reference", "gpt", "gpt_forward", "s2mel", "vocoder", "other",
    }  # fmt: skip
    assert first.last["gpu_seconds"] is None
    assert "gpu_memory_peak_bytes" not in first.last
    assert second.figures == {
        **expected,
        "warnings": ["unknown_tokens"],
        "text_tokens": 5,
        "unknown_tokens": 1,
        "ref_cache_hit": True,
        "params": {**GENERATION, "max_text_tokens_per_segment": 120},
    }
    assert "reference" not in second.last["stage_seconds"]


def test_segments_come_one_by_one(two: Worker):
    """Streamed: each segment as soon as it is there, a fifth of a second of silence between two, none at the end."""
    answer = two.speak("好" * 45, reference=REFERENCE, stream=True, params={"max_text_tokens_per_segment": 20})

    assert answer.last["segments"] == 3
    assert len(answer.pcm) == 2 * bytes_of(20) + bytes_of(5) + 2 * SILENCE_BYTES
    assert answer.pcm[bytes_of(20) : bytes_of(20) + SILENCE_BYTES] == bytes(SILENCE_BYTES)
    assert len(answer.pieces[0]) == bytes_of(20)
    without = two.speak(
        "好" * 25, reference=REFERENCE, params={"max_text_tokens_per_segment": 20, "interval_silence": 0}
    )
    assert len(without.pcm) == bytes_of(20) + bytes_of(5)


VECTORS = {
    "one, cut by its bias": ([1, 0, 0, 0, 0, 0, 0, 0], 1.0, [0.8, 0, 0, 0, 0, 0, 0, 0]),
    "weak": ([0, 0, 0, 0, 0, 0, 0.5, 0], 1.0, [0, 0, 0, 0, 0, 0, 0.34375, 0]),
    "two, together 0.8": ([0, 0, 1, 1, 0, 0, 0, 0], 1.0, [0, 0, 0.4, 0.4, 0, 0, 0, 0]),
    "half as intense": ([0, 0, 0.5, 0, 0, 0, 0, 0.5], 0.5, [0, 0, 0.25, 0, 0, 0, 0, 0.1406]),
}


@pytest.mark.parametrize(("vector", "intensity", "applied"), VECTORS.values(), ids=VECTORS)
def test_a_vector_is_biased_and_capped(two: Worker, vector: list[float], intensity: float, applied: list[float]):
    """As the engine's own page does it, and then scaled by the intensity and cut to four digits as `infer` does."""
    emotion = {"mode": "vector", "label": "sad", "vector": vector, "intensity": intensity}
    answer = two.speak("你好", reference=REFERENCE, emotion=emotion)

    assert answer.last["emotion_vector"] == pytest.approx(applied)
    assert answer.last["emotion_applied"] is True


def test_emotions_by_sound_and_by_words(two: Worker):
    """A second recording; a description; the text itself; nothing at all."""

    def spoken(text: str, mode: str, words: str | None = None, **how: Any) -> dict[str, Any]:
        emotion = {"mode": mode, "label": "unknown", "intensity": 0.5, "text": words}
        last = two.speak(text, reference=REFERENCE, emotion=emotion, **how).last
        return {name: last.get(name) for name in ("ok", "emotion_applied", "emotion_vector", "warnings")}

    told = {"ok": True, "emotion_applied": True, "warnings": []}
    assert spoken("你好", "audio", emotion_audio=recording(0.5)) == {**told, "emotion_vector": None}
    assert spoken("你好", "text", "so angry") == {**told, "emotion_vector": [0, 0.25, 0, 0, 0, 0, 0, 0]}
    assert spoken("a sad afternoon", "text") == {**told, "emotion_vector": [0, 0, 0.25, 0, 0, 0, 0, 0]}
    assert spoken("你好", "none") == {"ok": True, "emotion_applied": None, "emotion_vector": None, "warnings": []}
    assert spoken("你好", "audio") == {
        "ok": True, "emotion_applied": False, "emotion_vector": None, "warnings": ["emotion_ignored"],
    }  # fmt: skip


def test_without_its_model_a_description_is_not_offered(start: Start, tmp_path: Path):
    """The emotion reader costs memory: it is loaded where it lies there, unless told otherwise."""
    worker = start("indextts2", model_dir=model(tmp_path, "2"), emotion_text=False)

    assert worker.ready["emotion_modes"] == ["preset", "vector", "audio"]
    emotion = {"mode": "text", "label": "unknown", "intensity": 1.0, "text": "so angry"}
    assert worker.speak("你好", reference=REFERENCE, emotion=emotion).last["warnings"] == ["emotion_ignored"]


def test_the_newest_version_takes_language_and_duration(two_five: Worker):
    """Half as fast is twice as long, and no further; the prefix of the language counts as tokens."""
    plain = two_five.speak("hello", language="en", reference=REFERENCE)
    slow = two_five.speak("hello", language="en-GB", reference=REFERENCE, speed=0.5)
    slowest = two_five.speak("hello", language="en", reference=REFERENCE, speed=0.25)

    codes = 4 * 8 + 1  # five letters, and three tokens for the prefix
    assert [len(answer.pcm) for answer in (plain, slow, slowest)] == [1024 * codes, 2048 * codes, 2048 * codes]
    assert plain.figures == {
        "ok": True,
        "warnings": [],
        "segments": 1,
        "text_tokens": 8,
        "tokenizer": "indextts2.5-tiktoken",
        "ref_cache_hit": False,
        "params": {**GENERATION, "max_text_tokens_per_segment": 120},
    }


def test_on_a_small_gpu_segments_add_up(start: Start, tmp_path: Path):
    """There the engine cuts a text at 40 characters and speaks each part in a call of its own."""
    worker = start("indextts2", model_dir=model(tmp_path, "2.5", "low_vram"))
    answer = worker.speak("好" * 90, reference=REFERENCE, stream=True)

    assert answer.last["segments"] == 3
    assert answer.last["text_tokens"] == 90 + 3 * 3
    assert answer.last["ok"] is True


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "a language it hasn't got": ("UNSUPPORTED_LANGUAGE", {"language": "ja"}),
    "a speaker it hasn't got": ("INVALID_SPEAKER", {"speaker": "bob", "reference": None}),
    "a speed it can't": ("INVALID_PARAM", {"speed": 1.5}),
    "a parameter of another version": ("INVALID_PARAM", {"params": {"duration_factor": 2.0}}),
    "a parameter out of range": ("INVALID_PARAM", {"params": {"temperature": 99}}),
    "a parameter of another type": ("INVALID_PARAM", {"params": {"top_k": "30"}}),
    "no sound": ("REF_AUDIO_INVALID", {"reference": b"PK\x03\x04" + bytes(1000)}),
}


@pytest.mark.parametrize(("code", "how"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(two: Worker, code: str, how: dict[str, Any]):
    """Before the engine is asked, and it goes on afterwards."""
    answer = two.speak("你好", **{"reference": REFERENCE, **how})

    assert {name: answer.last[name] for name in ("ok", "code", "stage", "fatal")} == {
        "ok": False, "code": code, "stage": "validate", "fatal": False,
    }  # fmt: skip
    assert two.speak("你好", speaker="anna").last["ok"] is True


FAILED = {
    "oomgpu": ("OOM_GPU", "OutOfMemoryError", False),
    "oomhost": ("OOM_HOST", "RuntimeError", False),
    "cudaassert": ("CUDA_ERROR", "RuntimeError", True),
    "quoting": ("INTERNAL", "RuntimeError", False),
    "leaving": ("INTERNAL", "SystemExit", True),
    "notanumber": ("BAD_OUTPUT", "SynthesisFailed", False),
    "nosamples": ("BAD_OUTPUT", "SynthesisFailed", False),
    "silenced": ("BAD_OUTPUT", "SynthesisFailed", False),
    "...": ("UNSPEAKABLE_TEXT", "SynthesisFailed", False),
}


@pytest.mark.parametrize("word", FAILED)
def test_what_fails_inside(two: Worker, word: str):
    """Each failure of the engine has its code; only the name of its class leaves the worker."""
    answer = two.speak(word, language="en", speaker="anna")
    code, error, fatal = FAILED[word]

    assert answer.pieces == []
    left_out = ("id", "cpu_seconds", "rss_bytes")
    stage = "validate" if code == "UNSPEAKABLE_TEXT" else "synth"
    assert {name: value for name, value in answer.last.items() if name not in left_out} == {
        "ok": False, "code": code, "stage": stage, "error": error, "fatal": fatal,
    }  # fmt: skip


def test_emotions_that_cant_be_read_may_be_tried_again(two: Worker):
    """The emotion reader is a language model, and sometimes writes no scores."""
    emotion = {"mode": "text", "label": "unknown", "intensity": 1.0, "text": "gibberish"}
    last = two.speak("你好", speaker="anna", emotion=emotion).last

    assert (last["code"], last["error"]) == ("BAD_OUTPUT", "ValueError")


def test_a_crash_ends_the_frames(start: Start, tmp_path: Path):
    """Nothing is answered any more; the service sees the end of the pipe."""
    worker = start("indextts2", model_dir=model(tmp_path, "2"))

    assert worker.speak("crashing", language="en", reference=REFERENCE).last == {}


def test_an_engine_that_hangs_goes_with_its_service(start: Start, tmp_path: Path):
    """It beats, and says in which stage; the service's deadline, or its end, is what ends it."""
    worker = start("indextts2", model_dir=model(tmp_path, "2"))
    worker.order("hanging", language="en", reference=REFERENCE)
    beats = iter(lambda: read_frame(worker.answers), ({"beat": True, "stage": "gpt"}, b""))
    assert all(beat is not None and beat[0]["beat"] for beat in beats)  # until it hangs
    worker.orders.close()

    assert worker.frame() == ({}, b"")


def test_too_little_memory_is_tried_again_in_smaller_segments(two: Worker):
    """Once, before anything was heard."""
    answer = two.speak("oombig " * 70, language="en", speaker="anna")

    assert (answer.last["ok"], answer.last["segments"]) == (True, 2)


def test_truncated_speech_is_told(two: Worker):
    """The engine only warns; its warning is caught, not its print."""
    answer = two.speak("好" * 30, speaker="anna", params={"max_mel_tokens": 50})

    assert answer.last["warnings"] == ["mel_truncated"]
    assert two.speak("好", speaker="anna", params={"max_mel_tokens": 50}).last["warnings"] == []


def test_a_seed_makes_speech_the_same(two: Worker):
    """And an order without one does not follow from the one before it."""
    spoken = [two.speak("你好", speaker="anna", seed=seed).pcm for seed in (7, None, 7, None, 8)]

    assert spoken[0] == spoken[2]
    assert len(set(spoken)) == 4


def test_a_warm_up_needs_no_voice(two_five: Worker):
    """A buzz stands for the reference, and nothing is handed over."""
    two_five.orders.write(b"\0\0\0\x1b\0\0\0\0" + b'{"op": "warm_up", "id": 99}')
    two_five.orders.flush()
    header, payload = two_five.frame()

    assert (header["id"], header["ok"], payload) == (99, True, b"")


def test_what_is_missing_is_said(start: Start, tmp_path: Path):
    """Each file by its name, with what brings it; a worker refuses to start with the first."""
    checkpoint(
        tmp_path, tuple(name for name in INDEXTTS_FILES["2"] if name not in ("gpt.pth", "hf_cache/bigvgan/config.json"))
    )
    told = start("indextts2", "--missing", model_dir=str(tmp_path)).ready
    refused = start("indextts2", model_dir=str(tmp_path)).ready

    hint = "hf download IndexTeam/IndexTTS-2 --local-dir MODEL_DIR (docs/engines.md)"
    assert [what for what, _ in told["missing"]] == ["the file gpt.pth", "the file hf_cache/bigvgan/config.json"]
    assert told["missing"][0][1] == hint
    assert "ensure_models_available" in told["missing"][1][1]
    assert refused == {"ready": False, "error": "the file gpt.pth", "hint": hint}

    (tmp_path / "gpt.pth").touch()
    (tmp_path / "hf_cache/bigvgan/config.json").touch()
    wanted = start("indextts2", "--missing", model_dir=str(tmp_path), emotion_text=True).ready
    assert wanted == {"missing": [["the file qwen0.6bemo4-merge/config.json", hint]]}


WRONG = {
    "an option nobody knows": ({"modeldir": "x"}, "no option is called modeldir"),
    "another version's precision": ({"precision": "bf16"}, "IndexTTS 2 has no precision bf16"),
    "a flag that is none": ({"accel": "yes"}, "option accel can't be used"),
    "a device that is none": ({"device": "gpu"}, "option device can't be used"),
    "a GPU that isn't there": ({"device": "cuda:0"}, "a GPU was asked for, and torch sees none"),
    "no such version": ({"version": "3"}, "option version can't be used"),
    "voices that aren't there": ({"voices": "/nowhere"}, "the folder of voices is not there"),
}


@pytest.mark.parametrize(("options", "message"), WRONG.values(), ids=WRONG)
def test_wrong_options_are_said(start: Start, tmp_path: Path, options: dict[str, Any], message: str):
    """A typing error is an error, not a default."""
    ready = start("indextts2", model_dir=model(tmp_path, "2"), **options).ready

    assert (ready["ready"], ready["error"]) == (False, message)
    assert ready["hint"] or "device" in options


def test_the_stand_in_prints_what_the_real_one_does(two: Worker, two_five: Worker):
    """Text and all, so that tests which look for text in the service's output look at something."""
    two.speak("canary-one ☃canary-two", language="en", speaker="anna")
    two_five.speak("canary-three", language="en", reference=REFERENCE)

    assert "▁☃CANARY-TWO" in two.printed
    assert "text after normalization: canary-three" in two_five.printed
    for worker in (two, two_five):
        assert ">> GPT weights restored from:" in worker.printed
        assert ">> Total inference time:" in worker.printed


def test_no_answer_quotes_the_text(two: Worker):
    """An exception that holds the text leaves the worker as a class and a code."""
    answer: Answer = two.speak("quoting canary-four", language="en", speaker="anna")

    assert "canary" not in repr(answer.last)
