"""Workers with the stand-ins of the engines, spoken to over their own wire; without torch their tests are skipped."""

from __future__ import annotations

import fcntl
import io
import itertools
import json
import math
import os
import socket
import subprocess
import sys
import termios
import wave
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from tests.tts_app.conftest import wait_for
from tts_app.worker.vox_worker.wire import encode_frame, read_frame

STUBS = Path(__file__).parents[1] / "stubs"
WORKER = Path(__file__).parents[3] / "tts_app" / "worker"


@dataclass
class Answer:
    """What a worker said to one order: its pieces of PCM, and the last frame."""

    pieces: list[bytes]
    last: dict[str, Any]

    @property
    def pcm(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def figures(self) -> dict[str, Any]:
        """The last frame without what differs each time."""
        left_out = ("id", "cpu_seconds", "rss_bytes", "stage_seconds", "gpu_seconds")
        return {name: value for name, value in self.last.items() if name not in left_out}


class Worker:
    """A worker process that was started over a zygote; `printed` is what it wrote besides its frames."""

    def __init__(self, zygote: socket.socket, arguments: list[str], printed: Path) -> None:
        self._printed = printed
        self._numbers = itertools.count(1)
        read_orders, write_orders = os.pipe()
        read_answers, write_answers = os.pipe()
        with printed.open("wb") as output:
            socket.send_fds(zygote, [json.dumps(arguments).encode()], [read_orders, write_answers, output.fileno()])
        os.close(read_orders)
        os.close(write_answers)
        self.orders: BinaryIO = os.fdopen(write_orders, "wb")
        self.answers: BinaryIO = os.fdopen(read_answers, "rb")
        self.ready = self.frame()[0]

    @property
    def printed(self) -> str:
        return self._printed.read_text()

    def frame(self) -> tuple[dict[str, Any], bytes]:
        """The next frame that is no beat; an empty one where the worker is gone."""
        while (frame := read_frame(self.answers)) is not None:
            if "beat" not in frame[0]:
                return frame
        return {}, b""

    def speak(self, text: str, **how: Any) -> Answer:
        """Orders, and reads the whole answer. `reference` and `emotion_audio` are uploads."""
        self.order(text, **how)
        pieces: list[bytes] = []
        while True:
            header, payload = self.frame()
            if "chunk" not in header:
                return Answer(pieces, header)
            pieces.append(payload)

    def order(self, text: str, **how: Any) -> None:
        """Only orders."""
        uploads = {"reference": how.pop("reference", None), "emotion": how.pop("emotion_audio", None)}
        parts = {name: upload for name, upload in uploads.items() if upload is not None}
        header = {"op": "speak", "id": next(self._numbers), "text": text, "language": "zh", **how}
        header["parts"] = [{"name": name, "bytes": len(upload)} for name, upload in parts.items()]
        self.orders.write(encode_frame(header, b"".join(parts.values())))
        self.orders.flush()

    def cancel(self, number: int) -> None:
        """Says that nobody waits for an order any more, and waits until that was read."""
        self.orders.write(encode_frame({"op": "cancel", "id": number}))
        self.orders.flush()
        wait_for(lambda: self._unread() == 0)

    def _unread(self) -> int:
        """How many bytes of orders the worker has not read yet."""
        unread = array("i", [0])
        fcntl.ioctl(self.orders.fileno(), termios.FIONREAD, unread)
        return unread[0]

    def close(self) -> None:
        self.orders.close()
        while read_frame(self.answers) is not None:
            pass
        self.answers.close()


Start = Callable[..., Worker]


@pytest.fixture(scope="session")
def zygote() -> Iterator[socket.socket]:
    pytest.importorskip("torch", reason="torch is not installed (.ci/run installs it)")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("zygote.py"), WORKER, str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
    )
    theirs.close()
    yield ours
    ours.close()
    process.wait(timeout=120)


@pytest.fixture(scope="module")
def start(zygote: socket.socket, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts a worker of a kind with options; all of a module are ended at its end."""
    started: list[Worker] = []

    def start(kind: str, *flags: str, **options: Any) -> Worker:
        printed = tmp_path_factory.mktemp("worker") / "printed"
        options = {"repo": str(STUBS), "device": "cpu", **options}
        started.append(Worker(zygote, [*flags, kind, json.dumps(options)], printed))
        return started[-1]

    yield start
    for worker in started:
        worker.close()


def checkpoint(folder: Path, names: tuple[str, ...]) -> Path:
    """A folder with empty files of these names."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def recording(seconds: float = 1.0, rate_hz: int = 16_000, pitch_hz: float = 200.0, channels: int = 1) -> bytes:
    """A WAV file of a tone."""
    frames = int(seconds * rate_hz)
    tone = array("h", (int(9000 * math.sin(2 * math.pi * pitch_hz * t / rate_hz)) for t in range(frames)))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(rate_hz)
        sound.writeframes(b"".join(tone[place : place + 1].tobytes() * channels for place in range(frames)))
    return file.getvalue()


def seconds(pcm: bytes, rate_hz: int) -> float:
    return len(pcm) / 2 / rate_hz
