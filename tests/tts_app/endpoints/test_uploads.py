"""Bodies with audio: read in memory, bounded, and without the names that came with them."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from tts_app.endpoints.bodies import SpeechBody, Uploads
from tts_app.endpoints.uploads import read_body
from tts_app.errors import RequestFailed

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt "


def read(body: bytes, content_type: str, max_upload_bytes: int = 1000) -> tuple[SpeechBody, Uploads]:
    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", content_type.encode("latin-1"))]}
    return asyncio.run(read_body(Request(scope, receive), SpeechBody, max_upload_bytes))


def form(files: dict[str, Any] | None = None, **fields: str) -> tuple[bytes, str]:
    """As a client would send it."""
    request = httpx2.Request("POST", "http://x", data=fields, files=files or {"unused": b""})
    return request.read(), request.headers["content-type"]


def code_of(body: bytes, content_type: str, max_upload_bytes: int = 1000) -> str:
    with pytest.raises(RequestFailed) as failed:
        read(body, content_type, max_upload_bytes)
    assert "xyzzy" not in str(failed.value)
    return failed.value.code


def test_a_form_brings_fields_and_audio() -> None:
    """Both uploads, as bytes; their names are not looked at."""
    body, kind = form(
        {"reference_audio": ("../../etc/passwd", WAV), "emotion_audio": ("x\x00y", b"OggS..")}, input="hi", speed="2"
    )

    assert read(body, kind) == (
        SpeechBody(input="hi", speed=2.0),
        Uploads(reference_audio=WAV, emotion_audio=b"OggS.."),
    )


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", "application/x+json"])
def test_json_brings_fields_alone(kind: str) -> None:
    """By its content type."""
    assert read(b'{"input": "hi"}', kind) == (SpeechBody(input="hi"), Uploads())


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "audio/wav"])
def test_other_types_are_refused(kind: str) -> None:
    """Also where JSON is inside: a page of another site could send it so."""
    assert code_of(b'{"input": "hi"}', kind) == "INVALID_PARAM"


@pytest.mark.parametrize(
    "audio", [b"", b"PK\x03\x04" + bytes(50), b"xyzzy", b"%PDF-1.7", b"\x1f\x8b\x08", WAV + bytes(1000)]
)
def test_what_is_no_audio_is_refused(audio: bytes) -> None:
    """Archives, documents, nothing at all, and what is too long."""
    body, kind = form({"reference_audio": ("a.wav", audio)}, input="hi")

    assert code_of(body, kind) == "REF_AUDIO_INVALID"


@pytest.mark.parametrize("value", ["/etc/passwd", "RIFF"])
def test_audio_as_a_field_is_refused(value: str) -> None:
    """A path in it, for example: nothing from a client leads to a file."""
    body, kind = form(None, reference_audio=value)

    assert code_of(body, kind) == "REF_AUDIO_INVALID"


PART = b'--x\r\nContent-Disposition: form-data; name="input"\r\n\r\nhi\r\n'


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"xyzzy", "multipart/form-data"),
        (b"xyzzy", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data; boundary=x"),
        (PART, "multipart/form-data; boundary=x"),
        (PART.replace(b"; name", b"; xyzzy") + b"--x--", "multipart/form-data; boundary=x"),
        (PART.replace(b"input", b"\xff") + b"--x--", "multipart/form-data; boundary=x"),
        (PART * 50 + b"--x--", "multipart/form-data; boundary=x"),
        (PART + b"--x--", "multipart/form-data; boundary=" + "x" * 500),
    ],
    ids=["no boundary", "no part", "empty", "cut off", "no name", "no text", "many parts", "long boundary"],
)
def test_a_broken_form_is_refused(body: bytes, kind: str) -> None:
    """One code for whatever is wrong with it."""
    assert code_of(body, kind) == "INVALID_PARAM"


def test_a_form_of_one_field_is_enough() -> None:
    """Case and quotes don't matter; text that is no UTF-8 gets question marks."""
    body = PART.replace(b"Content-Disposition", b"CONTENT-disposition").replace(b"hi", b"h\xff")

    assert read(body + b"--x--\r\n", 'multipart/form-data; boundary="x"')[0] == SpeechBody(input="h\ufffd")


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_no_mutilated_form_gives_more_than_a_refusal(data: st.DataObject) -> None:
    """Bytes cut out of a good form, or put into it: fields, or a code."""
    body, kind = form({"reference_audio": ("a.wav", WAV)}, input="hi")
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, len(body)))
    broken = body[:start] + data.draw(st.binary(max_size=8)) + body[end:]

    try:
        read(broken, kind)
    except RequestFailed as exc:
        assert exc.code in ("INVALID_PARAM", "REF_AUDIO_INVALID")  # noqa: PT017 - it needn't fail
