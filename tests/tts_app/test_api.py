"""The HTTP API of a real service with its real voice: what clients get, and the one line that each request leaves."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
import soundfile

from tts_app.checks import MAX_SPEED
from tts_app.events import EMOTIONS, ERRORS, RequestEvent, violations

from .conftest import wait_for

SENTENCES = {
    "zh": "今天天气很好。",
    "en": "The weather is fine today.",
    "ja": "今日は良い天気です。",
    "ko": "오늘은 날씨가 좋습니다.",
    "yue": "今日天氣好好。",
}


def spoken(service: Any, **body: Any) -> Any:
    return service.http.post("/v1/audio/speech", json=body)


def line_of(service: Any, answer: Any) -> dict[str, Any]:
    """The one line of an answered request; it keeps the laws."""
    [line] = service.lines.of(answer.headers["x-request-id"])
    known = {field.name for field in dataclasses.fields(RequestEvent)}
    values: Any = {
        key: tuple(value) if isinstance(value, list) else value for key, value in line.items() if key in known
    }
    assert violations(RequestEvent(**values)) == []
    return dict(line)


@pytest.mark.parametrize("language", SENTENCES)
def test_speech_is_audible_in_each_language(service: Any, language: str) -> None:
    """A WAV of the right rate and a sensible length and loudness, with its figures in headers and line."""
    answer = spoken(service, input=SENTENCES[language], language=language, response_format="wav")

    data, rate = soundfile.read(io.BytesIO(answer.content))
    line = line_of(service, answer)
    assert (answer.status_code, answer.headers["content-type"], rate) == (200, "audio/wav", 22050)
    assert 0.8 < len(data) / rate < 6
    assert 0.03 < (data**2).mean() ** 0.5 < 0.5
    assert float(answer.headers["x-audio-seconds"]) == pytest.approx(len(data) / rate, abs=0.001)
    assert float(answer.headers["x-rtf"]) == pytest.approx(line["synthesis_seconds"] / line["audio_seconds"], abs=1e-4)
    assert float(answer.headers["x-queue-seconds"]) == line["queue_seconds"]
    assert (line["status"], line["language"], line["audio_bytes"]) == ("ok", language, len(answer.content))
    assert (line["source"], line["http_status"], line["engine"]) == ("openai", 200, "espeak")
    assert line["queue_seconds"] + line["synthesis_seconds"] < line["first_audio_seconds"] <= line["total_seconds"]


@pytest.mark.parametrize(
    ("audio_format", "media_type", "start"),
    [
        (None, "audio/mpeg", b"\xff"),
        ("mp3", "audio/mpeg", b"\xff"),
        ("wav", "audio/wav", b"RIFF"),
        ("flac", "audio/flac", b"fLaC"),
        ("opus", "audio/ogg", b"OggS"),
        ("pcm", "audio/pcm; rate=24000", b""),
    ],
)
def test_each_format_is_what_it_says(service: Any, audio_format: str | None, media_type: str, start: bytes) -> None:
    """MP3 without asking, as OpenAI's clients expect."""
    answer = spoken(service, input="hello", response_format=audio_format)

    assert answer.headers["content-type"].lower().startswith(media_type)
    assert answer.content.startswith(start)
    assert line_of(service, answer)["audio_format"] == (audio_format or "mp3")


def test_openai_s_client_works_unchanged(service: Any) -> None:
    """Model, one of its voices, instructions, speed: taken; instructions have no effect, and the line says so."""
    answer = spoken(service, model="gpt-4o-mini-tts", voice="nova", input="hello", instructions="softly", speed=1.25)

    line = line_of(service, answer)
    assert answer.status_code == 200
    assert (line["speaker"], line["speed"], line["warnings"]) == ("f3", 1.25, ["instructions_ignored"])


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_each_emotion_is_applied(service: Any, emotion: str) -> None:
    """By name; the line has the weights as they were applied."""
    line = line_of(service, spoken(service, input="hello", emotion=emotion, emotion_intensity=0.5))

    assert (line["emotion"], line["emotion_mode"], line["emotion_applied"]) == (emotion, "preset", True)
    assert line["emotion_vector"] == [0.5 if name == emotion else 0.0 for name in EMOTIONS]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"input": ""}, "EMPTY_TEXT"),
        ({}, "EMPTY_TEXT"),
        ({"input": None}, "EMPTY_TEXT"),
        ({"input": "😀"}, "UNSPEAKABLE_TEXT"),
        ({"input": "x" * 4097}, "TEXT_TOO_LONG"),
        ({"input": "x" * 100_000}, "TEXT_TOO_LONG"),
        ({"input": "hi", "language": "xx"}, "UNSUPPORTED_LANGUAGE"),
        ({"input": "hi", "voice": "nobody"}, "INVALID_SPEAKER"),
        ({"input": "hi", "emotion": "bored"}, "INVALID_EMOTION"),
        ({"input": "hi", "emotion_vector": [1]}, "INVALID_EMOTION"),
        ({"input": "hi", "response_format": "aac"}, "INVALID_PARAM"),
        ({"input": "hi", "speed": MAX_SPEED + 1}, "INVALID_PARAM"),
        ({"input": "hi", "speed": "fast"}, "INVALID_PARAM"),
        ({"input": 12}, "INVALID_PARAM"),
        ([], "INVALID_PARAM"),
    ],
)
def test_each_refusal_has_its_code_and_its_line(service: Any, body: Any, code: str) -> None:
    """The answer and the line agree; the answer has an id as well."""
    answer = service.http.post("/v1/audio/speech", json=body)

    line = line_of(service, answer)
    kind = ERRORS[code]
    assert answer.status_code == kind.http_status
    assert answer.json()["error"]["code"] == code
    assert (line["error_code"], line["http_status"], line["status"]) == (code, kind.http_status, kind.status)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'"text"'])
def test_a_body_that_is_no_json_object_is_refused(service: Any, content: bytes) -> None:
    """422 and a line, never a 500."""
    answer = service.http.post("/v1/audio/speech", content=content, headers={"content-type": "application/json"})

    assert answer.status_code == 422
    assert line_of(service, answer)["error_code"] == "INVALID_PARAM"


def test_half_a_character_is_no_matter(service: Any) -> None:
    """A lone surrogate, which JSON can spell and UTF-8 can't, is a question mark."""
    body, json_type = b'{"input": "hi \\ud800"}', {"content-type": "application/json"}

    answer = service.http.post("/v1/audio/speech", content=body, headers=json_type)

    line = line_of(service, answer)
    assert (answer.status_code, line["text_chars"], line["text_bytes"]) == (200, 4, 4)


def test_generate_works_as_its_clients_know_it(service: Any) -> None:
    """Text and speaker give a link to a WAV and the inference seconds."""
    answer = service.http.post("/generate", json={"text": "你好", "speaker": "中文女"})

    line = line_of(service, answer)
    wav = service.http.get(answer.json()["audio_url"])
    assert answer.json() == {"audio_url": answer.json()["audio_url"], "duration": line["synthesis_seconds"]}
    assert (wav.headers["content-type"], len(wav.content)) == ("audio/wav", line["audio_bytes"])
    assert (line["source"], line["speaker"], "first_audio_seconds" in line) == ("api", "f1", False)


def test_generate_s_error_is_a_sentence(service: Any) -> None:
    """As existing clients test for it."""
    answers = [service.http.post("/generate", json=body) for body in ({}, {"text": " "}, {"text": None})]

    detail = {
        "code": "EMPTY_TEXT",
        "message": "Text is required",
        "type": "invalid_request_error",
        "param": "text",
        "retryable": False,
    }
    assert [answer.status_code for answer in answers] == [400] * 3
    assert [answer.json() for answer in answers] == [{"error": "Text is required", "detail": detail}] * 3


def test_a_request_id_comes_back(service: Any) -> None:
    """Ours where the client's is unfit."""
    given = service.http.post("/generate", json={"text": "hi"}, headers={"x-request-id": "order-66"})
    unfit = service.http.post("/generate", json={"text": "hi"}, headers={"x-request-id": "no spaces"})

    assert given.headers["x-request-id"] == "order-66"
    assert len(unfit.headers["x-request-id"]) == 36
    assert line_of(service, given)["request_id"] == "order-66"


def test_nothing_said_is_in_the_log(service: Any) -> None:
    """Neither the text nor an unknown voice, an address or a key."""
    marked = "xyzzyplugh"
    for body in ({"input": marked}, {"input": "a", "voice": marked}, {"input": "a", "emotion": marked}):
        answer = service.http.post("/v1/audio/speech", json=body, headers={"authorization": f"Bearer {marked}"})
        line_of(service, answer)

    assert marked not in service.lines.path.read_text()
    assert "127.0.0.1" not in service.lines.path.read_text()


def test_many_at_once_are_as_many_lines(service: Any) -> None:
    """Forty requests from eight threads: forty lines, and the writer's numbers have no gap."""
    answers: list[Any] = []

    def ask() -> None:
        answers.extend(spoken(service, input=f"hello {number}", response_format="wav") for number in range(5))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer.status_code for answer in answers] == [200] * 40
    assert len({line_of(service, answer)["request_id"] for answer in answers}) == 40
    seqs = [line["seq"] for line in service.lines.all()]
    assert seqs == list(range(1, len(seqs) + 1))
    assert len({line["writer_id"] for line in service.lines.all()}) == 1


def test_a_client_that_hangs_up_is_cancelled(start_service: Callable[..., Any]) -> None:
    """Closed in the middle of a synthesis: one line, cancelled."""
    service = start_service("--no-ui")
    [pid] = service.worker_pids()
    os.kill(pid, signal.SIGSTOP)
    body = json.dumps({"input": "hello"}).encode()
    head = f"POST /v1/audio/speech HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-Id: hang-up\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    host, port = service.url.removeprefix("http://").split(":")

    with socket.create_connection((host, int(port))) as client:
        client.sendall(head.encode() + body)
        before_end(service)

    [line] = service.lines.of("hang-up")
    os.kill(pid, signal.SIGCONT)
    assert (line["status"], line["error_code"], line["http_status"]) == ("cancelled", "CANCELLED", 499)


def test_a_client_that_hangs_up_in_a_stream_is_cancelled(service: Any) -> None:
    """It takes the first bytes of more than its connection can hold and goes: one line, and the worker is free again."""
    body = json.dumps({"input": "7 " * 2000, "response_format": "wav", "stream": True}).encode()
    head = f"POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: hang-up-late\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    host, port = service.url.removeprefix("http://").split(":")

    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((host, int(port)))
        client.sendall(head.encode() + body)
        assert client.recv(200).startswith(b"HTTP/1.1 200")

    [line] = service.lines.of("hang-up-late")
    after = spoken(service, input="hello")
    assert (line["status"], line["error_code"], line["http_status"]) == ("cancelled", "CANCELLED", 499)
    assert (line["stream"], line["first_audio_seconds"] < line["total_seconds"]) == (True, True)
    assert after.status_code == 200


def test_a_stream_is_the_whole_sound_as_it_comes(service: Any) -> None:
    """As long as the file; the first sound is handed over before the last one is made."""
    wish = {"input": "Good morning! " * 20, "response_format": "wav"}
    whole, stream = spoken(service, **wish), spoken(service, **wish, stream=True)

    data, _ = soundfile.read(io.BytesIO(whole.content))
    streamed, _ = soundfile.read(io.BytesIO(stream.content))
    line = line_of(service, stream)
    assert streamed.size == pytest.approx(data.size, rel=0.02)
    assert stream.headers["x-queue-seconds"]
    assert line["first_audio_seconds"] < line["total_seconds"]
    assert (line["stream"], line["audio_bytes"]) == (True, len(stream.content))


def before_end(service: Any) -> None:
    """Returns once a worker speaks."""
    wait_for(lambda: service.http.get("/healthz").json()["workers_busy"])


def test_health_tells_the_state(service: Any) -> None:
    """Workers, queue, counts."""
    health = service.http.get("/healthz")

    told = health.json()
    assert health.status_code == 200
    assert told["requests"] >= 0
    assert told["uptime_seconds"] > 0
    assert {key: told[key] for key in ("status", "engine", "workers_up", "in_flight", "failed_writes")} == {
        "status": "ok",
        "engine": "espeak",
        "workers_up": 2,
        "in_flight": 0,
        "failed_writes": 0,
    }


def test_the_front_door_leads_to_the_page(service: Any) -> None:
    """And its picture is here."""
    assert service.http.get("/").headers["location"] == "/ui/"
    assert service.http.get("/favicon.ico").headers["content-type"] == "image/svg+xml"


def test_a_killed_worker_costs_one_request(start_service: Callable[..., Any]) -> None:
    """SIGKILL in mid-synthesis: 502 and one line; the next request is spoken."""
    service = start_service("--no-ui")
    [pid] = service.worker_pids()
    os.kill(pid, signal.SIGSTOP)
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(spoken(service, input="hello")))

    asking.start()
    before_end(service)
    os.kill(pid, signal.SIGKILL)
    asking.join()
    after = spoken(service, input="hello")

    line = line_of(service, answers[0])
    assert (answers[0].status_code, answers[0].json()["error"]["code"]) == (502, "ENGINE_CRASH")
    assert (line["error_code"], line["error_stage"], line["worker"]) == ("ENGINE_CRASH", "synth", 0)
    assert after.status_code == 200
    assert line_of(service, after)["cold_start"] is True


def test_a_full_queue_is_told(start_service: Callable[..., Any]) -> None:
    """With no room to wait, one of two is told so at once, 503 with Retry-After, and the other one is spoken."""
    service = start_service("--no-ui", "--max-queue", "0")
    [pid] = service.worker_pids()
    os.kill(pid, signal.SIGSTOP)
    answers: list[Any] = []

    asking = [threading.Thread(target=lambda: answers.append(spoken(service, input="hello"))) for _ in range(2)]
    for thread in asking:
        thread.start()
    [refused] = wait_for(lambda: list(answers))
    os.kill(pid, signal.SIGCONT)
    for thread in asking:
        thread.join()

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert line_of(service, refused)["error_code"] == "QUEUE_FULL"
    assert answers[1].status_code == 200


def test_a_deadline_is_told(start_service: Callable[..., Any]) -> None:
    """A worker that says nothing any more: 504 when the time for a synthesis is over."""
    service = start_service("--no-ui", "--synthesis-seconds", "0.4")
    [pid] = service.worker_pids()
    os.kill(pid, signal.SIGSTOP)

    late = spoken(service, input="hello")

    assert late.status_code == 504
    assert line_of(service, late)["error_code"] == "SYNTH_TIMEOUT"
