"""What a speaking route takes: its fields with their types, and the audio that came with them. Values are checked later.

A field that a form sends is text, so each type is read from text as well.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, Field, ValidationError, field_validator

from tts_app.errors import RequestFailed


class VoiceBody(BaseModel):
    """What both routes take: how it shall sound. Null is the default."""

    engine: str | None = Field(default=None, description="one of GET /v1/models; default: the first")
    language: str | None = Field(default=None, description="BCP 47 code, or auto")
    speed: float | None = None
    emotion: str | None = None
    emotion_intensity: float | None = Field(default=None, description="0 to 1")
    emotion_vector: list[float] | None = Field(default=None, description="eight weights; goes before emotion")
    emotion_text: str | None = Field(default=None, description="the mood in words, where the engine understands them")
    reference_text: str | None = Field(
        default=None, description="what is said in reference_audio, where the engine wants it"
    )
    seed: int | None = Field(default=None, ge=0, lt=2**32)
    params: dict[str, bool | int | float] | None = Field(default=None, description="the engine's own, by name")
    inline_tags: bool | None = Field(default=None, description="false: [emotion=happy] in the text is text")

    @field_validator("params", mode="before")
    @classmethod
    def _of_json(cls, value: object) -> object:
        """A form sends `{"top_p": 0.8}` as text."""
        try:
            return json.loads(value) if isinstance(value, str) else value
        except RecursionError:
            raise ValueError("nested too deeply") from None

    @field_validator("emotion_vector", mode="before")
    @classmethod
    def _of_text(cls, value: object) -> object:
        """A form sends `[0.5, 0, …]` or `0.5, 0, …`."""
        return value.strip().strip("[]").split(",") if isinstance(value, str) else value


class SpeechBody(VoiceBody):
    """OpenAI's fields, and ours."""

    input: str | None = None
    model: str | None = Field(
        default=None, description="an engine's name; tts-1 and OpenAI's other models: the default engine"
    )
    voice: str | None = None
    instructions: str | None = Field(default=None, description="as emotion_text, where the engine understands words")
    response_format: str | None = None
    stream: bool | None = Field(default=None, description="true: the audio as it is made")
    stream_format: Literal["audio", "sse"] | None = None

    @field_validator("voice", mode="before")
    @classmethod
    def _of_object(cls, value: object) -> object:
        """OpenAI's clients may name a voice as `{"id": …}`."""
        return value["id"] if isinstance(value, dict) and list(value) == ["id"] else value

    @property
    def streamed(self) -> bool:
        """Whether the client wants the audio as it is made."""
        return bool(self.stream) or self.stream_format is not None


class GenerateBody(VoiceBody):
    """The fields that existing clients of /generate send, and ours."""

    text: str | None = None
    speaker: str | None = None
    format: str | None = None


Body = TypeVar("Body", bound=VoiceBody)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploads:
    """Audio that came with a request, as it came: undecoded, and without the names that the client gave it."""

    reference_audio: bytes | None = None
    emotion_audio: bytes | None = None


def body_of(kind: type[Body], fields: object) -> Body:
    """The fields as `kind`.

    Raises:
        RequestFailed: INVALID_PARAM in pydantic's words, without the value that it complains about.
    """
    if not isinstance(fields, dict):
        raise RequestFailed("INVALID_PARAM", "The body must be a JSON object.")
    try:
        return kind.model_validate(fields)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        field = str(first["loc"][0]) if first["loc"] else None
        raise RequestFailed("INVALID_PARAM", f"{field}: {first['msg']}.", field) from None


def fields_of_json(body: bytes) -> object:
    """What the JSON says.

    Raises:
        RequestFailed: INVALID_PARAM, it is none, or nested too deeply.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise RequestFailed("INVALID_PARAM", "The body must be a JSON object.") from None


def schema_of(kind: type[VoiceBody]) -> dict[str, Any]:
    """The request body of a route for OpenAPI: JSON, or a form with audio."""
    fields = kind.model_json_schema()
    audio = {name: {"type": "string", "format": "binary"} for name in ("reference_audio", "emotion_audio")}
    form = {**fields, "properties": {**fields["properties"], **audio}}
    content = {"application/json": {"schema": fields}, "multipart/form-data": {"schema": form}}
    return {"requestBody": {"required": True, "content": content}}
