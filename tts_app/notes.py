"""What the line says of an engine and of what it did."""

from __future__ import annotations

from tts_app.checks import Emotion, strongest
from tts_app.engines.info import EngineInfo
from tts_app.engines.progress import Progress
from tts_app.requestlog import RequestLine

FIGURES = (
    "cpu_seconds",
    "emotion_applied",
    "emotion_vector",
    "gpu_memory_peak_bytes",
    "gpu_seconds",
    "ref_cache_hit",
    "rss_bytes",
    "segments",
    "text_tokens",
    "tokenizer",
)


def note_engine(line: RequestLine, info: EngineInfo) -> None:
    """What was loaded."""
    line.note(
        engine=info.name,
        engine_version=info.engine_version,
        model=info.model,
        model_version=info.model_version,
        vocoder=info.vocoder,
        precision=info.precision,
        device=info.device,
        gpu_index=info.gpu_index,
    )


def note_progress(line: RequestLine, progress: Progress) -> None:
    """What the host found out; `line.stage` is where it stopped."""
    if progress.info is not None:
        note_engine(line, progress.info)
    if progress.worker is not None:
        line.stage = "synth"
        line.note(worker=progress.worker, worker_requests=progress.worker_requests, cold_start=progress.cold_start)
    for name in ("queue_seconds", "synthesis_seconds"):
        seconds = getattr(progress, name)
        if seconds is not None:
            line.note(**{name: round(seconds, 6)})
    figures = progress.figures
    line.note(**{name: figures[name] for name in FIGURES if name in figures})
    stages = figures.get("stage_seconds")
    # A stage is a part of the synthesis: what adds up to more was measured wrongly, and says nothing.
    if stages is not None and sum(stages.values()) <= (progress.synthesis_seconds or 0) * 1.01:
        line.note(stage_seconds=stages)
    for warning in figures.get("warnings", ()):
        line.warn(warning)


def note_emotion(line: RequestLine, emotion: Emotion, info: EngineInfo, progress: Progress) -> None:
    """Whether an emotion was applied, once something was spoken, and which one a description turned out to be."""
    if emotion.mode == "none":
        return
    if emotion.mode not in info.emotion_modes:
        line.note(emotion_applied=False)
        line.warn("emotion_ignored")
    applied = progress.figures.get("emotion_vector")
    if emotion.mode == "text" and applied is not None and any(applied):
        line.note(emotion=strongest(applied))
