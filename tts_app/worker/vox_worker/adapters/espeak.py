"""The embedded voice, eSpeak NG: five languages, thirteen speakers, eight emotions as prosody. Robotic, small and fast."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from ..adapter import Order, Report, SynthesisFailed, Unavailable
from ..espeak.library import Espeak
from ..espeak.prosody import applied_vector, prosody
from ..espeak.reading import Readers
from ..espeak.voices import LANGUAGES, SPEAKERS

MODEL = "espeak-ng"
INSTALL = "pip install 'voxmeter[app]'"


def missing(options: dict[str, Any]) -> list[tuple[str, str]]:
    """See `adapter`."""
    return [(f"{name} is not installed", INSTALL) for name in ("espeakng_loader", "janome") if find_spec(name) is None]


class Engine:
    """See `adapter.Adapter`; it has no options."""

    def __init__(self, options: dict[str, Any]) -> None:
        for what, hint in missing(options):
            raise Unavailable(what, hint)
        import espeakng_loader

        self._library = Espeak(espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
        self._readers = Readers()

    def info(self) -> dict[str, Any]:
        """See `adapter.Adapter`."""
        return {
            "engine_version": self._library.version,
            "model": MODEL,
            "device": "cpu",
            "sample_rate_hz": self._library.sample_rate_hz,
            "languages": list(LANGUAGES),
            "speakers": [{"id": code, "label": label} for code, label in SPEAKERS.items()],
            "emotion_modes": ["preset", "vector"],
            "streams": True,
            "speed": True,
            "clones": False,
        }

    def speak(self, order: Order, report: Report) -> Iterator[bytes]:
        """See `adapter.Adapter`."""
        voice = LANGUAGES.get(order.language)
        if voice is None:
            raise SynthesisFailed("UNSUPPORTED_LANGUAGE", "validate")
        speaker = order.speaker or next(iter(SPEAKERS))
        # The library speaks with the plain voice where it doesn't know the variant.
        if speaker not in SPEAKERS:
            raise SynthesisFailed("INVALID_SPEAKER", "validate")
        with report.stage("frontend"):
            text, marked_up = self._readers.read(order.text, order.language)
        applied = applied_vector(order.emotion.vector, order.emotion.intensity)
        if order.emotion.mode != "none":
            report.note(emotion_vector=applied, emotion_applied=True)
        with report.stage("synth"):
            yield from self._library.speak(
                text,
                f"{voice}+{speaker}",
                prosody(applied, order.speed),
                report.cancelled,
                marked_up=marked_up,
            )
