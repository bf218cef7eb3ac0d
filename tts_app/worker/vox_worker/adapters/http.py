"""Any speech server that is asked over HTTP: OpenAI's `/v1/audio/speech`, `/generate`, index-tts-vllm's `/tts_url`, or another.

What is sent is a map: `fields` names for each field of the server one of our values, `fixed` what is the same each time.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any

from ..adapter import Emotion, Order, Report, SynthesisFailed, Unavailable
from ..remote import Remote, json_of, pieces, secret
from ..settings import Settings
from ..sounds import pcm_pieces
from ..warming import Nobody

VALUES = (
    "text",
    "language",
    "speaker",
    "speed",
    "seed",
    "stream",
    "emotion",
    "emotion_mode",
    "emotion_vector",
    "emotion_intensity",
    "emotion_text",
    "reference_text",
)

# What the best known servers want, by the end of the path.
_OPENAI = {"input": "text", "voice": "speaker", "speed": "speed"}
_PLAIN = {"text": "text", "speaker": "speaker", "speed": "speed"}
_INDEX_TTS_VLLM = {
    "text": "text",
    "spk_audio_path": "speaker",
    "emo_control_method": "emotion_method",
    "emo_weight": "emotion_intensity",
    "emo_vec": "emotion_vector",
    "emo_text": "emotion_text",
}
PRESETS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "/audio/speech": (_OPENAI, {"model": "tts-1", "response_format": "wav"}),
    "/generate": (_PLAIN, {}),
    "/tts_url": (_INDEX_TTS_VLLM, {}),
}
METHODS = {"none": 0, "audio": 1, "preset": 2, "vector": 2, "text": 3}
BARE_RATE_HZ = 24_000
Sounds = Generator[tuple[int | None, bytes], None, None]

TRIAL = {"zh": "你好。", "en": "Hello."}


class Options:
    """The table of the configuration."""

    def __init__(self, options: dict[str, Any]) -> None:
        found = Settings(options)
        url = found.text("url")
        if url is None:
            raise Unavailable("option url is missing", 'url = "http://HOST:PORT/v1/audio/speech"')
        self.remote = Remote(
            url,
            key=secret(found.text("key")),
            connect_seconds=found.number("connect_seconds", 5.0, 0.1, 60.0),
            read_seconds=found.number("read_seconds", 60.0, 0.1, 600.0),
            ca_file=found.text("ca_file"),
        )
        fields, fixed = next((preset for end, preset in PRESETS.items() if self.remote.path.endswith(end)), ({}, {}))
        asked = found.table("fields")
        self.fields = fields if asked is None else asked
        self.fixed = {**fixed, **(found.table("fixed") or {})}
        self.speakers = found.table("speakers")
        self.languages = tuple(found.table("languages") or {"zh": "", "en": ""})
        self.rate_hz = int(found.number("sample_rate_hz", 0, 0, 192_000)) or None
        self.model = found.text("model")
        self.streams = found.flag("streams", True)
        found.done()
        if unknown := sorted(set(self.fields.values()) - {*VALUES, "emotion_method"}):
            raise Unavailable(f"fields has no value called {unknown[0]}", f"one of {', '.join(VALUES)}")
        if "text" not in self.fields.values():
            raise Unavailable("no field gets the text", 'fields = { input = "text" }')


def missing(options: dict[str, Any]) -> list[tuple[str, str]]:
    """Whether somebody answers at the address."""
    try:
        Options(options).remote.reach()
    except SynthesisFailed:
        return [("the server at url", "is it running, and may this machine connect to it?")]
    return []


class Engine:
    """A server, reached; see `adapter.Adapter`."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = Options(options)
        try:
            self._options.remote.reach()
            told = self._options.speakers if self._options.speakers is not None else self._voices_told()
            # A server that lists no voice still has one.
            self._speakers = told or {"default": None}
            self._rate_hz = self._options.rate_hz or self._rate_tried()
        except SynthesisFailed as exc:
            hint = "sample_rate_hz names the rate where the server can't be tried at the start"
            raise Unavailable(f"the server at url doesn't speak: {exc.code}", hint) from exc

    def info(self) -> dict[str, Any]:
        """See `adapter.Adapter`."""
        sent = set(self._options.fields.values())
        modes = ["preset", "vector"] if sent & {"emotion", "emotion_vector"} else []
        return {
            "engine_version": None,
            "model": self._options.model or str(self._options.fixed.get("model") or "") or None,
            "model_version": None,
            "vocoder": None,
            "precision": None,
            "device": None,
            "gpu_index": None,
            "sample_rate_hz": self._rate_hz,
            "languages": list(self._options.languages),
            "speakers": [{"id": name, "label": name, "language": None} for name in self._speakers],
            "emotion_modes": [*modes, "text"] if "emotion_text" in sent else modes,
            "streams": bool(self._options.streams),
            "speed": "speed" in sent,
            "clones": False,
            "max_chars": None,
        }

    def warm_up(self) -> None:
        """Nothing: a server warms itself up, and a request to it may cost money."""

    def speak(self, order: Order, report: Report) -> Iterator[bytes]:
        """See `adapter.Adapter`."""
        if order.reference is not None:
            raise SynthesisFailed("REF_AUDIO_INVALID", "validate")
        body = self._body(order)
        if order.emotion.mode != "none":
            applied = order.emotion.mode in self.info()["emotion_modes"]
            report.note(emotion_applied=applied)
            if not applied:
                report.warn("emotion_ignored")
        with closing(self._answered(body, report)) as answered:
            for rate, pcm in answered:
                if rate != self._rate_hz:
                    raise SynthesisFailed("BAD_OUTPUT")
                yield pcm

    def _answered(self, body: dict[str, Any], report: Report) -> Sounds:
        remote = self._options.remote
        with report.stage("remote"), remote.ask("POST", remote.path, body) as answer:
            kind = answer.headers.get("Content-Type", "")
            if kind.split(";")[0].strip().lower() != "application/json":
                yield from pcm_pieces(kind, pieces(answer), self._options.rate_hz or BARE_RATE_HZ)
                return
            told = json_of(answer)
        yield from self._linked(told if isinstance(told, dict) else {}, report)

    def _linked(self, told: dict[str, Any], report: Report) -> Sounds:
        """The sound of an answer that is JSON: `audio` holds it in base64, or `audio_url` says where it lies."""
        bare_rate_hz = self._options.rate_hz or BARE_RATE_HZ
        if isinstance(told.get("audio"), str):
            try:
                data = base64.b64decode(told["audio"], validate=True)
            except binascii.Error as exc:
                raise SynthesisFailed("BAD_OUTPUT") from exc
            yield from pcm_pieces("", iter([data]), bare_rate_hz)
        elif isinstance(told.get("audio_url"), str):
            with report.stage("remote"), self._options.remote.ask("GET", told["audio_url"]) as answer:
                yield from pcm_pieces(answer.headers.get("Content-Type", ""), pieces(answer), bare_rate_hz)
        else:
            raise SynthesisFailed("BAD_OUTPUT")

    def _body(self, order: Order) -> dict[str, Any]:
        values = {
            **_emotion_values(order.emotion),
            "text": order.text,
            "language": order.language,
            "speed": order.speed,
        }
        values |= {"seed": order.seed, "stream": order.stream, "reference_text": order.reference_text}
        values["speaker"] = self._speaker(order.speaker)
        mapped = {field: values.get(value) for field, value in self._options.fields.items()}
        return {**self._options.fixed, **{field: value for field, value in mapped.items() if value is not None}}

    def _speaker(self, name: str | None) -> Any:
        """What the server calls a speaker of ours."""
        if name is None:
            return next(iter(self._speakers.values()), None)
        if name not in self._speakers:
            raise SynthesisFailed("INVALID_SPEAKER", "validate")
        return self._speakers[name]

    def _voices_told(self) -> dict[str, Any]:
        """The voices that the server itself lists beside OpenAI's path; none where it lists none."""
        path = self._options.remote.path
        if not path.endswith("/audio/speech"):
            return {}
        try:
            told = self._options.remote.json("GET", path.removesuffix("/speech") + "/voices")
        except SynthesisFailed:
            return {}
        listed = told.get("voices") if isinstance(told, dict) else told
        names = [one.get("id") if isinstance(one, dict) else one for one in listed] if isinstance(listed, list) else []
        return {name: name for name in names if isinstance(name, str)}

    def _rate_tried(self) -> int:
        """The rate of a word that is spoken for that alone: every later answer must have the same."""
        language = self._options.languages[0]
        body = self._body(Order(text=TRIAL.get(language, TRIAL["en"]), language=language))
        with closing(self._answered(body, Nobody())) as answered:
            rate = next(answered, (None, b""))[0]
        if rate is None:
            raise SynthesisFailed("BAD_OUTPUT")
        return rate


def _emotion_values(emotion: Emotion) -> dict[str, Any]:
    if emotion.mode == "none":
        return {"emotion_method": METHODS["none"]}
    return {
        "emotion": emotion.label,
        "emotion_mode": emotion.mode,
        "emotion_method": METHODS[emotion.mode],
        "emotion_vector": list(emotion.vector) if emotion.mode in ("preset", "vector") else None,
        "emotion_intensity": emotion.intensity,
        "emotion_text": emotion.text,
    }
