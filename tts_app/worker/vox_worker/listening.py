"""Hears what an IndexTTS does while it speaks: stages, segments, tokens, the emotion that it read; and stops it when told to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .adapter import Emotion, Report, SynthesisFailed
from .indextts import Version
from .taps import tap, time_as
from .warming import Nobody


class Ear:
    """Taps the methods of `tts` once; while `listening`, what they do goes to a report."""

    def __init__(self, tts: Any, version: Version) -> None:
        self._tts = tts
        self._version = version
        self._report: Report = Nobody()
        self._intensity = 1.0
        self._language = ""
        self._counts: Counter[str] = Counter()
        tts.gr_progress = self._progress
        for owner, name, stage in self._stages():
            self._time(owner, name, stage)
        self._tap_text()
        if getattr(tts, "qwen_emo", None) is not None:
            tap(tts.qwen_emo, "inference", self._read_emotion)

    @contextmanager
    def listening(self, report: Report, emotion: Emotion, named: dict[str, Any]) -> Iterator[None]:
        """Has `report` told of the call of `infer(**named)` inside."""
        self._report, self._intensity = report, min(1.0, max(0.0, emotion.intensity))
        self._language = f"<|{named.get('lang', '').lower()}|> "
        if "emo_vector" in named:
            self._note_emotion(named["emo_vector"])
        try:
            yield
        finally:
            self._report = Nobody()
            self._counts.clear()

    def cached(self, path: str) -> bool:
        """Whether the reference at `path` is the one of the call before."""
        return path in (
            getattr(self._tts, "cache_spk_audio_prompt", None),
            getattr(self._tts, "cache_audio_prompt", None),
        )

    def _stages(self) -> Iterator[tuple[Any, str, str]]:
        tts = self._tts
        yield tts.gpt, "inference_speech", "gpt"
        yield tts.gpt, "forward", "gpt_forward"
        yield tts.bigvgan, "forward", "vocoder"
        if self._version.emotions:
            yield tts.s2mel.models["cfm"], "inference", "s2mel"
            yield tts, "get_emb", "reference"

    def _time(self, owner: Any, name: str, stage: str) -> None:
        time_as(stage, owner, name, lambda: self._report)

    def _tap_text(self) -> None:
        if self._version.takes_language:
            tap(self._tts, "split_text_by_tokens", self._split_text)
            self._time(getattr(self._tts, "text_process", None), "normalize", "frontend")
        else:
            tap(self._tts.tokenizer, "tokenize", self._tokenize)
            tap(self._tts.tokenizer, "split_segments", self._split_tokens)

    def _tokenize(self, method: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        with self._report.stage("frontend"):
            tokens = method(*arguments, **named)
        tokenizer = self._tts.tokenizer
        unknown = tokenizer.convert_tokens_to_ids(tokens).count(tokenizer.unk_token_id) if tokens else 0
        self._count(text_tokens=len(tokens), unknown_tokens=unknown)
        if unknown:
            self._report.warn("unknown_tokens")
        return tokens

    def _split_tokens(self, method: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        return self._some(method(*arguments, **named))

    def _split_text(self, method: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        with self._report.stage("frontend"):
            segments = [segment for segment in method(*arguments, **named) if segment.strip()]
        encode = self._tts.tokenizer.encode
        self._count(
            text_tokens=sum(len(encode(self._language + segment, allowed_special="all")) for segment in segments)
        )
        return self._some(segments)

    def _some(self, segments: Any) -> Any:
        self._count(segments=len(segments))
        if not segments:
            # The engine would join an empty list of waves.
            raise SynthesisFailed("UNSPEAKABLE_TEXT", "validate")
        return segments

    def _count(self, **more: int) -> None:
        """Adds up: on a small GPU 2.5 speaks a text in several calls of its own."""
        self._counts.update(more)
        self._report.note(**{name: self._counts[name] for name in more})

    def _read_emotion(self, method: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        try:
            with self._report.stage("emotion_text"):
                found = method(*arguments, **named)
        except ValueError as exc:
            # The model wrote something that is no score; another try may do better.
            raise SynthesisFailed("BAD_OUTPUT") from exc
        self._note_emotion(list(found.values()))
        return found

    def _note_emotion(self, vector: list[float]) -> None:
        # infer() cuts the scaled weights to four digits.
        scaled = [int(weight * self._intensity * 10000) / 10000 for weight in vector]
        self._report.note(emotion_vector=scaled if self._intensity != 1.0 else [float(weight) for weight in vector])

    def _progress(self, value: float, desc: str = "") -> None:
        if self._report.cancelled():
            raise SynthesisFailed("CANCELLED")
