"""Fields of a request: their types, from JSON and from a form, and what is said where they are wrong."""

from __future__ import annotations

import json

import pytest

from tts_app.endpoints.bodies import GenerateBody, SpeechBody, body_of, fields_of_json, schema_of
from tts_app.errors import RequestFailed


def test_fields_are_read_from_json_and_from_a_form_alike() -> None:
    """A form has nothing but text."""
    json_fields = {"input": "hi", "speed": 1.5, "stream": True, "seed": 7, "emotion_vector": [0, 0.5, 1]}
    json_fields |= {"params": {"top_k": 30, "top_p": 0.8, "use_random": True}}
    form_fields = {"input": "hi", "speed": "1.5", "stream": "true", "seed": "7", "emotion_vector": "[0, 0.5,1]"}
    form_fields |= {"params": '{"top_k": 30, "top_p": 0.8, "use_random": true}'}

    assert body_of(SpeechBody, json_fields) == body_of(SpeechBody, form_fields)
    assert body_of(SpeechBody, form_fields).emotion_vector == [0.0, 0.5, 1.0]


def test_unknown_fields_are_no_matter() -> None:
    """OpenAI adds some from time to time."""
    assert body_of(GenerateBody, {"text": "hi", "brand_new": {}}) == GenerateBody(text="hi")


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"speed": "fast"}, "speed"),
        ({"input": 12}, "input"),
        ({"seed": -1}, "seed"),
        ({"params": "{"}, "params"),
        ({"params": "[" * 100_000}, "params"),
        ({"params": {"top_p": [1]}}, "params"),
        ({"stream_format": "xyzzy"}, "stream_format"),
        ({"emotion_vector": "xyzzy"}, "emotion_vector"),
        ({"emotion_vector": ["xyzzy"]}, "emotion_vector"),
        ([], None),
        ("xyzzy", None),
        (None, None),
    ],
)
def test_a_wrong_type_names_its_field_and_not_its_value(fields: object, param: str | None) -> None:
    """INVALID_PARAM, and not a word of what was sent."""
    with pytest.raises(RequestFailed) as failed:
        body_of(SpeechBody, fields)

    assert (failed.value.code, failed.value.param) == ("INVALID_PARAM", param)
    assert "xyzzy" not in str(failed.value)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000, b"9" * 10_000, b"\x00", b"{'a': 1}"]
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    """Broken, too deep, too long a number: one code, and no 500."""
    with pytest.raises(RequestFailed) as failed:
        fields_of_json(body)

    assert failed.value.code == "INVALID_PARAM"


def test_the_schema_has_a_form_with_audio() -> None:
    """JSON without, a form with both uploads."""
    content = schema_of(SpeechBody)["requestBody"]["content"]

    plain, form = (set(content[kind]["schema"]["properties"]) for kind in ("application/json", "multipart/form-data"))
    assert form - plain == {"reference_audio", "emotion_audio"}
    assert plain == set(SpeechBody.model_fields)
    assert json.dumps(content)
