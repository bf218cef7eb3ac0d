"""The names that the service and its workers agree on."""

from __future__ import annotations

# Each kind is a module of `adapters` with a class `Engine`.
KINDS = ("espeak", "indextts2", "cosyvoice", "http")

EMOTIONS = ("happy", "angry", "sad", "afraid", "disgusted", "melancholic", "surprised", "calm")
EMOTION_MODES = ("none", "preset", "vector", "audio", "text")

# What a worker may answer with instead of audio; the service knows what each means for a client.
FAILURES = (
    "UNSPEAKABLE_TEXT",
    "TEXT_TOO_LONG",
    "UNSUPPORTED_LANGUAGE",
    "INVALID_SPEAKER",
    "INVALID_EMOTION",
    "INVALID_PARAM",
    "REF_AUDIO_INVALID",
    "SYNTH_TIMEOUT",
    "CANCELLED",
    "OOM_GPU",
    "OOM_HOST",
    "CUDA_ERROR",
    "ENGINE_UNAVAILABLE",
    "ENGINE_CRASH",
    "BAD_OUTPUT",
    "INTERNAL",
)
WARNINGS = ("mel_truncated", "emotion_ignored", "unknown_tokens", "instructions_ignored")
STAGES = ("validate", "load", "synth")
