"""A speech server over HTTP: what is asked of it, every form of sound it may send, and what its failures mean."""

from __future__ import annotations

import base64
import json
import socket
import struct
import threading
import wave
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

import pytest

from tts_app.worker.vox_worker.adapter import Emotion, Order, SynthesisFailed, Unavailable
from tts_app.worker.vox_worker.adapters.http import Engine, missing
from tts_app.worker.vox_worker.device import Device
from tts_app.worker.vox_worker.report import Report

TONE = array("h", [1000, -1000] * 2400).tobytes()
KEY = "sk-canary"


def wav(pcm: bytes = TONE, rate_hz: int = 24_000, channels: int = 1, width: int = 2) -> bytes:
    """A whole WAV file."""
    file = BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate_hz)
        sound.writeframes(pcm)
    return file.getvalue()


def endless(pcm: bytes = TONE) -> bytes:
    """A WAV stream whose header knows no length, with a chunk of remarks before the samples."""
    head = wav(b"")
    remarks = b"LIST" + struct.pack("<I", 5) + b"INFO!\0"
    return head[:4] + b"\xff\xff\xff\xff" + head[8:36] + remarks + b"data" + b"\xff\xff\xff\xff" + pcm


@dataclass
class Server:
    """A server that answers with `status`, `kind` and `body`, and remembers what it was asked."""

    url: str
    status: int = 200
    kind: str = "audio/wav"
    body: bytes = field(default_factory=wav)
    length: int | None = None
    hangs: bool = False
    asked: list[tuple[str, str, dict[str, Any] | None, str | None]] = field(default_factory=list)
    others: dict[str, tuple[str, bytes]] = field(default_factory=dict)


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, body: dict[str, Any] | None) -> None:
            told.asked.append((self.command, self.path, body, self.headers.get("Authorization")))
            if told.hangs:
                ended.wait(120)
                return
            if self.command == "GET":
                kind, data = told.others.get(self.path, ("text/plain", b""))
                self.send_response(200 if self.path in told.others else 404)
            else:
                kind, data = told.kind, told.body
                self.send_response(told.status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(told.length or len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    ended = threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        told = Server(f"http://127.0.0.1:{listening.server_port}")
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield told
        ended.set()
        listening.shutdown()
        thread.join()


def spoken(engine: Engine, order: Order | None = None) -> bytes:
    return b"".join(engine.speak(order or Order(text="hello", language="en"), Report(Device("cpu"))))


def test_an_openai_server(server: Server, monkeypatch: pytest.MonkeyPatch):
    """Its fields, its key, its voices, and the rate of the word that it is tried with."""
    monkeypatch.setenv("REMOTE_KEY", KEY)
    server.others["/v1/audio/voices"] = ("application/json", b'{"voices": ["af_heart", {"id": "am_adam"}, 7]}')
    server.body = wav(rate_hz=22_050)
    engine = Engine({"url": f"{server.url}/v1/audio/speech", "key": "env:REMOTE_KEY", "languages": ["en", "zh"]})
    pcm = spoken(engine, Order(text="hello", language="en", speaker="am_adam", speed=1.5, seed=7))

    assert pcm == TONE
    assert engine.info() == {
        "engine_version": None,
        "model": "tts-1",
        "model_version": None,
        "vocoder": None,
        "precision": None,
        "device": None,
        "gpu_index": None,
        "sample_rate_hz": 22_050,
        "languages": ["en", "zh"],
        "speakers": [{"id": name, "label": name, "language": None} for name in ("af_heart", "am_adam")],
        "emotion_modes": [],
        "streams": True,
        "speed": True,
        "clones": False,
        "max_chars": None,
    }
    fixed = {"model": "tts-1", "response_format": "wav"}
    bearer = f"Bearer {KEY}"
    assert server.asked == [
        ("GET", "/v1/audio/voices", None, bearer),
        ("POST", "/v1/audio/speech", {**fixed, "input": "Hello.", "voice": "af_heart", "speed": 1.0}, bearer),
        ("POST", "/v1/audio/speech", {**fixed, "input": "hello", "voice": "am_adam", "speed": 1.5}, bearer),
    ]


def test_index_tts_vllm(server: Server):
    """A speaker is a path on that server; the way to control the emotion is a number."""
    options = {"url": f"{server.url}/tts_url", "speakers": {"anna": "/data/anna.wav"}, "sample_rate_hz": 24_000}
    engine = Engine(options)
    vector = (0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    emotions = (
        Emotion(),
        Emotion(mode="vector", label="angry", vector=vector, intensity=0.6),
        Emotion(mode="text", label="unknown", intensity=0.6, text="so angry"),
    )
    for emotion in emotions:
        spoken(engine, Order(text="你好", language="zh", speaker="anna", emotion=emotion))

    sent = {"text": "你好", "spk_audio_path": "/data/anna.wav"}
    assert [asked[2] for asked in server.asked] == [
        {**sent, "emo_control_method": 0},
        {**sent, "emo_control_method": 2, "emo_weight": 0.6, "emo_vec": list(vector)},
        {**sent, "emo_control_method": 3, "emo_weight": 0.6, "emo_text": "so angry"},
    ]
    assert engine.info()["emotion_modes"] == ["preset", "vector", "text"]


def test_a_map_of_ones_own(server: Server):
    """Any server's names for our values, and what it wants each time."""
    engine = Engine(
        {
            "url": f"{server.url}/tts",
            "fields": {"text_to_speak": "text", "text_lang": "language", "mood": "emotion"},
            "fixed": {"media_type": "wav"},
            "sample_rate_hz": 24_000,
        }
    )
    spoken(engine, Order(text="你好", language="zh", emotion=Emotion(mode="preset", label="sad", intensity=1.0)))

    assert engine.info()["speakers"] == [{"id": "default", "label": "default", "language": None}]
    wanted = {"text_to_speak": "你好", "text_lang": "zh", "mood": "sad", "media_type": "wav"}
    assert server.asked == [("POST", "/tts", wanted, None)]


STEREO = array("h", [1000, 3000] * 100).tobytes()
SOUNDS: dict[str, tuple[str, Callable[[], bytes], bytes]] = {
    "WAV": ("audio/wav", wav, TONE),
    "WAV by its bytes alone": ("application/octet-stream", wav, TONE),
    "WAV without a length": ("audio/x-wav", endless, TONE),
    "WAV in stereo": ("audio/wav", lambda: wav(STEREO, channels=2), array("h", [2000] * 100).tobytes()),
    "WAV of 24 bits": ("audio/wav", lambda: wav(b"\x99\x01\x02" * 100, width=3), b"\x01\x02" * 100),
    "WAV of 8 bits": ("audio/wav", lambda: wav(b"\x80\xff" * 50, width=1), b"\x00\x00\x00\x7f" * 50),
    "bare samples": ("audio/pcm;rate=24000", lambda: TONE + b"\x01", TONE),
    "JSON with the sound in it": (
        "application/json", lambda: json.dumps({"audio": base64.b64encode(wav()).decode()}).encode(), TONE,
    ),
    "JSON with an address": ("application/json", lambda: b'{"audio_url": "/audio/1.wav", "duration": 0.2}', TONE),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "body", "pcm"), SOUNDS.values(), ids=SOUNDS)
def test_forms_of_sound(server: Server, kind: str, body: Callable[[], bytes], pcm: bytes):
    """All come out as 16-bit mono samples."""
    server.others["/audio/1.wav"] = ("audio/wav", wav())
    server.kind, server.body = kind, body()

    assert spoken(Engine({"url": f"{server.url}/generate", "sample_rate_hz": 24_000})) == pcm


BROKEN: dict[str, tuple[str, bytes]] = {
    "MP3": ("audio/mpeg", b"ID3" + bytes(500)),
    "another rate": ("audio/wav", wav(rate_hz=16_000)),
    "no WAV after all": ("audio/wav", b"RIFF\0\0\0\0WAVE" + bytes(100)),
    "JSON that is none": ("application/json", b"{"),
    "JSON without sound": ("application/json", b'{"status": "ok"}'),
    "sound on another server": ("application/json", b'{"audio_url": "http://127.0.0.2:1/key-thief.wav"}'),
    "base64 that is none": ("application/json", b'{"audio": "@@@"}'),
}


@pytest.mark.parametrize(("kind", "body"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_sound(server: Server, kind: str, body: bytes):
    """BAD_OUTPUT, and the key goes nowhere else."""
    engine = Engine({"url": f"{server.url}/generate", "sample_rate_hz": 24_000})
    server.kind, server.body = kind, body

    with pytest.raises(SynthesisFailed) as caught:
        spoken(engine)
    assert caught.value.code == "BAD_OUTPUT"


FAILURES: dict[str, tuple[int, bytes, str]] = {
    "a bad request": (400, b"{}", "INVALID_PARAM"),
    "our key is wrong": (401, b"", "ENGINE_UNAVAILABLE"),
    "our address is wrong": (404, b"not found", "ENGINE_UNAVAILABLE"),
    "too long a text": (413, b"", "TEXT_TOO_LONG"),
    "it is busy": (429, b"", "ENGINE_UNAVAILABLE"),
    "it failed": (500, b"Traceback", "ENGINE_CRASH"),
    "it is down behind its proxy": (503, b"", "ENGINE_UNAVAILABLE"),
    "it was too slow": (504, b"", "SYNTH_TIMEOUT"),
    "it sends us elsewhere": (302, b"", "ENGINE_UNAVAILABLE"),
    "it says it in our words": (503, b'{"error": {"code": "OOM_GPU"}}', "OOM_GPU"),
    "it says it in words of its own": (422, b'{"error": {"code": "Traceback"}}', "INVALID_PARAM"),
}


@pytest.mark.parametrize(("status", "body", "code"), FAILURES.values(), ids=FAILURES)
def test_what_a_failure_means(server: Server, status: int, body: bytes, code: str):
    """A client's fault stays one; whatever is ours or the server's is not blamed on the client."""
    engine = Engine({"url": f"{server.url}/generate", "sample_rate_hz": 24_000})
    server.status, server.body = status, body

    with pytest.raises(SynthesisFailed) as caught:
        spoken(engine)
    assert caught.value.code == code


def test_a_connection_that_is_cut(server: Server):
    """Half a sound is no sound."""
    engine = Engine({"url": f"{server.url}/generate", "sample_rate_hz": 24_000})
    server.length = 1_000_000

    with pytest.raises(SynthesisFailed) as caught:
        spoken(engine)
    assert caught.value.code == "ENGINE_CRASH"


def test_a_server_that_hangs(server: Server):
    """As long as was configured, no longer."""
    engine = Engine({"url": f"{server.url}/generate", "sample_rate_hz": 24_000, "read_seconds": 0.1})
    server.hangs = True

    with pytest.raises(SynthesisFailed) as caught:
        spoken(engine)
    assert caught.value.code == "SYNTH_TIMEOUT"


def test_a_server_that_isnt_there():
    """At the start it can't be loaded; later a request fails as unavailable; the check says what to look at."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        options = {"url": f"http://127.0.0.1:{listening.getsockname()[1]}/generate", "sample_rate_hz": 24_000}
        engine = Engine(options)
        assert missing(options) == []

    assert missing(options) == [("the server at url", "is it running, and may this machine connect to it?")]
    with pytest.raises(Unavailable, match="ENGINE_UNAVAILABLE"):
        Engine(options)
    with pytest.raises(SynthesisFailed) as caught:
        spoken(engine)
    assert (caught.value.code, caught.value.stage) == ("ENGINE_UNAVAILABLE", "load")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no address": ({}, "option url is missing"),
    "an address of something else": ({"url": "file:///etc/passwd"}, "option url can't be used"),
    "a key in the address": ({"url": "http://user:key@127.0.0.1/generate"}, "option url can't be used"),
    "a key in the configuration": ({"url": "http://127.0.0.1/generate", "key": KEY}, "option key can't be used"),
    "an empty variable": ({"url": "http://127.0.0.1/generate", "key": "env:NOBODY"}, "env:NOBODY holds no key"),
    "a file that isn't there": ({"url": "http://127.0.0.1/generate", "key": "file:/no"}, "file:/no holds no key"),
    "no field for the text": ({"url": "http://127.0.0.1/other"}, "no field gets the text"),
    "a value nobody has": (
        {"url": "http://127.0.0.1/other", "fields": {"a": "text", "b": "volume"}}, "fields has no value called volume",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("options", "message"), WRONG.values(), ids=WRONG)
def test_wrong_options_are_said(options: dict[str, Any], message: str):
    """Before anything is sent, and without the key."""
    with pytest.raises(Unavailable, match=message) as caught:
        Engine(options)
    assert KEY not in str(caught.value) + caught.value.hint


def test_what_it_cant_do(server: Server):
    """No clones; no speaker that isn't listed; an emotion that no field takes is said to be ignored."""
    engine = Engine({"url": f"{server.url}/generate", "sample_rate_hz": 24_000, "speakers": ["anna"]})
    report = Report(Device("cpu"))
    order = Order(text="hello", emotion=Emotion(mode="preset", label="sad", intensity=1.0))

    assert b"".join(engine.speak(order, report)) == TONE
    assert report.figures()["warnings"] == ["emotion_ignored"]
    assert report.figures()["emotion_applied"] is False
    assert set(report.figures()["stage_seconds"]) == {"remote"}
    for refused, code in (
        (Order(text="hello", speaker="bob"), "INVALID_SPEAKER"),
        (Order(text="hello", reference="/tmp/a.wav"), "REF_AUDIO_INVALID"),  # noqa: S108 - never opened
    ):
        with pytest.raises(SynthesisFailed) as caught:
            spoken(engine, refused)
        assert caught.value.code == code
