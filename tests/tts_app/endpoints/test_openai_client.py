"""OpenAI's own client for Python, as its users call it: nothing but `base_url` tells it that we are somebody else."""

from __future__ import annotations

import asyncio
import io
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
import soundfile

from tts_app.errors import RequestFailed
from tts_app.events import ERRORS

from .conftest import Api, ScriptedEngine, info

PAGE = Path(__file__).parents[3] / "docs" / "api.md"
CLASSES = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    404: openai.NotFoundError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
    500: openai.InternalServerError,
    502: openai.InternalServerError,
    503: openai.InternalServerError,
    504: openai.InternalServerError,
}
Use = Callable[[openai.AsyncOpenAI], Awaitable[Any]]


@pytest.fixture
def client(service: Any) -> Any:
    with openai.OpenAI(base_url=f"{service.url}/v1", api_key="unused", max_retries=0) as client:
        yield client


def use(api: Api, using: Use, **options: Any) -> Any:
    """What `using` does with a client of the application in this process."""

    async def used() -> Any:
        transport = httpx2.ASGITransport(api.app, raise_app_exceptions=False)
        http = httpx2.AsyncClient(transport=transport)
        url = "http://voice.test/v1"
        async with openai.AsyncOpenAI(base_url=url, api_key="unused", http_client=http, **options) as client:
            return await using(client)

    return asyncio.run(asyncio.wait_for(used(), 120))


async def speak(client: openai.AsyncOpenAI, **more: Any) -> bytes:
    answer = await client.audio.speech.create(**({"input": "hello", "model": "tts-1", "voice": "anna"} | more))
    return answer.content


def test_it_speaks(service: Any, client: Any, tmp_path: Path) -> None:
    """With its own model, one of its voices and instructions; the id of the answer leads to the line."""
    answer = client.audio.speech.with_raw_response.create(
        input="Good morning!", model="gpt-4o-mini-tts", voice="nova", instructions="softly", response_format="wav"
    )

    audio = answer.parse()
    audio.write_to_file(tmp_path / "out.wav")
    [line] = service.lines.of(answer.request_id)
    assert soundfile.info(tmp_path / "out.wav").duration == pytest.approx(line["audio_seconds"], abs=1e-3)
    assert (line["speaker"], line["warnings"], line["source"]) == ("f3", ["instructions_ignored"], "openai")


def test_it_streams(service: Any, client: Any, tmp_path: Path) -> None:
    """To a file, and as raw samples at the rate that its players assume."""
    wish = {"input": "Good morning!", "model": "tts-1", "voice": "alloy", "stream_format": "audio"}

    with client.audio.speech.with_streaming_response.create(**wish, response_format="mp3") as answer:
        answer.stream_to_file(tmp_path / "out.mp3")
    with client.audio.speech.with_streaming_response.create(**wish, response_format="pcm") as answer:
        pieces = list(answer.iter_bytes(4096))
        [line] = service.lines.of(answer.headers["x-request-id"])

    assert soundfile.info(tmp_path / "out.mp3").duration > 0.5
    assert sum(map(len, pieces)) == line["audio_bytes"] == pytest.approx(line["audio_seconds"] * 48000, abs=4)
    assert (line["stream"], line["status"]) == (True, "ok")


def test_its_other_fields_go_along(service: Any, client: Any) -> None:
    """What only we know goes into `extra_body`."""
    more = {"emotion": "happy", "emotion_intensity": 0.5}

    answer = client.audio.speech.with_raw_response.create(input="hi", model="tts-1", voice="f1", extra_body=more)

    [line] = service.lines.of(answer.request_id)
    assert (line["emotion"], line["emotion_intensity"]) == ("happy", 0.5)


def test_it_lists_models(client: Any) -> None:
    """The engine and the names that it knows, each to be asked for."""
    names = [model.id for model in client.models.list()]

    assert names == ["espeak", "tts-1", "tts-1-hd", "gpt-4o-mini-tts"]
    assert client.models.retrieve("espeak").owned_by == "voxmeter"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("whisper-1")


def test_it_reads_events(make_api: Any) -> None:
    """Its own decoder of server-sent events takes ours."""

    async def listened(client: openai.AsyncOpenAI) -> list[str]:
        stream: Any = await client.post(
            "/audio/speech",
            body={"input": "hello", "response_format": "mp3", "stream_format": "sse"},
            cast_to=dict,
            stream=True,
            stream_cls=openai.AsyncStream[Any],
        )
        return [event["type"] async for event in stream]

    assert use(make_api(), listened)[-1] == "speech.audio.done"


@pytest.mark.parametrize("code", ERRORS)
def test_each_error_is_the_class_that_its_users_catch(make_api: Any, code: str) -> None:
    """With code, type and field as attributes."""
    kind = ERRORS[code]
    api = make_api(ScriptedEngine(info("plain"), script=(RequestFailed(code, "So it is.", "voice"),)))

    with pytest.raises(CLASSES.get(kind.http_status, openai.APIStatusError)) as failed:
        use(api, speak, max_retries=0)

    error = failed.value
    assert (error.status_code, error.code, error.param) == (kind.http_status, code, "voice")
    assert error.type == ("invalid_request_error" if kind.fault == "client" else "server_error")
    assert error.body == {
        "code": code,
        "message": "So it is.",
        "type": error.type,
        "param": "voice",
        "retryable": kind.retryable,
    }


@pytest.mark.parametrize(("code", "tries"), [("ENGINE_CRASH", 2), ("INTERNAL", 1), ("INVALID_PARAM", 1)])
def test_it_tries_again_where_that_may_help(make_api: Any, code: str, tries: int) -> None:
    """A crash of an engine, and not a bug of ours: it does as we say."""
    engine = ScriptedEngine(info("plain"), script=(RequestFailed(code, "So it is."),))

    with pytest.raises(openai.APIStatusError):
        use(make_api(engine), speak, max_retries=1)

    assert len(engine.orders) == tries


def test_the_example_of_the_page_works(service: Any, tmp_path: Path) -> None:
    """The Python of docs/api.md, run as it stands there."""
    [example] = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)

    code = example.replace("http://127.0.0.1:7860", service.url)
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=120)

    assert {path.name: soundfile.info(path).duration > 0.5 for path in tmp_path.iterdir()} == {
        "hello.mp3": True,
        "stream.wav": True,
    }
    assert io.BytesIO((tmp_path / "stream.wav").read_bytes()).read(4) == b"RIFF"
