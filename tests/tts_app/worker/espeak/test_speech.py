"""The real voice in its real process: audible speech in five languages, and emotions that differ.

Measured in the sound: length, loudness and pitch. No exact bytes, since the engine varies by a few samples.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tts_app.engines.host import EngineHost
from tts_app.engines.progress import EngineOrder, Limits, Progress
from tts_app.engines.spec import WORKER, embedded
from tts_app.engines.voices import LANGUAGE_LABELS, SPEAKERS
from tts_app.errors import RequestFailed
from tts_app.events import EMOTIONS
from tts_app.loudness import Measures, measure

SAMPLE_RATE_HZ = 22050
# A sentence of about three seconds in each language.
SENTENCES = {
    "zh": "今天天气很好,我们一起去公园散步吧。",
    "en": "The weather is fine today, let us go for a walk in the park.",
    "ja": "今日はとても良い天気ですから、公園へ散歩に行きましょう。",
    "ko": "오늘은 날씨가 아주 좋으니 공원에 산책하러 갑시다.",
    "yue": "今日天氣好好,我哋一齊去公園行下啦。",
}
NEUTRAL = (0.0,) * 8


class Voice:
    """A running engine for synchronous tests."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.host = EngineHost(embedded(), Limits(grace_seconds=120, hang_seconds=120, synthesis_seconds=120))
        self.loop.run_until_complete(self.host.start())

    def speak(self, text: str, language: str = "zh", **how: Any) -> tuple[bytes, Progress]:
        vector = how.get("vector", NEUTRAL)
        emotion = {"mode": "vector" if any(vector) else "none", "vector": vector, "intensity": 1.0}
        order = EngineOrder(
            text=text,
            language=language,
            speaker=how.get("speaker", "f1"),
            emotion=emotion,
            speed=how.get("speed", 1.0),
            stream=how.get("stream", False),
        )
        progress = Progress()
        return self.loop.run_until_complete(self._pcm(order, progress)), progress

    async def _pcm(self, order: EngineOrder, progress: Progress) -> bytes:
        return b"".join([chunk async for chunk in self.host.speak(order, progress)])

    def measured(self, text: str, language: str = "zh", **how: Any) -> Measures:
        return measure(self.speak(text, language, **how)[0], SAMPLE_RATE_HZ)

    def close(self) -> None:
        self.loop.run_until_complete(self.host.close())
        self.loop.close()


@pytest.fixture(scope="module")
def voice() -> Iterator[Voice]:
    voice = Voice()
    yield voice
    voice.close()


def pitch_hz(pcm: bytes) -> float:
    """The median pitch of the voiced frames, by autocorrelation between 60 and 400 Hz."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(float)
    frames = samples[: samples.size // 1024 * 1024].reshape(-1, 1024)
    low, high = SAMPLE_RATE_HZ // 400, SAMPLE_RATE_HZ // 60
    found = []
    for frame in frames:
        spectrum = np.fft.rfft(frame - frame.mean(), 2048)
        correlation = np.fft.irfft(np.abs(spectrum) ** 2)[:high]
        lag = low + int(np.argmax(correlation[low:]))
        if correlation[0] > 1e8 and correlation[lag] > 0.4 * correlation[0]:
            found.append(SAMPLE_RATE_HZ / lag)
    return float(np.median(found))


@pytest.mark.parametrize("language", LANGUAGE_LABELS)
def test_each_language_is_audible(voice: Voice, language: str) -> None:
    """Two to seven seconds, loud, with few pauses, nothing clipped, and the stages add up to the synthesis."""
    pcm, progress = voice.speak(SENTENCES[language], language)
    measures = measure(pcm, SAMPLE_RATE_HZ)

    assert 2 < measures.audio_seconds < 7
    assert measures.audio_rms_dbfs is not None
    assert -26 < measures.audio_rms_dbfs < -12
    assert measures.silence_ratio is not None
    assert measures.silence_ratio < 0.25
    assert measures.clipped_ratio is not None
    assert measures.clipped_ratio < 0.001
    stages = progress.figures["stage_seconds"]
    assert set(stages) == {"frontend", "synth"}
    assert progress.synthesis_seconds is not None
    assert 0 < sum(stages.values()) <= progress.synthesis_seconds
    assert progress.figures["rss_bytes"] > 10_000_000
    assert progress.info is not None
    assert progress.info.engine_version == "1.52.0"


def test_kanji_are_not_spelt_out(voice: Voice) -> None:
    """A sentence in kanji is about as long as the same in kana; without its reading it is three times as long."""
    kanji = voice.measured("今日は良い天気です。", "ja").audio_seconds
    kana = voice.measured("きょーわ よい てんきです。", "ja").audio_seconds

    assert kanji == pytest.approx(kana, rel=0.3)


@pytest.mark.parametrize(
    ("language", "figures", "words"),
    [
        ("zh", "今天是2026年8月18日,气温-5℃。", "今天是二零二六年八月十八日,气温零下五摄氏度。"),
        ("yue", "電話係13812345678。", "電話係一三八一二三四五六七八。"),
        (
            "ja",
            "2026年8月18日14:30に3人。",
            "ニセンニジューロクネン ハチガツ ジューハチニチ ジューヨジ サンジュップンに サンニン。",
        ),
    ],
)
def test_figures_sound_like_words(voice: Voice, language: str, figures: str, words: str) -> None:
    """A date, a temperature and a phone's number take as long as when they are written out."""
    written = voice.measured(words, language).audio_seconds

    assert voice.measured(figures, language).audio_seconds == pytest.approx(written, rel=0.1)


@pytest.mark.parametrize(
    ("language", "around"), [("zh", "我用{}写。"), ("yue", "我用{}寫。"), ("ja", "ぼくは{}をつかう。")]
)
def test_english_words_are_not_spelt(voice: Voice, language: str, around: str) -> None:
    """In the middle of another language; letter by letter they would take three times as long."""
    without = voice.measured(around.format(""), language).audio_seconds
    english = voice.measured("Wonderful Programming", "en").audio_seconds

    assert voice.measured(around.format("Wonderful Programming"), language).audio_seconds < without + 1.4 * english


def test_a_longer_text_is_longer(voice: Voice) -> None:
    """Three sentences take about three times as long as one."""
    one = voice.measured("今天天气很好。").audio_seconds
    three = voice.measured("今天天气很好。" * 3).audio_seconds

    assert three == pytest.approx(3 * one, rel=0.35)


def test_speed_changes_the_length(voice: Voice) -> None:
    """Twice as fast is about half as long."""
    plain = voice.measured(SENTENCES["en"], "en").audio_seconds
    fast = voice.measured(SENTENCES["en"], "en", speed=2.0).audio_seconds

    assert fast == pytest.approx(plain / 2, rel=0.2)


def test_emotions_differ(voice: Voice) -> None:
    """Each emotion is off neutral in length, loudness or pitch, and no two are alike in all three."""
    heard = {}
    for name in ("neutral", *EMOTIONS):
        vector = tuple(float(name == emotion) for emotion in EMOTIONS)
        pcm, _ = voice.speak(SENTENCES["zh"], vector=vector)
        measures = measure(pcm, SAMPLE_RATE_HZ)
        assert measures.audio_rms_dbfs is not None
        heard[name] = (np.log(measures.audio_seconds), measures.audio_rms_dbfs / 8, np.log(pitch_hz(pcm)))

    names = list(heard)
    for place, name in enumerate(names):
        for other in names[place + 1 :]:
            apart = max(abs(a - b) for a, b in zip(heard[name], heard[other], strict=True))
            assert apart > 0.04, (name, other)
    assert heard["sad"][0] > heard["neutral"][0] > heard["afraid"][0]
    assert heard["angry"][1] > heard["neutral"][1] > heard["melancholic"][1]
    assert heard["surprised"][2] > heard["neutral"][2] > heard["sad"][2]


def test_speakers_differ(voice: Voice) -> None:
    """All thirteen speak; women's voices are higher than men's."""
    pitches = {}
    for speaker in SPEAKERS:
        pcm, _ = voice.speak(SENTENCES["zh"], speaker=speaker)
        assert not measure(pcm, SAMPLE_RATE_HZ).silent
        pitches[speaker] = pitch_hz(pcm)

    assert len({round(pitch) for pitch in pitches.values()}) >= 8
    assert pitches["f1"] > 1.3 * pitches["m1"]


def test_parameters_do_not_stay(voice: Voice) -> None:
    """After a slow, quiet sentence the next neutral one is as before."""
    before = voice.measured(SENTENCES["en"], "en")
    voice.speak(SENTENCES["en"], "en", vector=tuple(float(name == "melancholic") for name in EMOTIONS))
    after = voice.measured(SENTENCES["en"], "en")

    assert after.audio_seconds == pytest.approx(before.audio_seconds, rel=0.02)
    assert after.audio_rms_dbfs == pytest.approx(before.audio_rms_dbfs, abs=0.5)


def test_an_unknown_voice_is_refused(voice: Voice) -> None:
    """Not spoken in the voice of the request before; and the process goes on."""
    with pytest.raises(RequestFailed) as caught:
        voice.speak("hello", "en", speaker="klingon")

    assert caught.value.code == "INVALID_SPEAKER"
    assert not voice.measured("hello", "en").silent


def test_a_nul_does_not_cut_the_text(voice: Voice) -> None:
    """The second half is spoken too."""
    whole = voice.measured("one two three\0four five six", "en").audio_seconds
    half = voice.measured("one two three", "en").audio_seconds

    assert whole > 1.5 * half


def test_the_longest_text_is_spoken(voice: Voice) -> None:
    """4096 Han characters: more than ten minutes of audio through the pipe."""
    assert voice.measured("好" * 4096).audio_seconds > 600


def test_the_library_is_in_no_other_process(voice: Voice) -> None:
    """The service and its tests never load eSpeak NG; its worker does."""
    assert "libespeak" not in maps("self")
    assert "libespeak" in maps(str(voice.host.pids[0]))


def maps(pid: str) -> str:
    return Path(f"/proc/{pid}/maps").read_text()


def test_a_stream_is_the_same_sound(voice: Voice) -> None:
    """Piece by piece it is as long and as loud as the whole."""
    whole = voice.measured(SENTENCES["en"], "en")
    streamed = measure(voice.speak(SENTENCES["en"], "en", stream=True)[0], SAMPLE_RATE_HZ)

    assert streamed.audio_seconds == pytest.approx(whole.audio_seconds, rel=0.02)
    assert streamed.audio_rms_dbfs == pytest.approx(whole.audio_rms_dbfs, abs=0.5)


def test_who_leaves_a_stream_does_not_wait_for_its_end(voice: Voice) -> None:
    """The library stops in the middle, and the same process speaks the next order."""

    async def leave() -> bytes:
        chunks = voice.host.speak(EngineOrder(text="好" * 4096, language="zh", speaker="f1", stream=True), Progress())
        first = await anext(chunks)
        await chunks.aclose()
        return first

    pids = voice.host.pids
    assert not measure(voice.loop.run_until_complete(leave()), SAMPLE_RATE_HZ).audio_seconds > 60
    assert not voice.measured("hello", "en").silent
    assert voice.host.pids == pids


STOPPING = """
import itertools, sys
sys.path.insert(0, sys.argv[1])
import espeakng_loader
from vox_worker.espeak.library import Espeak
from vox_worker.espeak.prosody import Prosody
calls = itertools.count()
library = Espeak(espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
pieces = library.speak("one two three " * 200, "en-us+f1", Prosody(175, 100, 50, 50, 0), lambda: next(calls) >= 3)
print(sum(map(len, pieces)) / 2 / library.sample_rate_hz)
"""


def test_the_library_stops_when_it_is_told() -> None:
    """After three times 60 ms of a text of minutes."""
    done = subprocess.run(
        [sys.executable, "-c", STOPPING, WORKER], capture_output=True, text=True, timeout=120, check=True
    )

    assert 0 < float(done.stdout) < 1
