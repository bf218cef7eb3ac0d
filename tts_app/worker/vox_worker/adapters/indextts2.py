"""IndexTTS 1, 1.5, 2 and 2.5 (github.com/index-tts/index-tts), out of its own virtual environment.

Facts, at index-tts ee40fa7: `infer()` of 2.5 requires `lang` and takes `duration_factor`; any name that 2 doesn't know goes to
Hugging Face's `generate()`, which raises. With `stream_return` it gives float tensors in +-32767, each followed by a silence.
It caches one reference, by the path's name. It prints what it speaks. The emotion's bias and cap are applied by its web
page only, so they are applied here. It has no seed and no way to be cancelled but its progress callback.
"""

from __future__ import annotations

import contextlib
import importlib
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from .. import checkpoints
from ..adapter import Order, Report, SynthesisFailed, Unavailable
from ..cuda import hide_others, settle
from ..failures import failure_of
from ..indextts import GENERATION, VERSIONS, checked_parameters
from ..listening import Ear
from ..offline import stay_offline
from ..samples import from_scaled, from_whole
from ..seeds import Seeds
from ..settings import Settings
from ..voices import saved_voices
from ..warming import Nobody, buzz

SEGMENT_TOKENS = 120
LEAST_SEGMENT_TOKENS = 40


class Options:
    """The table of the configuration."""

    def __init__(self, options: dict[str, Any]) -> None:
        found = Settings(options)
        self.model_dir = found.folder("model_dir")
        self.repo = found.folder("repo")
        self.device = found.text("device")
        name = found.choice("version", tuple(VERSIONS), None) or checkpoints.indextts_version(self.model_dir)
        self.version = VERSIONS[name]
        self.precision = found.choice("precision", ("fp32", "fp16", "bf16"), self.version.precision)
        self.emotion_text = found.flag("emotion_text", None)
        self.segment_tokens = int(found.number("segment_tokens", SEGMENT_TOKENS, 20, 600))
        self.switches = {
            f"use_{name}": found.flag(name) for name in ("cuda_kernel", "deepspeed", "accel", "torch_compile")
        }
        self.voices = found.folder("voices")
        found.done()
        if self.precision != "fp32" and self.precision != self.version.half:
            hint = f"fp32 or {self.version.half}"
            raise Unavailable(f"IndexTTS {self.version.name} has no precision {self.precision}", hint)


def missing(options: dict[str, Any]) -> list[tuple[str, str]]:
    """What is not there and how to get it: packages of this Python, files of the checkpoint."""
    wanted = Options(options)
    with checkpoints.importable(wanted.repo):
        hint = "in a clone of index-tts: uv sync --all-extras; then python = CLONE/.venv/bin/python (docs/engines.md)"
        lacking = checkpoints.packages(checkpoints.INDEXTTS_PACKAGES, hint)
    names = wanted.version.files
    if wanted.emotion_text and wanted.version.emotions:
        names = (*names, f"{checkpoints.EMOTION_TEXT_MODEL}/config.json")
    return lacking + checkpoints.files(wanted.model_dir, names, wanted.version.get)


class Engine:
    """One loaded IndexTTS; see `adapter.Adapter`."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = wanted = Options(options)
        if lacking := missing(options):
            raise Unavailable(*lacking[0])
        self._voices = saved_voices(wanted.voices)
        choice = hide_others(wanted.device)
        stay_offline()
        checkpoints.add_to_path(wanted.repo)
        self._torch: Any = importlib.import_module("torch")
        self._choice = settle(choice, self._torch)
        self._tts = self._load(wanted)
        self._version = wanted.version
        self._ear = Ear(self._tts, self._version)
        self._seeds = Seeds(self._torch)

    def _load(self, wanted: Options) -> Any:
        version, folder = wanted.version, str(wanted.model_dir)
        kind = getattr(importlib.import_module(version.module), version.kind)
        named: dict[str, Any] = {
            "cfg_path": f"{folder}/config.yaml",
            "model_dir": folder,
            "device": self._choice.device,
        }
        named[f"use_{version.half}"] = wanted.precision == version.half
        named["use_cuda_kernel"] = wanted.switches["use_cuda_kernel"]
        if version.emotions:
            named |= wanted.switches
            named["use_qwen_emo"] = checkpoints.has_emotion_text(wanted.model_dir, wanted.emotion_text)
        if version.takes_aux_paths:
            named["aux_paths"] = checkpoints.indextts_aux_paths(folder)
        return kind(**named)

    def info(self) -> dict[str, Any]:
        """See `adapter.Adapter`."""
        version, tts = self._version, self._tts
        half = getattr(tts, f"use_{version.half}", False)
        told = getattr(tts, "model_version", None)
        return {
            "engine_version": checkpoints.package_version("indextts"),
            "model": version.model,
            "model_version": str(told) if told is not None else version.name,
            "vocoder": version.vocoder,
            "precision": version.half if half else "fp32",
            "device": self._choice.device,
            "gpu_index": self._choice.gpu_index,
            "sample_rate_hz": version.sample_rate_hz,
            "languages": list(version.languages),
            "speakers": [{"id": name, "label": name, "language": None} for name in self._voices],
            "emotion_modes": self._emotion_modes(),
            "streams": version.streams,
            "speed": version.takes_duration,
            "clones": True,
            "max_chars": None,
        }

    def warm_up(self) -> None:
        """Speaks two words that nobody hears, in the voice of a buzzer."""
        with buzz() as path:
            for _ in self.speak(Order(text="你好。", language="zh", reference=path), Nobody()):
                pass

    def speak(self, order: Order, report: Report) -> Iterator[bytes]:
        """See `adapter.Adapter`."""
        named = self._arguments(order, report)
        self._seeds.use(order.seed)
        spoken, smaller = False, None
        try:
            for chunk in self._spoken(named, order, report):
                spoken = True
                yield chunk
        except Exception as exc:
            smaller = None if spoken else _smaller(exc, named)
            if smaller is None:
                raise
        if smaller is not None:
            # Not in the handler: the exception still holds what filled the memory.
            self._torch.cuda.empty_cache()
            yield from self._spoken(smaller, order, report)

    def _spoken(self, named: dict[str, Any], order: Order, report: Report) -> Iterator[bytes]:
        with self._ear.listening(report, order.emotion, named):
            streams = self._version.streams and not getattr(self._tts, "low_vram", False)
            if not streams:
                yield from_whole(self._step(report, lambda: self._tts.infer(**named)), self._version.sample_rate_hz)
                return
            pieces = self._step(report, lambda: self._tts.infer(**named, stream_return=True))
            with contextlib.closing(pieces):
                yield from self._chunks(pieces, report)

    def _chunks(self, pieces: Iterator[Any], report: Report) -> Iterator[bytes]:
        """Segments, and between two of them the silence; the one after the last is left out."""
        silence = b""
        for number, piece in enumerate(self._stepped(pieces, report)):
            # Without an interval the engine gives a list of what it gave before instead of a silence.
            pcm = b"" if isinstance(piece, list) else from_scaled(piece)
            if number % 2:
                silence = pcm
                continue
            if not pcm:
                raise SynthesisFailed("BAD_OUTPUT")
            if silence:
                yield silence
            yield pcm

    def _stepped(self, pieces: Iterator[Any], report: Report) -> Iterator[Any]:
        nothing = object()
        while (piece := self._step(report, lambda: next(pieces, nothing))) is not nothing:
            yield piece

    def _step(self, report: Report, work: Callable[[], Any]) -> Any:
        """`work` done; what belongs to no tapped method is `other`."""
        with warnings.catch_warnings(record=True) as caught, report.stage("other"):
            warnings.simplefilter("always")
            try:
                return work()
            finally:
                if any(
                    issubclass(one.category, RuntimeWarning) and "max_mel_tokens" in str(one.message) for one in caught
                ):
                    report.warn("mel_truncated")

    def _arguments(self, order: Order, report: Report) -> dict[str, Any]:
        version = self._version
        parameters = checked_parameters(order.params, version, self._options.segment_tokens)
        named: dict[str, Any] = {
            version.prompt: self._prompt(order),
            "text": order.text,
            "output_path": None,
            **parameters,
        }
        language = order.language.split("-")[0].lower()
        language = version.languages[0] if language == "und" else language
        if language not in version.languages:
            raise SynthesisFailed("UNSUPPORTED_LANGUAGE", "validate")
        if version.takes_language:
            named["lang"] = language.upper()
        if version.takes_duration:
            named["duration_factor"] = min(2.0, max(0.5, 1 / order.speed))
        elif order.speed != 1.0:
            raise SynthesisFailed("INVALID_PARAM", "validate")
        named |= self._emotion(order, report)
        report.note(
            tokenizer=version.tokenizer,
            ref_cache_hit=self._ear.cached(named[version.prompt]),
            params={**GENERATION, **version.generation, **parameters},
        )
        return named

    def _prompt(self, order: Order) -> str:
        if order.reference is not None:
            return order.reference
        if order.speaker is None and not self._voices:
            raise SynthesisFailed("REF_AUDIO_INVALID", "validate")
        name = order.speaker if order.speaker is not None else next(iter(self._voices))
        if name not in self._voices:
            raise SynthesisFailed("INVALID_SPEAKER", "validate")
        return self._voices[name].path

    def _emotion_modes(self) -> list[str]:
        if not self._version.emotions:
            return []
        modes = ["preset", "vector", "audio"]
        return [*modes, "text"] if getattr(self._tts, "qwen_emo", None) is not None else modes

    def _emotion(self, order: Order, report: Report) -> dict[str, Any]:
        emotion = order.emotion
        if emotion.mode == "none":
            return {}
        if emotion.mode not in self._emotion_modes() or (emotion.mode == "audio" and order.emotion_reference is None):
            report.warn("emotion_ignored")
            report.note(emotion_applied=False)
            return {}
        report.note(emotion_applied=True)
        strength = {"emo_alpha": emotion.intensity}
        if emotion.mode == "audio":
            return {**strength, "emo_audio_prompt": order.emotion_reference}
        if emotion.mode == "text":
            return {**strength, "use_emo_text": True, "emo_text": emotion.text}
        return {**strength, "emo_vector": list(self._tts.normalize_emo_vec(list(emotion.vector), apply_bias=True))}


def _smaller(error: Exception, named: dict[str, Any]) -> dict[str, Any] | None:
    """The arguments for segments half as long, which need less memory; None where that wasn't it, or they are short."""
    tokens = named["max_text_tokens_per_segment"] // 2
    if failure_of(error).code != "OOM_GPU" or tokens < LEAST_SEGMENT_TOKENS:
        return None
    return {**named, "max_text_tokens_per_segment": tokens}
