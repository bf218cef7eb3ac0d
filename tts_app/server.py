"""Puts the parts together and serves them until a signal comes; nothing it started is left when `serve` returns."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pynvml
import uvicorn
from fastapi import FastAPI

from tts_app.api import build_api
from tts_app.audiofiles import AudioFiles, Bounds, keep_tidy
from tts_app.config import Settings
from tts_app.connections import protocol_of, raise_file_limit
from tts_app.endpoints.parts import Parts
from tts_app.engines.hosts import Hosts
from tts_app.engines.progress import Limits
from tts_app.errors import ConfigError, PortTaken
from tts_app.eventlog import EventLog
from tts_app.flood import FloodGuard
from tts_app.gate import Gate
from tts_app.gpu import GpuSampler
from tts_app.heartbeat import Heart
from tts_app.identity import Hasher, load_key, new_version
from tts_app.quiet import hush
from tts_app.recent import Recent
from tts_app.requestlog import RequestLog, Sample, Service
from tts_app.synthesis import SpeechService

DEFAULT_PORT = 7860
PORTS_TRIED = 100
GRACE_SECONDS = 3
BACKLOG = 2048

Tell = Callable[[str], None]


class App:
    """The parts of one service, from settings; `lifespan` starts and ends them with the server.

    Args:
        settings: of this start.
        folder: an empty folder of its own, for the audio that links lead to.
        gate: stands in front of it.
        tell: gets lines for the operator.
    """

    def __init__(self, settings: Settings, folder: Path, gate: Gate, tell: Tell) -> None:
        self.settings = settings
        self.folder = folder
        self.gate = gate
        clock = time.perf_counter
        log = EventLog(settings.log, clock=time.monotonic, tell=tell)
        limits = Limits(
            max_queue=settings.max_queue,
            queue_seconds=settings.queue_seconds,
            synthesis_seconds=settings.synthesis_seconds,
        )
        hasher = Hasher(load_key(settings.hash_key_file, settings.state_dir, tell))
        self.gpus = GpuSampler(pynvml, tell, clock=clock)
        self.recent = Recent()
        self.recent.read_back(settings.log)
        self.engines = Hosts(settings.engines, limits, clock=clock, tell=tell)
        self.requests = RequestLog(
            log,
            Service(instance=settings.instance, app_version=version("voxmeter"), engine=self.engines.default.name),
            hasher,
            waiting=lambda: self.engines.waiting,
            clock=clock,
            sample=Sample(settings.log_sample),
            gpus=self.gpus,
            seen=self.recent.add,
        )
        self.service = SpeechService(self.engines, max_chars=settings.max_chars, clock=clock, hasher=hasher)
        self.heart = Heart(self.requests, self.engines, self.gpus.read)
        self.flood = FloodGuard(settings.max_refused, clock)
        self.files = AudioFiles(folder / "audio", Bounds(), clock=clock)
        self.api = build_api(
            Parts(
                service=self.service,
                requests=self.requests,
                flood=self.flood,
                files=self.files,
                health=self.health,
                recent=self.recent,
                inline_tags=settings.inline_tags,
                max_upload_bytes=settings.door.upload_bytes,
            ),
            self.lifespan,
        )

    @contextlib.asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """Workers, GPU samples and heartbeats while the server runs."""
        self.gpus.start()
        await self.engines.start()
        service = self.requests.service
        if new_version(self.settings.state_dir, service.instance, service.app_version):
            self.heart.mark_release()
        stop = asyncio.Event()
        running = asyncio.gather(self.heart.run(stop), keep_tidy(self.files.prune, stop))
        try:
            yield
        finally:
            stop.set()
            await running
            await self.engines.close()
            self.gpus.close()
            self.requests.log.close()

    def health(self) -> dict[str, Any]:
        """What /healthz says; `status` is ok while a worker is up."""
        return {
            "status": "ok" if self.engines.workers_up else "unavailable",
            "engine": self.engines.default.name,
            "instance": self.settings.instance,
            "app_version": self.requests.service.app_version,
            "workers_configured": self.engines.workers_configured,
            "workers_up": self.engines.workers_up,
            "workers_busy": self.engines.workers_busy,
            "queue_depth": self.engines.waiting,
            "in_flight": self.requests.in_flight,
            "requests": self.requests.requests,
            "dropped_requests": self.flood.dropped,
            "refused_connections": self.gate.connections.refused,
            "failed_writes": self.requests.log.failed_writes,
            "uptime_seconds": round(self.heart.uptime_seconds, 3),
        }


def serve(settings: Settings, tell: Tell, announce: Callable[[dict[str, Any]], None]) -> None:
    """Serves until SIGTERM or Ctrl-C.

    Args:
        settings: of this start.
        tell: gets lines for the operator.
        announce: gets url, ui_url, log, instance and pid once the service answers.

    Raises:
        PortTaken: the port asked for, or every port from 7860 on, is in use.
        ConfigError: the log or the key can't be used.
    """
    hush(tell)
    gate = Gate(settings.door, time.monotonic, tell)
    gate.check_host(settings.host)
    raise_file_limit()
    listener = listen(settings.host, settings.port, tell)
    with listener, tempfile.TemporaryDirectory(prefix="tts-app-") as folder:
        app = App(settings, Path(folder), gate, tell)
        application = _with_page(app) if settings.ui else app.api
        config = uvicorn.Config(
            gate.around(application, app.requests, app.flood),
            http=protocol_of(gate.connections),
            ws="none",
            proxy_headers=False,
            server_header=False,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        server = AnnouncingServer(config, lambda: announce(_ready(settings, listener)))
        _run(server, listener)


def _with_page(app: App) -> FastAPI:
    # Read by gradio while it is imported: no request may leave the machine, and no folder is shared with other users.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["GRADIO_TEMP_DIR"] = str(app.folder / "page")
    # Imported here: it takes seconds, and only a service with a page needs it.
    from tts_app.ui.mount import mount_ui

    return mount_ui(app.api)


class AnnouncingServer(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does, then says so."""
        await super().startup(sockets)
        if self.started:
            self._ready()


def listen(host: str, port: int | None, tell: Tell) -> socket.socket:
    """A listening socket on `port`; without one on 7860 or the next free port, which is then told.

    Raises:
        PortTaken: none of these is free.
    """
    if port is not None:
        return _bound(host, port)
    for candidate in range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED):
        with contextlib.suppress(PortTaken):
            listener = _bound(host, candidate)
            if candidate != DEFAULT_PORT:
                tell(f"port {DEFAULT_PORT} is in use, taking {candidate}")
            return listener
    raise PortTaken(f"none of {PORTS_TRIED} ports from {DEFAULT_PORT} on is free", "name a free one with --port")


def _bound(host: str, port: int) -> socket.socket:
    """Bound and listening, so that nobody else can take the port while the rest is loaded."""
    try:
        return socket.create_server((host, port), family=_family(host), backlog=BACKLOG)
    except OSError as exc:
        if exc.errno == errno.EADDRINUSE:
            raise PortTaken(f"port {port} is in use", "leave --port out to take the next free one") from exc
        raise ConfigError(f"can't listen on {host} port {port}: {exc.strerror}", "see --host and --port") from exc


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _ready(settings: Settings, listener: socket.socket) -> dict[str, Any]:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{host}:{listener.getsockname()[1]}"
    return {
        "url": url,
        "ui_url": f"{url}/ui" if settings.ui else None,
        "log": str(settings.log),
        "instance": settings.instance,
        "pid": os.getpid(),
    }


def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    # uvicorn raises the signal again once it has ended; this handler makes that an ordinary end.
    def end(*_: object) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
