"""What the log line costs a request: `python -m bench.line` measures, prints, and writes line.md.

The service's own application answers POST /v1/audio/speech in this process, with an engine that has its sound at once, in
blocks of requests: without a line, with it, and with it beside a GPU sampler whose driver is slow. The blocks alternate in
an order drawn anew for each round. What a line costs is the median over rounds of the difference between two blocks of one
round, with a bootstrap interval of 95 % over the rounds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from fastapi import FastAPI
from starlette.types import Message, Scope

from bench.figures import Figure, table
from bench.report import machine
from tts_app.api import build_api
from tts_app.audiofiles import AudioFiles, Bounds
from tts_app.endpoints.parts import Parts
from tts_app.engines.info import EngineInfo, EngineStatus, Speaker
from tts_app.engines.progress import EngineOrder, Progress
from tts_app.eventlog import EventLog
from tts_app.flood import FloodGuard
from tts_app.gpu import GpuSampler
from tts_app.identity import Hasher
from tts_app.requestlog import Caller, RequestLog, Service
from tts_app.synthesis import Engine, SpeechService

AIM_MICROSECONDS = 60.0
REQUESTS_A_BLOCK = 25
ROUNDS = 400
WARM_UP = 5
RESAMPLES = 2000
RATE = 24000
DRIVER_SECONDS = 0.002
ARMS = ("nothing", "line", "line and sampler")

Difference = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Block:
    """One block of requests, each figure for one request in microseconds.

    `waited` and `worked` are medians over the requests that kept the processor from start to end: the clock's time, and
    the processor's in the thread that serves. `processor` is that of all threads, until all lines of the block are written.
    """

    waited: float
    worked: float
    processor: float


class NoLine:
    """A line that is none."""

    stage = ""
    request_id = "0195623f-5b9b-7c3a-8f21-9a4c1d2e3f40"
    code = None
    fault = "none"
    elapsed_seconds = 0.0

    def note(self, **_: Any) -> None:
        """Nothing."""

    def warn(self, _: str) -> None:
        """Nothing."""

    def audio_follows(self) -> None:
        """Nothing."""

    def handed_over(self) -> None:
        """Nothing."""

    def fail(self, error: BaseException) -> str:
        """No request of a bench may fail."""
        raise error

    def close(self) -> NoLine:
        """Nothing."""
        return self


class NoLog:
    """Opens lines that are none."""

    def open(self, _: Caller) -> NoLine:
        """One of them."""
        return NoLine()


class Ready:
    """An engine whose sound lies ready: a quarter of a second of noise, short enough to be encoded without a thread."""

    name = "ready"

    def __init__(self, device: str) -> None:
        self.info: EngineInfo | None = EngineInfo(
            name=self.name, kind="ready", sample_rate_hz=RATE, languages=("en",), emotion_modes=("preset",),
            speakers=(Speaker(id="anna", label="Anna"),), model="ready", engine_version="1", device=device,
        )  # fmt: skip
        self._pcm = np.random.default_rng(1).integers(-8000, 8000, RATE // 4).astype("<i2").tobytes()

    async def speak(
        self, order: EngineOrder, progress: Progress, client: str | None = None
    ) -> AsyncGenerator[bytes, None]:
        """The sound, with every figure that a worker tells."""
        progress.info, progress.worker, progress.worker_requests = self.info, 0, 7
        progress.queue_seconds, progress.synthesis_seconds = 0.0, 0.000001
        progress.figures = {
            "cpu_seconds": 0.1, "rss_bytes": 1_000_000, "segments": 1, "text_tokens": 12, "tokenizer": "bpe",
            "gpu_seconds": 0.1, "gpu_memory_peak_bytes": 1_000_000, "ref_cache_hit": True,
            "stage_seconds": {"gpt": 0.0000005, "s2mel": 0.0000002, "vocoder": 0.0000001},
        }  # fmt: skip
        yield self._pcm

    def find(self, engine: str | None, model: str | None) -> Engine:
        """The only one."""
        return self

    def status(self) -> list[EngineStatus]:
        """Nobody asks."""
        return []


class SlowDriver:
    """NVML with one GPU that takes two milliseconds for each answer, as drivers do."""

    NVML_GPU_UTILIZATION_SAMPLES = 1
    NVMLError = NVMLError_NotSupported = NVMLError_NoPermission = NVMLError_FunctionNotFound = OSError
    NVMLError_LibraryNotFound = NVMLError_NotFound = NVMLError_GpuIsLost = OSError

    def __getattr__(self, _: str) -> Callable[..., Any]:
        def answer(*_: Any) -> Any:
            time.sleep(DRIVER_SECONDS)
            return "GPU-0a1b2c3d"

        return answer

    def nvmlDeviceGetCount(self) -> int:
        """One."""
        return 1

    def nvmlDeviceGetMemoryInfo(self, _: object) -> Any:
        """Half of it is used."""
        time.sleep(DRIVER_SECONDS)
        return SimpleNamespace(used=2**30, total=2**31)

    def nvmlDeviceGetSamples(self, _: object, __: int, since: int) -> tuple[int, list[Any]]:
        """Six a second, as many as the driver keeps."""
        time.sleep(DRIVER_SECONDS)
        now = int(time.time() * 6)
        moments = (int(number / 6 * 1e6) for number in range(now - 100, now))
        value = SimpleNamespace(uiVal=50)
        return 1, [SimpleNamespace(timeStamp=at, sampleValue=value) for at in moments if at > since]


@contextlib.asynccontextmanager
async def _no_lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield


def application(requests: RequestLog | NoLog, folder: Path, device: str) -> FastAPI:
    """The service's application over an engine that is ready."""
    clock = time.perf_counter
    parts = Parts(
        service=SpeechService(Ready(device), max_chars=4096, clock=clock),
        requests=cast(RequestLog, requests),
        flood=FloodGuard(10, clock),
        files=AudioFiles(folder / "audio", Bounds(), clock=clock),
        health=dict,
    )
    return build_api(parts, _no_lifespan)


def request_log(path: Path, gpus: GpuSampler | None) -> RequestLog:
    """A log as the service has it."""
    service = Service(instance="bench", app_version="1.0.0", engine="ready")
    log = EventLog(path, clock=time.monotonic)
    return RequestLog(log, service, Hasher(b"k" * 32), waiting=lambda: 0, clock=time.perf_counter, gpus=gpus)


async def ask(app: FastAPI) -> tuple[float, float, bool]:
    """Seconds of one request, from its headers to its last byte and its line: the clock's, the processor's.

    Last, whether another program took the processor away in between.
    """
    body = json.dumps({"input": "The quick brown fox jumps over the lazy dog.", "response_format": "wav"}).encode()
    done = asyncio.Event()
    status = 0

    async def receive() -> Message:
        if not given:
            given.append(True)
            return {"type": "http.request", "body": body, "more_body": False}
        await done.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    given: list[bool] = []
    scope: Scope = {
        "type": "http", "method": "POST", "path": "/v1/audio/speech", "raw_path": b"/v1/audio/speech", "root_path": "",
        "scheme": "http", "query_string": b"", "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 80), "state": {},
        "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())],
    }  # fmt: skip
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_nivcsw
    started, used = time.perf_counter(), time.thread_time()
    await app(scope, receive, send)
    worked, waited = time.thread_time() - used, time.perf_counter() - started
    disturbed = resource.getrusage(resource.RUSAGE_THREAD).ru_nivcsw != before
    if status != 200:
        raise RuntimeError(f"a request of the bench was answered with {status}")
    return waited, worked, disturbed


async def block(app: FastAPI, written: Callable[[], object], size: int) -> Block:
    """`size` requests one after another."""
    used = time.process_time()
    found = [await ask(app) for _ in range(size)]
    written()
    processor = time.process_time() - used
    calm = [one for one in found if not one[2]] or found
    waited, worked = (statistics.median(one[which] for one in calm) for which in (0, 1))
    return Block(waited * 1e6, worked * 1e6, processor / size * 1e6)


def measured(rounds: int, size: int, folder: Path) -> dict[str, list[Block]]:
    """The blocks of each arm, by round; the lines of all requests are in their files."""
    sampler = GpuSampler(SlowDriver(), lambda _: None, clock=time.perf_counter)
    sampler.start()
    logs = {arm: request_log(folder / f"{arm}.log", sampler if "sampler" in arm else None) for arm in ARMS[1:]}
    apps = {arm: application(logs.get(arm) or NoLog(), folder, "cuda:0") for arm in ARMS}
    found: dict[str, list[Block]] = {arm: [] for arm in ARMS}
    order = random.Random(1)  # noqa: S311 - an order, no secret

    async def run() -> None:
        for number in range(WARM_UP + rounds):
            for arm in order.sample(ARMS, len(ARMS)):
                one = await block(apps[arm], logs[arm].log.flush if arm in logs else bool, size)
                if number >= WARM_UP:
                    found[arm].append(one)

    asyncio.run(run())
    sampler.close()
    for arm, log in logs.items():
        log.log.close()
        lines = (folder / f"{arm}.log").read_bytes().count(b"\n")
        if lines != (WARM_UP + rounds) * size or log.log.failed_writes:
            raise RuntimeError(f"{lines} lines of {(WARM_UP + rounds) * size} requests")
    return found


def difference(first: Sequence[float], second: Sequence[float], resamples: int = RESAMPLES) -> Difference:
    """The median of the paired differences `second - first`, and its bootstrap interval of 95 %."""
    paired = np.array(second) - np.array(first)
    drawn = np.random.default_rng(1).integers(0, paired.size, (resamples, paired.size))
    medians = np.median(paired[drawn], axis=1)
    low, high = np.percentile(medians, [2.5, 97.5])
    return float(np.median(paired)), float(low), float(high)


def figures(found: dict[str, list[Block]]) -> list[Figure]:
    """What was measured, with the aim."""
    nothing, line, both = (found[arm] for arm in ARMS)

    def cost(name: str, values: Difference, aim: float | None) -> Figure:
        detail = f"95 %: {values[1]:.1f} to {values[2]:.1f}"
        return Figure(name, values[0], "µs", aim, at_most=True, detail=detail)

    def between(first: list[Block], second: list[Block], what: str) -> Difference:
        return difference([getattr(one, what) for one in first], [getattr(one, what) for one in second])

    return [
        Figure("a request without a line, P50", statistics.median(one.waited for one in nothing), "µs"),
        cost("the line, as a request waits for it, P50", between(nothing, line, "waited"), AIM_MICROSECONDS),
        cost("the line, processor time of the serving thread, P50", between(nothing, line, "worked"), AIM_MICROSECONDS),
        cost("the line, processor time of all threads, mean", between(nothing, line, "processor"), None),
        cost("the GPU sampler beside it, P50", between(line, both, "worked"), None),
    ]


def page(found: Sequence[Figure], rounds: int, size: int) -> str:
    """line.md."""
    return f"""# What the log line costs a request

Written by `python -m bench.line` on {datetime.now(UTC).date().isoformat()}: {rounds} rounds of three blocks of {size} requests, in an order drawn
anew for each round, through the service's own application in one process, without sockets and with an engine whose sound
(a quarter of a second, as WAV) lies ready. Medians over rounds of the difference between two blocks of a round; the interval is a
bootstrap over the rounds. A missed aim is bold.

Machine: {machine()}; {busy()}.

{table(found)}

Requests from which the kernel took the processor for another program are left out. *As a request waits for it*: from its headers to its last byte and the hand-over of its line, all notes of figures included; the
thread that renders and writes the lines of the requests before runs beside it. *Serving thread*: the same by the time that the processor
worked for it, which other programs on the machine don't change. *All threads*: with rendering and writing. The sampler's row has a driver that takes {DRIVER_SECONDS * 1000:g} ms for each answer, and each request looks up its figures.
"""


def busy() -> str:
    """What else the machine did meanwhile: with more programs than processors a cold cache alone doubles figures this small."""
    load, processors = os.getloadavg()[1], os.cpu_count() or 1
    others = max(0.0, load - 1)
    return f"{others:.0f} other programs wanted its {processors} processors" if others >= 1 else "nothing else ran"


def main(rounds: int = ROUNDS, size: int = REQUESTS_A_BLOCK) -> None:
    """Measures and writes the page."""
    with tempfile.TemporaryDirectory() as folder:
        found = figures(measured(rounds, size, Path(folder)))
    Path(__file__).with_name("line.md").write_text(page(found, rounds, size), encoding="utf-8")
    sys.stdout.write(f"{table(found)}\n")


if __name__ == "__main__":
    main()
