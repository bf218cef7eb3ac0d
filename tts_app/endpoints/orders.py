"""From what a client sent to an order: which field goes before which, and what the text itself asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tts_app.endpoints.bodies import GenerateBody, SpeechBody, Uploads, VoiceBody
from tts_app.endpoints.parts import Parts
from tts_app.engines.info import EngineStatus
from tts_app.requestlog import RequestLine
from tts_app.synthesis import Order
from tts_app.tags import emotion_named, read_tags


def speech_order(body: SpeechBody, uploads: Uploads, parts: Parts, line: RequestLine) -> Order:
    """The order of a request to /v1/audio/speech; what it asks for in vain is noted in `line`."""
    order = Order(
        text=body.input or "",
        model=body.model,
        speaker=body.voice or None,
        audio_format=body.response_format or "mp3",
        **_voice(body, uploads),
    )
    order = _obeying_tags(order, body, parts, line)
    if not body.instructions:
        return order
    if _names_no_emotion(order) and "text" in _emotion_modes(parts.service.engines(), order):
        return replace(order, emotion_text=body.instructions)
    line.warn("instructions_ignored")
    return order


def generate_order(body: GenerateBody, uploads: Uploads, parts: Parts, line: RequestLine) -> Order:
    """The order of a request to /generate."""
    order = Order(
        text=body.text or "",
        speaker=body.speaker or None,
        audio_format=body.format or "wav",
        **_voice(body, uploads),
    )
    return _obeying_tags(order, body, parts, line)


def with_tags(order: Order, line: RequestLine) -> Order:
    """`order` without the tags in its text; what they ask for goes before its own emotion.

    A tag that can't be obeyed is a warning in `line`.
    """
    tagged = read_tags(order.text)
    if tagged.ignored:
        line.warn("emotion_ignored")
    order = replace(order, text=tagged.text)
    if tagged.emotion is not None:
        order = replace(order, emotion=tagged.emotion, emotion_vector=None, emotion_text=None, emotion_audio=None)
    return order if tagged.intensity is None else replace(order, emotion_intensity=tagged.intensity)


def _obeying_tags(order: Order, body: VoiceBody, parts: Parts, line: RequestLine) -> Order:
    return with_tags(order, line) if parts.inline_tags and body.inline_tags is not False else order


def _voice(body: VoiceBody, uploads: Uploads) -> dict[str, Any]:
    """The fields of both routes."""
    return {
        "engine": body.engine or None,
        "language": body.language or "auto",
        "speed": 1.0 if body.speed is None else body.speed,
        "seed": body.seed,
        "params": body.params or {},
        "reference_audio": uploads.reference_audio,
        "reference_text": body.reference_text,
        "emotion": emotion_named(body.emotion or "neutral"),
        "emotion_vector": None if body.emotion_vector is None else tuple(body.emotion_vector),
        "emotion_text": body.emotion_text or None,
        "emotion_audio": uploads.emotion_audio,
        "emotion_intensity": 1.0 if body.emotion_intensity is None else body.emotion_intensity,
    }


def _names_no_emotion(order: Order) -> bool:
    others = (order.emotion_vector, order.emotion_text, order.emotion_audio)
    return order.emotion == "neutral" and all(other is None for other in others)


def _emotion_modes(engines: list[EngineStatus], order: Order) -> tuple[str, ...]:
    """How the engine that will speak takes emotions; nothing of one that isn't loaded."""
    named = (order.engine or order.model or "").strip().lower()
    default = next(engine for engine in engines if engine.default)
    engine = next((engine for engine in engines if engine.name.lower() == named), default)
    return engine.info.emotion_modes if engine.info is not None else ()
