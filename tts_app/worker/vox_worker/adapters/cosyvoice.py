"""CosyVoice 300M (SFT, Instruct, base), 2 and 3 (github.com/FunAudioLLM/CosyVoice), out of its own virtual environment.

Facts, at CosyVoice ace7c47: every call is a generator of {"tts_speech": float tensor [1, N] in about -1..1}. A generator that is
left in the middle keeps its thread and its tables for ever, so each is drained, and a text goes in sentence by sentence
to keep that short. `speed` works only without `stream`. Its loggers write the text. A folder that isn't there is downloaded from
ModelScope. It has no argument for a device: it takes the GPU it sees.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from .. import checkpoints
from ..adapter import Order, Report, SynthesisFailed, Unavailable
from ..cosyvoice import TRAININGS, flavour_of, instruction, plain, prompt_of, speaker_language, tagged
from ..cuda import hide_others, settle
from ..offline import stay_offline
from ..samples import from_unit
from ..seeds import Seeds
from ..settings import Settings
from ..taps import time_as
from ..voices import saved_voices
from ..warming import Nobody, buzz

MATCHA = "third_party/Matcha-TTS"
MIN_SPEED, MAX_SPEED = 0.5, 2.0


class Options:
    """The table of the configuration."""

    def __init__(self, options: dict[str, Any]) -> None:
        found = Settings(options)
        self.model_dir = found.folder("model_dir")
        self.repo = found.folder("repo")
        self.device = found.text("device")
        version = found.choice("version", tuple(checkpoints.COSYVOICE_FILES), None)
        training = found.choice("training", TRAININGS, None)
        self.flavour = flavour_of(version or checkpoints.cosyvoice_version(self.model_dir), training, self.model_dir)
        self.precision = found.choice("precision", ("fp32", "fp16"), "fp32")
        self.switches = {f"load_{name}": bool(found.flag(name)) for name in ("jit", "trt", "vllm")}
        self.voices = found.folder("voices")
        found.done()


def missing(options: dict[str, Any]) -> list[tuple[str, str]]:
    """What is not there and how to get it: packages of this Python, files of the checkpoint."""
    wanted = Options(options)
    with checkpoints.importable(wanted.repo, MATCHA):
        hint = "a clone of CosyVoice with --recursive, its requirements.txt installed; then python, and repo = CLONE (docs/engines.md)"
        lacking = checkpoints.packages(checkpoints.COSYVOICE_PACKAGES, hint)
    return lacking + checkpoints.files(wanted.model_dir, wanted.flavour.files, wanted.flavour.get)


class Engine:
    """One loaded CosyVoice; see `adapter.Adapter`."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = wanted = Options(options)
        if lacking := missing(options):
            raise Unavailable(*lacking[0])
        self._flavour = wanted.flavour
        self._voices = saved_voices(wanted.voices) if wanted.flavour.clones else {}
        choice = hide_others(wanted.device)
        checkpoints.add_to_path(wanted.repo, MATCHA)
        stay_offline()
        self._torch: Any = importlib.import_module("torch")
        self._choice = settle(choice, self._torch)
        half = wanted.precision == "fp16" and self._choice.device != "cpu"
        switches = {name: True for name, on in wanted.switches.items() if on}
        auto_model = importlib.import_module("cosyvoice.cli.cosyvoice").AutoModel
        self._model = auto_model(model_dir=str(wanted.model_dir), fp16=half, **switches)
        self._precision = "fp16" if half else "fp32"
        self._built_in: list[str] = list(self._model.list_available_spks())
        self._report: Report = Nobody()
        self._kept_reference: str | None = None
        self._speaking: str | None = None
        self._seeds = Seeds(self._torch)
        self._listen()

    def info(self) -> dict[str, Any]:
        """See `adapter.Adapter`."""
        flavour = self._flavour
        return {
            "engine_version": checkpoints.package_version("cosyvoice"),
            "model": flavour.model,
            "model_version": flavour.version,
            "vocoder": "hift",
            "precision": self._precision,
            "device": self._choice.device,
            "gpu_index": self._choice.gpu_index,
            "sample_rate_hz": int(self._model.sample_rate),
            "languages": list(flavour.languages),
            "speakers": [
                *({"id": name, "label": name, "language": speaker_language(name)} for name in self._built_in),
                *({"id": name, "label": name, "language": None} for name in self._voices),
            ],
            "emotion_modes": ["preset", "vector", "text"] if flavour.instructed else [],
            "streams": True,
            "speed": True,
            "clones": flavour.clones,
            "max_chars": None,
        }

    def warm_up(self) -> None:
        """Speaks two words that nobody hears."""
        with buzz() as path:
            reference = path if self._flavour.clones else None
            for _ in self.speak(Order(text="你好。", language="zh", reference=reference), Nobody()):
                pass

    def speak(self, order: Order, report: Report) -> Iterator[bytes]:
        """See `adapter.Adapter`."""
        self._report = report
        try:
            yield from self._speak(order, report)
        finally:
            self._report = Nobody()

    def _speak(self, order: Order, report: Report) -> Iterator[bytes]:
        language = self._language(order)
        if not MIN_SPEED <= order.speed <= MAX_SPEED or order.params:
            raise SynthesisFailed("INVALID_PARAM", "validate")
        self._seeds.use(order.seed)
        sentences = self._sentences(plain(order.text), report)
        call = self._call(order, language, report)
        # Streaming and another speed exclude each other; then a sentence comes as a whole.
        how = {"stream": order.stream and order.speed == 1.0, "speed": order.speed, "text_frontend": False}
        report.note(params={"stream": how["stream"]})
        for sentence in sentences:
            if report.cancelled():
                return
            yield from self._drained(call(sentence, how))

    def _drained(self, outputs: Iterator[dict[str, Any]]) -> Iterator[bytes]:
        nothing: dict[str, Any] = {}
        try:
            while output := self._next(outputs, nothing):
                yield from_unit(output["tts_speech"])
        finally:
            for _ in outputs:
                pass

    def _next(self, outputs: Iterator[dict[str, Any]], nothing: dict[str, Any]) -> dict[str, Any]:
        """The next piece; waiting for the language model, which runs in a thread of its own, is stage `llm`."""
        with self._report.stage("llm"):
            try:
                return next(outputs, nothing)
            except KeyError as exc:
                if exc.args[:1] != (self._speaking,):
                    raise
                # It is in the checkpoint's list, but not in its table.
                raise SynthesisFailed("INVALID_SPEAKER", "validate") from exc

    def _sentences(self, text: str, report: Report) -> list[str]:
        frontend = self._model.frontend
        with report.stage("frontend"):
            sentences: list[str] = frontend.text_normalize(text, split=True)
        if not sentences:
            raise SynthesisFailed("UNSPEAKABLE_TEXT", "validate")
        encode, special = frontend.tokenizer.encode, frontend.allowed_special
        tokens = sum(len(encode(sentence, allowed_special=special)) for sentence in sentences)
        tokenizer = f"cosyvoice{self._flavour.version}"
        report.note(segments=len(sentences), text_tokens=tokens, tokenizer=tokenizer)
        return sentences

    def _language(self, order: Order) -> str:
        language = order.language.split("-")[0].lower()
        if language not in (*self._flavour.languages, "und"):
            raise SynthesisFailed("UNSUPPORTED_LANGUAGE", "validate")
        return "zh" if language == "und" else language

    def _call(self, order: Order, language: str, report: Report) -> Any:
        """What speaks one sentence: `call(sentence, how)` gives a generator of the engine."""
        told = instruction(order.emotion, self._flavour.version) if self._flavour.instructed else None
        if order.emotion.mode != "none":
            report.note(emotion_applied=told is not None)
            if told is None:
                report.warn("emotion_ignored")
        model, reference, words = self._model, *self._reference(order)
        if reference is None:
            speaker = self._speaking = self._speaker(order.speaker, language)
            if self._flavour.clones:  # a speaker that was saved into the checkpoint
                return lambda sentence, how: model.inference_zero_shot(
                    sentence, "", "", zero_shot_spk_id=speaker, **how
                )
            if told is not None:
                return lambda sentence, how: model.inference_instruct(sentence, speaker, told, **how)
            return lambda sentence, how: model.inference_sft(sentence, speaker, **how)
        version = self._flavour.version
        if told is not None:
            kept = self._keep(reference, told, report)
            return lambda sentence, how: model.inference_instruct2(sentence, told, reference, **kept, **how)
        if words is not None:
            said = prompt_of(model.frontend.text_normalize(plain(words), split=False), version)
            kept = self._keep(reference, said, report)
            return lambda sentence, how: model.inference_zero_shot(sentence, said, reference, **kept, **how)
        kept = self._keep(reference, "", report)
        return lambda sentence, how: model.inference_cross_lingual(
            tagged(sentence, language, version), reference, **kept, **how
        )

    def _reference(self, order: Order) -> tuple[str | None, str | None]:
        """The path of the voice to clone and what is said in it, or nothing where a built-in speaker speaks."""
        if order.reference is not None:
            if not self._flavour.clones:
                raise SynthesisFailed("REF_AUDIO_INVALID", "validate")
            return order.reference, order.reference_text
        name = order.speaker
        if name is None and not self._built_in:
            name = next(iter(self._voices), None)
            if name is None:
                raise SynthesisFailed("REF_AUDIO_INVALID", "validate")
        voice = self._voices.get(name) if name is not None else None
        return (voice.path, voice.text) if voice is not None else (None, None)

    def _speaker(self, name: str | None, language: str) -> str:
        if name is None:
            own = [speaker for speaker in self._built_in if speaker_language(speaker) == language]
            return (own or self._built_in)[0]
        if name not in self._built_in:
            raise SynthesisFailed("INVALID_SPEAKER", "validate")
        return name

    def _keep(self, reference: str, words: str, report: Report) -> dict[str, str]:
        """Has the engine keep what it computes of a reference, for the sentences after the first and the next order.

        The engine would compute it again for each sentence. Only the last reference is kept.
        """
        name = f"vox:{words}:{reference}"
        known = self._model.frontend.spk2info
        report.note(ref_cache_hit=name == self._kept_reference)
        if name != self._kept_reference:
            if self._kept_reference is not None:
                known.pop(self._kept_reference, None)
            self._kept_reference = None
            with report.stage("reference"):
                self._model.add_zero_shot_spk(words, reference, name)
            self._kept_reference = name
        return {"zero_shot_spk_id": name}

    def _listen(self) -> None:
        """Takes the stages that run in the calling thread out of `llm`."""
        time_as("flow", self._model.model.flow, "inference", lambda: self._report)
        time_as("vocoder", self._model.model.hift, "inference", lambda: self._report)
