"""OpenAI's route with scripted engines: which one speaks, what it is told, and how the answer comes."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from typing import Any

import pytest
import soundfile

from tts_app.errors import RequestFailed

from .conftest import RATE, SILENCE, TONE, ScriptedEngine, info

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt "


def events(answer: Any) -> list[dict[str, Any]]:
    """The data of server-sent events; each is named as its data says."""
    found = []
    for block in answer.text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append(json.loads(data.removeprefix("data: ")))
        assert name == f"event: {found[-1]['type']}"
    return found


@pytest.mark.parametrize(
    ("choice", "name"),
    [
        ({}, "plain"),
        ({"model": "tts-1"}, "plain"),
        ({"model": "words"}, "words"),
        ({"engine": "words", "model": "plain"}, "words"),
    ],
)
def test_an_engine_is_chosen_by_its_name_or_as_a_model(make_api: Any, lines: Any, choice: Any, name: str) -> None:
    """Models of others mean the default one."""
    api = make_api(ScriptedEngine(info("plain")), ScriptedEngine(info("words")))

    assert api.speech(**choice).status_code == 200
    assert lines.requests()[0]["engine"] == name


def test_an_unknown_engine_is_refused_and_not_echoed(make_api: Any, lines: Any) -> None:
    """422 with the field, and not a trace of the name in the line."""
    answer = make_api().speech(engine="xyzzy")

    assert (answer.status_code, answer.json()["error"]["param"]) == (422, "engine")
    assert "xyzzy" not in lines.path.read_text() + answer.text


def test_instructions_are_a_mood_in_words_where_they_are_understood(make_api: Any, lines: Any) -> None:
    """The engine gets them, and no warning is left."""
    engine = ScriptedEngine(info("words", emotion_modes=("preset", "text")))

    make_api(engine).speech(instructions="  Whisper, sadly. ")

    [line] = lines.requests()
    assert (engine.orders[0].emotion["mode"], engine.orders[0].emotion["text"]) == ("text", "Whisper, sadly.")
    assert (line["emotion_mode"], "warnings" in line) == ("text", False)


@pytest.mark.parametrize(
    ("modes", "more"),
    [
        (("preset",), {}),
        (("preset", "text"), {"emotion": "happy"}),
        (("text", "vector"), {"emotion_vector": [1, 0, 0, 0, 0, 0, 0, 0]}),
        (("text",), {"input": "[emotion=calm] hello"}),
    ],
)
def test_instructions_that_can_not_be_followed_are_a_warning(make_api: Any, lines: Any, modes: Any, more: Any) -> None:
    """No words understood, or another emotion named: that one counts."""
    engine = ScriptedEngine(info("words", emotion_modes=modes))

    make_api(engine).speech(instructions="whisper", **more)

    assert engine.orders[0].emotion["text"] is None
    assert "instructions_ignored" in lines.requests()[0]["warnings"]


def test_a_tag_is_obeyed_and_neither_spoken_nor_counted(make_api: Any, lines: Any) -> None:
    """It goes before the fields; its later kin is a warning."""
    api = make_api()

    api.speech(input="[emotion=fearful,intensity=0.4]Oh no![emotion=calm] Well.", emotion="happy", emotion_intensity=1)

    [line] = lines.requests()
    assert api.engine.orders[0].text == "Oh no! Well."
    assert (line["text_chars"], line["emotion"], line["emotion_intensity"]) == (12, "afraid", 0.4)
    assert line["warnings"] == ["emotion_ignored"]


@pytest.mark.parametrize("off", [({"inline_tags": False}, {}), ({}, {"inline_tags": False})])
def test_tags_can_be_switched_off(make_api: Any, off: Any) -> None:
    """By the operator for all, or by a client for one text."""
    by_operator, by_client = off
    api = make_api(**by_operator)

    api.speech(input="[emotion=happy] hi", **by_client)

    assert (api.engine.orders[0].text, api.engine.orders[0].emotion["label"]) == ("[emotion=happy] hi", "neutral")


def test_words_of_other_builds_are_emotions_too(make_api: Any, lines: Any) -> None:
    """In the field as in a tag."""
    make_api().speech(emotion="Fearful")

    assert lines.requests()[0]["emotion"] == "afraid"


def test_a_form_brings_a_voice_to_imitate_and_a_mood(make_api: Any, lines: Any) -> None:
    """Both files reach the engine as they came; the line has a hash, and no file's name."""
    engine = ScriptedEngine(info("clone", clones=True, speakers=(), emotion_modes=("audio",)))
    fields = {"input": "hello", "reference_text": "as I said", "seed": "7", "speed": "1.5"}
    files = {"reference_audio": ("../../xyzzy.wav", WAV), "emotion_audio": ("xyzzy", WAV + b"!")}

    answer = make_api(engine).ask("POST", "/v1/audio/speech", data=fields, files=files)

    [order], [line] = engine.orders, lines.requests()
    assert answer.status_code == 200
    assert (order.reference, order.emotion_reference, order.reference_text) == (WAV, WAV + b"!", "as I said")
    assert (order.seed, order.speed, order.emotion["mode"]) == (7, 1.5, "audio")
    assert line["speaker"].startswith("ref:")
    assert "xyzzy" not in lines.path.read_text()


def test_a_whole_answer_has_its_figures_in_headers(make_api: Any, lines: Any) -> None:
    """Length, RTF, the wait, the id."""
    answer = make_api(ScriptedEngine(info("plain"), script=(TONE, TONE))).speech()

    [line] = lines.requests()
    assert soundfile.info(io.BytesIO(answer.content)).samplerate == RATE
    assert {name: answer.headers[name] for name in ("x-audio-seconds", "x-rtf", "x-queue-seconds", "x-request-id")} == {
        "x-audio-seconds": "0.400",
        "x-rtf": "0.00000",
        "x-queue-seconds": "0.250000",
        "x-request-id": line["request_id"],
    }
    assert (line["stream"], answer.headers["content-length"]) == (False, str(len(answer.content)))


@pytest.mark.parametrize("wish", [{"stream": True}, {"stream_format": "audio"}])
def test_a_stream_is_the_same_sound_with_an_open_end(make_api: Any, lines: Any, wish: Any) -> None:
    """No length in front, the wait in a header, and proxies told not to gather it."""
    answer = make_api(ScriptedEngine(info("plain"), script=(SILENCE, TONE, TONE))).speech(**wish)

    [line] = lines.requests()
    assert answer.content[44:] == SILENCE + TONE + TONE
    assert answer.headers["content-type"] == "audio/wav"
    assert "content-length" not in answer.headers
    assert (answer.headers["x-queue-seconds"], answer.headers["x-accel-buffering"]) == ("0.250000", "no")
    assert (line["status"], line["stream"], line["audio_bytes"]) == ("ok", True, len(answer.content))
    assert line["first_audio_seconds"] is not None


def test_events_bring_the_audio_and_the_usage(make_api: Any, lines: Any) -> None:
    """As OpenAI's: deltas in base64, then done."""
    answer = make_api(ScriptedEngine(info("plain"), script=(TONE, TONE))).speech(stream_format="sse")

    told = events(answer)
    audio = b"".join(base64.b64decode(event["audio"]) for event in told[:-1])
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [event["type"] for event in told] == ["speech.audio.delta"] * 2 + ["speech.audio.done"]
    assert audio[44:] == TONE + TONE
    assert told[-1]["usage"] == {
        "input_tokens": 1,
        "output_tokens": 0,
        "total_tokens": 1,
        "characters": 5,
        "audio_seconds": 0.4,
    }
    assert lines.requests()[0]["audio_bytes"] == len(audio)


@pytest.mark.parametrize("wish", [{"stream": True}, {"stream_format": "sse"}])
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RequestFailed("QUEUE_FULL", "Full."), 503),
        (RequestFailed("OOM_GPU", "Out."), 503),
        (ZeroDivisionError("x"), 500),
    ],
)
def test_what_fails_before_the_first_sound_has_its_status(
    make_api: Any, lines: Any, wish: Any, error: Exception, status: int
) -> None:
    """Nothing has been sent by then: an answer like any other."""
    answer = make_api(ScriptedEngine(info("plain"), script=(error,))).speech(**wish)

    assert (answer.status_code, lines.requests()[0]["http_status"]) == (status, status)
    assert answer.json()["error"]["code"] == lines.requests()[0]["error_code"]


@pytest.mark.parametrize("error", [RequestFailed("ENGINE_CRASH", "Gone."), ZeroDivisionError("secret")])
def test_what_fails_amid_events_is_the_last_event(make_api: Any, lines: Any, error: Exception) -> None:
    """The status is gone; the client is told, and so is the line."""
    answer = make_api(ScriptedEngine(info("plain"), script=(TONE, error))).speech(stream_format="sse")

    [line] = lines.requests()
    told = events(answer)
    assert [event["type"] for event in told] == ["speech.audio.delta", "error"]
    assert told[-1]["error"]["code"] == line["error_code"] != "CANCELLED"
    assert (line["status"], line["http_status"], line["audio_seconds"]) == ("error", 200, 0.2)
    assert "secret" not in answer.text


def test_what_fails_amid_audio_breaks_it_off(make_api: Any, lines: Any) -> None:
    """No end is sent, so that nobody takes half a sentence for a whole one."""
    api = make_api(ScriptedEngine(info("plain"), script=(TONE, RequestFailed("SYNTH_TIMEOUT", "Late."))))
    sent: list[Any] = []

    run(api, sent)

    [line] = lines.requests()
    assert [message.get("more_body") for message in sent] == [None, True]
    assert (line["status"], line["error_code"], line["http_status"]) == ("timeout", "SYNTH_TIMEOUT", 200)


def test_a_client_that_leaves_in_the_middle_is_one_cancelled_line(make_api: Any, lines: Any) -> None:
    """The engine is told to stop at once, while it still makes the next piece."""
    left = asyncio.Event()

    async def for_ever() -> None:
        left.set()
        await asyncio.Event().wait()

    engine = ScriptedEngine(info("plain"), script=(TONE, for_ever))
    sent: list[Any] = []

    run(make_api(engine), sent, left)

    [line] = lines.requests()
    assert (line["status"], line["error_code"], line["http_status"]) == ("cancelled", "CANCELLED", 499)
    assert (line["stream"], line["audio_seconds"], engine.closed) == (True, 0.2, 1)
    assert len(sent) == 2


def test_a_client_that_leaves_between_two_pieces_stops_the_engine_before_its_line_is_written(
    make_api: Any, lines: Any
) -> None:
    """What it has heard by then is in the line; nothing is left to be tidied up later."""
    left = asyncio.Event()
    engine = ScriptedEngine(info("plain"), script=(TONE,) * 50)

    class Leaving(list[Any]):
        def append(self, message: Any) -> None:
            super().append(message)
            if message["type"] == "http.response.body":
                left.set()

    closed = run(make_api(engine), Leaving(), left)

    [line] = lines.requests()
    assert (line["error_code"], closed) == ("CANCELLED", 1)
    assert 0 < line["audio_seconds"] < 10


def run(api: Any, sent: list[Any], left: asyncio.Event | None = None) -> int:
    """A streamed request in bare ASGI, whose client goes when `left` is set; how often the engine has ended by then."""
    body = json.dumps({"input": "hello", "response_format": "wav", "stream": True}).encode()
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Any:
        for message in messages:
            return message
        await (left or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "method": "POST",
        "scheme": "http",
        "path": "/v1/audio/speech",
        "raw_path": b"/v1/audio/speech",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"content-type", b"application/json"), (b"host", b"x")],
        "client": ("127.0.0.1", 5),
        "server": ("127.0.0.1", 80),
    }

    async def asked() -> int:
        async with asyncio.timeout(120):
            await api.app(scope, receive, send)
        return int(api.engine.closed)

    return asyncio.run(asked())


@pytest.mark.parametrize("value", ["1e400", "NaN", "9" * 400, "-1e10", '"x"', "[1]", "null"])
def test_a_parameter_that_no_engine_has_is_refused(make_api: Any, value: str) -> None:
    """Numbers without end or of hundreds of digits too: 422 and no 500."""
    body = f'{{"input": "hello", "params": {{"top_p": {value}}}}}'

    answer = make_api().ask("POST", "/v1/audio/speech", content=body, headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()["error"]["param"]) == (422, "params")


@pytest.mark.parametrize("field", ["speed", "emotion_intensity"])
@pytest.mark.parametrize("value", ["1e400", "NaN", "9" * 400])
def test_a_number_without_end_is_refused(make_api: Any, field: str, value: str) -> None:
    """JSON as Python reads it has such numbers."""
    body, kind = f'{{"input": "hello", "emotion": "sad", "{field}": {value}}}', {"content-type": "application/json"}

    answer = make_api().ask("POST", "/v1/audio/speech", content=body, headers=kind)

    assert (answer.status_code, answer.json()["error"]["param"]) == (422, field)


def test_flac_is_not_streamed_and_aac_not_at_all(make_api: Any) -> None:
    """Each is told what there is instead."""
    answers = [
        make_api().speech(response_format="flac"),
        make_api().speech(response_format="flac", stream=True),
        make_api().speech(response_format="aac"),
    ]

    assert [answer.status_code for answer in answers] == [200, 422, 422]
    assert answers[1].json()["error"]["param"] == answers[2].json()["error"]["param"] == "response_format"
    assert "opus" in answers[2].json()["error"]["message"]


def test_clients_share_the_queue_by_who_they_are(make_api: Any) -> None:
    """The engine's queue is told the client, whole and streamed."""
    api = make_api()

    api.speech()
    api.speech(stream=True)

    assert api.engine.clients == ["127.0.0.1"] * 2
