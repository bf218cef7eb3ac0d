"""The worker process: reads orders from its stdin, speaks them with eSpeak NG, and answers on its stdout.

`python -m tts_app.engines.worker`. One order at a time; it ends when its stdin does, so no worker outlives the service.
First frame: {"ready": true, "engine_version": …, "sample_rate_hz": …}, or {"ready": false, "error": …}.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from tts_app.engines.espeak import Espeak
from tts_app.engines.frames import encode_frame, read_frame
from tts_app.engines.japanese import KanaReader
from tts_app.engines.prosody import Prosody

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def rss_bytes() -> int:
    """Resident memory of this process (proc(5): second number of statm, in pages)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


def speak(engine: Espeak, kana: KanaReader, order: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The header and the PCM that answer one order."""
    cpu = time.process_time()
    start = time.perf_counter()
    text = kana.read(order["text"]) if order["language"] == "ja" else order["text"]
    read = time.perf_counter()
    pcm = engine.speak(text, order["voice"], Prosody(**order["prosody"]))
    done = time.perf_counter()
    return {
        "ok": True,
        "stage_seconds": {"frontend": read - start, "synth": done - read},
        "cpu_seconds": time.process_time() - cpu,
        "rss_bytes": rss_bytes(),
    }, pcm


def serve(wire: int) -> None:
    """Answers orders until stdin ends. `wire` is the descriptor the frames go to."""
    with os.fdopen(wire, "wb") as answers:

        def answer(header: dict[str, Any], payload: bytes = b"") -> None:
            answers.write(encode_frame(header, payload))
            answers.flush()

        try:
            engine, kana = Espeak(), KanaReader()
        except Exception as exc:  # noqa: BLE001 - the service turns it into ENGINE_UNAVAILABLE
            answer({"ready": False, "error": f"{type(exc).__name__}: {exc}"})
            return
        answer({"ready": True, "engine_version": engine.version, "sample_rate_hz": engine.sample_rate_hz})
        while (frame := read_frame(sys.stdin.buffer)) is not None:
            try:
                header, pcm = speak(engine, kana, frame[0])
            except Exception as exc:  # noqa: BLE001 - a bad order must not end the worker; a message might hold the text
                answer({"ok": False, "error": type(exc).__name__})
            else:
                answer(header, pcm)


def main() -> None:
    """Keeps the pipe to the service for frames alone: whatever a library prints goes to stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    wire = os.dup(1)
    os.dup2(2, 1)
    try:
        serve(wire)
    except BrokenPipeError:
        sys.exit(0)


if __name__ == "__main__":
    main()
