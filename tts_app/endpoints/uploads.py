"""The body of a speaking route, JSON or a form with audio in it. All of it stays in memory: no name reaches a disk."""

from __future__ import annotations

from starlette.requests import Request

from tts_app.endpoints.bodies import Body, Uploads, body_of, fields_of_json
from tts_app.endpoints.forms import Part, parts_of
from tts_app.errors import RequestFailed

AUDIO = ("reference_audio", "emotion_audio")
# How the files of the usual kinds of audio begin, after so many bytes. What is in them, the worker finds out.
BEGINNINGS = (
    (0, b"RIFF"),
    (0, b"RF64"),
    (0, b"FORM"),
    (0, b"fLaC"),
    (0, b"OggS"),
    (0, b"ID3"),
    (0, b"\xff\xfb"),
    (0, b"\xff\xf3"),
    (0, b"\xff\xf2"),
    (0, b"\xff\xfa"),
    (4, b"ftyp"),
    (0, b"\x1a\x45\xdf\xa3"),
)


async def read_body(request: Request, kind: type[Body], max_upload_bytes: int) -> tuple[Body, Uploads]:
    """Fields and audio of `request`.

    Args:
        request: its body is bounded already.
        kind: which fields there are.
        max_upload_bytes: the longest audio.

    Raises:
        RequestFailed: INVALID_PARAM or REF_AUDIO_INVALID.
    """
    content_type = request.headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "multipart/form-data":
        return _of_form(parts_of(await request.body(), content_type), kind, max_upload_bytes)
    if media_type == "application/json" or media_type.endswith("+json"):
        return body_of(kind, fields_of_json(await request.body())), Uploads()
    raise RequestFailed("INVALID_PARAM", "Content-Type must be application/json or multipart/form-data.")


def _of_form(parts: list[Part], kind: type[Body], max_upload_bytes: int) -> tuple[Body, Uploads]:
    fields = {part.name: part.data.decode("utf-8", "replace") for part in parts if part.name not in AUDIO}
    audio = {part.name: _audio(part, max_upload_bytes) for part in parts if part.name in AUDIO}
    return body_of(kind, fields), Uploads(**audio)


def _audio(part: Part, max_upload_bytes: int) -> bytes:
    if not part.is_file:
        raise RequestFailed("REF_AUDIO_INVALID", f"{part.name} must be sent as a file.", part.name)
    if len(part.data) > max_upload_bytes:
        raise RequestFailed("REF_AUDIO_INVALID", f"{part.name} is above {max_upload_bytes} bytes.", part.name)
    if not any(part.data[at : at + len(magic)] == magic for at, magic in BEGINNINGS):
        raise RequestFailed("REF_AUDIO_INVALID", f"{part.name} is no audio file of a known kind.", part.name)
    return bytes(part.data)
