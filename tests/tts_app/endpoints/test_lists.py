"""Engines as OpenAI's clients list models, and their voices."""

from __future__ import annotations

from typing import Any

import pytest

from tts_app.endpoints.lists import OPENAI_MODELS

from .conftest import ScriptedEngine, info


@pytest.fixture
def api(make_api: Any) -> Any:
    unloaded = ScriptedEngine(None, "later")
    return make_api(ScriptedEngine(info("plain")), ScriptedEngine(info("clone", speakers=(), clones=True)), unloaded)


def test_models_are_engines_and_openai_s_names(api: Any) -> None:
    """Each with what an OpenAI client expects; one that isn't loaded has no more than that."""
    answer = api.ask("GET", "/v1/models").json()

    models = {entry["id"]: entry for entry in answer["data"]}
    assert answer["object"] == "list"
    assert list(models) == ["plain", "clone", "later", *OPENAI_MODELS]
    assert models["plain"] == {
        "id": "plain",
        "object": "model",
        "created": models["plain"]["created"],
        "owned_by": "voxmeter",
        "root": "plain",
        "default": True,
        "ready": True,
        "engine": "http",
        "model": "scripted",
        "model_version": None,
        "languages": ["en", "zh"],
        "emotion_modes": ["preset", "vector"],
        "sample_rate_hz": 24000,
        "max_chars": None,
        "streams": True,
        "speed": False,
        "reference_audio": False,
    }
    assert (models["tts-1"]["root"], models["tts-1"]["default"], models["clone"]["reference_audio"]) == (
        "plain",
        False,
        True,
    )
    assert (models["later"]["ready"], "languages" in models["later"]) == (False, False)


def test_one_model_can_be_asked_for(api: Any) -> None:
    """By any of its names; an unknown one is 404."""
    known = api.ask("GET", "/v1/models/tts-1")
    unknown = api.ask("GET", "/v1/models/xyzzy")

    assert (known.status_code, known.json()["id"]) == (200, "tts-1")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["anna", "bo"]),
        ("?engine=plain", ["anna", "bo"]),
        ("?engine=clone", []),
        ("?engine=later", []),
        ("?language=zh", ["bo"]),
        ("?language=en&engine=plain", ["anna", "bo"]),
        ("?language=tlh", []),
    ],
)
def test_voices_are_chosen_by_engine_and_language(api: Any, query: str, ids: list[str]) -> None:
    """A voice without a language of its own speaks all of its engine's."""
    assert [voice["id"] for voice in api.ask("GET", f"/v1/audio/voices{query}").json()["voices"]] == ids


def test_a_voice_says_what_it_is(api: Any) -> None:
    """Id, name, engine, languages; an unknown engine is 404 with the field."""
    voices = api.ask("GET", "/v1/audio/voices").json()["voices"]
    unknown = api.ask("GET", "/v1/audio/voices?engine=xyzzy")

    assert voices == [
        {"id": "anna", "name": "Anna", "engine": "plain", "languages": ["en"]},
        {"id": "bo", "name": "Bo", "engine": "plain", "languages": ["en", "zh"]},
    ]
    assert (unknown.status_code, unknown.json()["error"]["param"]) == (404, "engine")
