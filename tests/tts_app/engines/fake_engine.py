"""An engine for tests alone: it does what the text of its order says, else 100 ms of a square wave in four chunks.

`die`, `exit`, `freeze` (stopped, so that nothing moves any more), `wait` (until cancelled), `deaf` (works on, whatever is asked),
`pour` (audio without end), `nothing`, `silence`, `half` (half a sample), `fail CODE`, `fatal CODE`, `raise CLASS MESSAGE`,
`print WORDS`, `options`, `crowd` (starts a process that outlives it), `reference` (as many samples as the reference's path has
letters). The option `broken` makes it `unready`, `dead`, `mute` or `rateless` from the start.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from vox_worker.adapter import Order, Report, SynthesisFailed, Unavailable  # type: ignore[import-not-found]

RATE_HZ = 22050
CHUNK = b"\0\x40" * 551 + b"\0\xc0" * 551
CHUNKS = 2


class OutOfMemoryError(RuntimeError):
    """As torch calls its own."""


RAISED = {
    "MemoryError": MemoryError,
    "RuntimeError": RuntimeError,
    "OutOfMemoryError": OutOfMemoryError,
    "ValueError": ValueError,
    "SystemExit": SystemExit,
}


def missing(options: dict[str, Any]) -> list[tuple[str, str]]:
    """What the options say."""
    return [(what, f"get {what}") for what in options.get("lacks", [])]


class Engine:
    """See the module."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        self.orders = 0
        broken = options.get("broken")
        if broken == "unready":
            raise Unavailable("the weights are not there", "get the weights")
        if broken == "dead":
            os._exit(3)
        if broken == "mute":
            signal.pause()

    def info(self) -> dict[str, Any]:
        """Everything an engine can say of itself."""
        return {
            "engine_version": "1.0",
            "model": "fake/one",
            "vocoder": "/home/somebody/vocoder.pt",
            "precision": "fp32",
            "device": self.options.get("device", "cpu"),
            "sample_rate_hz": None if self.options.get("broken") == "rateless" else RATE_HZ,
            "languages": ["en", "zh"],
            "speakers": [{"id": "anna", "label": "Anna", "language": "en"}, {"id": "bert"}],
            "emotion_modes": ["preset", "vector", "text"],
            "streams": True,
            "speed": True,
            "clones": True,
            "max_chars": 200,
        }

    def speak(self, order: Order, report: Report) -> Iterator[bytes]:
        """See the module."""
        self.orders += 1
        word, _, rest = order.text.partition(" ")
        report.note(segments=self.orders, text_tokens=len(order.text), tokenizer="letters", emotion_applied=False)
        with report.stage("frontend"):
            self._obey(word, rest)
        with report.stage("synth"):
            if word in ("wait", "deaf"):
                yield CHUNK
                while word == "deaf" or not report.cancelled():
                    time.sleep(0.001)
            while word == "pour":
                yield CHUNK * 100
            if word == "reference" and order.reference is not None:
                yield b"\0\x40" * len(order.reference)
            elif word == "silence":
                yield bytes(RATE_HZ)
            elif word == "half":
                yield b"\0"
            elif word != "nothing":
                yield from [CHUNK] * CHUNKS

    def _obey(self, word: str, rest: str) -> None:
        deeds = {
            "die": os.abort,
            "exit": lambda: os._exit(int(rest)),
            "freeze": lambda: os.kill(os.getpid(), signal.SIGSTOP),
            "crowd": lambda: subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]),
            "print": lambda: _print(rest),
        }
        if word in deeds:
            deeds[word]()
        if word in ("fail", "fatal"):
            raise SynthesisFailed(rest, fatal=word == "fatal")
        if word == "raise":
            name, _, message = rest.partition(" ")
            raise RAISED[name](message)


def _print(words: str) -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.write(f"{words}\n" * 2)
        stream.flush()
    os.write(1, f"{words}\n".encode() * 10_000)
