"""What an engine lacks on this machine, asked of its own Python without loading anything; and a first sentence, which loads it."""

from __future__ import annotations

import asyncio
import subprocess
import wave
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tts_app.engines.host import EngineHost
from tts_app.engines.info import EngineInfo
from tts_app.engines.process import WorkerDied, WorkerProcess
from tts_app.engines.progress import EngineOrder, Limits, Progress
from tts_app.engines.spec import EngineSpec
from tts_app.errors import AppError, RequestFailed

PYTHON_SECONDS = 60.0
OLDEST_PYTHON = (3, 10)
HINTS = {"REF_AUDIO_INVALID": "--reference names a recording of a voice, up to 30 seconds, at 16 kHz or more"}
GPUS = Path("/proc/driver/nvidia/gpus")


class CheckFailed(AppError):
    """The engine can't be loaded, or does not speak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """Something that is not there, and how to get it."""

    what: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was found of one engine. `python_version` is None where there is no such Python; `gpus` are names."""

    name: str
    kind: str
    python: str
    python_version: str | None
    gpus: tuple[str, ...]
    missing: tuple[Lack, ...]

    @property
    def state(self) -> str:
        """`ready` to be loaded, or `incomplete`."""
        return "incomplete" if self.missing else "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a first sentence took, in seconds; `pcm` is 16-bit mono."""

    info: EngineInfo
    pcm: bytes
    load_seconds: float
    synthesis_seconds: float
    figures: dict[str, Any]

    @property
    def audio_seconds(self) -> float:
        """How long it is."""
        return len(self.pcm) / 2 / self.info.sample_rate_hz

    @property
    def rtf(self) -> float:
        """Synthesis seconds per second of audio."""
        return self.synthesis_seconds / self.audio_seconds


def check(spec: EngineSpec, gpus: Path = GPUS) -> Check:
    """What `spec` lacks. Nothing is loaded or downloaded, and torch is not imported."""
    version, lacks = _python(spec)
    names = gpu_names(gpus)
    if version is not None and not lacks:
        lacks = [*_gpu(spec, names), *asyncio.run(_asked(spec))]
    return Check(
        name=spec.name,
        kind=spec.kind,
        python=spec.python,
        python_version=version,
        gpus=names,
        missing=tuple(lacks),
    )


def gpu_names(folder: Path = GPUS) -> tuple[str, ...]:
    """The GPUs that the NVIDIA driver knows, by its files; none where there is no driver."""
    found = []
    for path in sorted(folder.glob("*/information")):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("Model:")]
        found.append(models[0] if models else "GPU")
    return tuple(found)


def try_out(spec: EngineSpec, order: EngineOrder, limits: Limits, clock: Callable[[], float]) -> Trial:
    """Loads the engine of `spec`, speaks `order` and ends it again; an empty language is the engine's first.

    Raises:
        CheckFailed: it can't be loaded, or the order fails.
    """
    return asyncio.run(_tried(spec, order, limits, clock))


def write_wav(path: Path, trial: Trial) -> None:
    """The sound of a trial as a WAV file."""
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(trial.info.sample_rate_hz)
        sound.writeframes(trial.pcm)


def _python(spec: EngineSpec) -> tuple[str | None, list[Lack]]:
    command = [spec.python, "-c", "import platform; print(platform.python_version())"]
    hint = "python names the interpreter of the engine's own environment, such as /opt/index-tts/.venv/bin/python"
    try:
        told = subprocess.run(  # noqa: S603 - the operator's own words
            command, env=spec.environment(), capture_output=True, text=True, check=True, timeout=PYTHON_SECONDS
        ).stdout.strip()
        number = tuple(int(part) for part in told.split(".")[:2])
    except (OSError, subprocess.SubprocessError, ValueError):
        return None, [Lack(what=f"a Python at {spec.python}", hint=hint)]
    if number < OLDEST_PYTHON:
        return told, [Lack(what="a newer Python", hint="a worker needs 3.10 or newer")]
    return told, []


def _gpu(spec: EngineSpec, names: tuple[str, ...]) -> list[Lack]:
    wanted = (*spec.devices, str(spec.options.get("device", "")))
    if names or not any(device.startswith("cuda") for device in wanted):
        return []
    return [Lack(what="a GPU", hint='the NVIDIA driver shows none (nvidia-smi); device = "cpu" does without')]


async def _asked(spec: EngineSpec) -> list[Lack]:
    """What the adapter says in the engine's Python."""
    process = WorkerProcess(spec.command(0, "--missing"), spec.environment())
    try:
        async with asyncio.timeout(PYTHON_SECONDS):
            told = await process.start()
    except (WorkerDied, TimeoutError, OSError):
        return [Lack(what="a worker that runs in this Python", hint=f"{spec.python} must start without errors")]
    finally:
        await process.kill()
    folder = str(spec.options.get("model_dir") or "MODEL_DIR")
    return [Lack(what=str(what), hint=str(hint).replace("MODEL_DIR", folder)) for what, hint in told.get("missing", [])]


async def _tried(spec: EngineSpec, order: EngineOrder, limits: Limits, clock: Callable[[], float]) -> Trial:
    host = EngineHost(spec, limits, clock=clock)
    start = clock()
    try:
        await host.start()
        loaded = clock()
        status = host.status()
        if host.info is None or not host.workers_up:
            raise CheckFailed(f"{spec.name} can't be loaded: {status.problem}", status.hint or "")
        progress = Progress()
        spoken = _in_a_language(order, host.info)
        pieces = [piece async for piece in host.speak(spoken, progress)]
    except RequestFailed as exc:
        hint = HINTS.get(exc.code, f"docs/engines.md says what {exc.code} means")
        raise CheckFailed(f"{spec.name} was loaded, but does not speak: {exc.code}", hint) from exc
    finally:
        await host.close()
    return Trial(
        info=host.info,
        pcm=b"".join(pieces),
        load_seconds=loaded - start,
        synthesis_seconds=progress.synthesis_seconds or 0.0,
        figures=progress.figures,
    )


def _in_a_language(order: EngineOrder, info: EngineInfo) -> EngineOrder:
    if order.language or not info.languages:
        return order
    return replace(order, language=info.languages[0])
