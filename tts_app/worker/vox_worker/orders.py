"""A frame of the service as an order."""

from __future__ import annotations

from typing import Any

from .adapter import NO_EMOTION, Emotion, Order
from .references import References


def order_of(header: dict[str, Any], payload: bytes, references: References) -> Order:
    """The order in a frame, its uploads decoded into files.

    Raises:
        SynthesisFailed: REF_AUDIO_INVALID.
    """
    paths, start = {}, 0
    for part in header.get("parts") or []:
        end = start + int(part["bytes"])
        paths[part["name"]] = references.take(payload[start:end])
        start = end
    emotion = header.get("emotion") or {}
    return Order(
        text=header["text"],
        language=header.get("language") or "und",
        speaker=header.get("speaker"),
        emotion=Emotion(
            mode=emotion.get("mode", "none"),
            label=emotion.get("label", "neutral"),
            vector=tuple(emotion.get("vector") or NO_EMOTION),
            intensity=emotion.get("intensity", 0.0),
            text=emotion.get("text"),
        ),
        speed=header.get("speed", 1.0),
        seed=header.get("seed"),
        params=header.get("params") or {},
        reference=paths.get("reference"),
        reference_text=header.get("reference_text"),
        emotion_reference=paths.get("emotion"),
        stream=bool(header.get("stream")),
    )
