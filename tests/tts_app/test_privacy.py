"""Nothing that a client sends is in any byte that the service writes outside of the audio folder.

A canary that never was before goes in through every input there is; afterwards it is looked for in the log, in what
the service and its workers print, and in the names and contents of all files that they made, while they run and after.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tts_app.adapters.conftest import STUBS, checkpoint, recording
from tests.tts_app.conftest import DEADLINE_SECONDS, wait_for
from tests.tts_app.engines.hosting import FAKE
from tts_app.worker.vox_worker.checkpoints import COSYVOICE_FILES, INDEXTTS_FILES

SPEECH = "/v1/audio/speech"
#: Nobody else's: Linux answers to all of 127.0.0.0/8.
ADDRESS = ".".join(["127", *(str(secrets.randbelow(250) + 2) for _ in range(3))])
TORCH = importlib.util.find_spec("torch") is not None
KNOWN = ("espeak", "obedient", *(("studio", "lite") if TORCH else ()))

canaries = st.integers(0, 2**64 - 1).map(lambda number: f"kanari{number:016x}") | st.text(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=8, max_size=8
)


def forms(canary: str) -> set[bytes]:
    """How it could be written: as it is, escaped in JSON or in Python, or as in a URL; all in lower case."""
    shown = {canary, json.dumps(canary)[1:-1], quote(canary), canary.encode("utf-8").decode("latin-1")}
    return {text.encode("utf-8").lower() for text in shown}


class House:
    """A service in a folder of its own, where it finds all that it may write to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sent = 0
        self.canaries: list[str] = []
        for name in ("home", "tmp", "cwd"):
            (folder / name).mkdir()
        (folder / "engines.toml").write_text(engines(folder.parent / "models"), encoding="utf-8")
        places = {"HOME": "home", "TMPDIR": "tmp", "XDG_STATE_HOME": "home/state", "XDG_CACHE_HOME": "home/cache"}
        environment = {**os.environ, **{name: str(folder / place) for name, place in places.items()}}
        command = [
            sys.executable,
            "-m",
            "tts_app.cli",
            "serve",
            "--port",
            "0",
            "--json",
            "--instance",
            "test",
            "--no-ui",
        ]
        command += [
            "--log",
            str(folder / "tts.log"),
            "--engines",
            str(folder / "engines.toml"),
            "--max-refused",
            "1000",
        ]
        with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
            self.process = subprocess.Popen(command, cwd=folder / "cwd", env=environment, stdout=out, stderr=err)
        transport = httpx2.HTTPTransport(local_address=ADDRESS)
        self.http = httpx2.Client(timeout=DEADLINE_SECONDS, transport=transport)

    def wait(self) -> None:
        """Until all engines are loaded."""
        wait_for(lambda: (self.folder / "stdout").read_bytes().endswith(b"\n"))
        self.url = json.loads((self.folder / "stdout").read_text())["url"]
        self.http.base_url = httpx2.URL(self.url)
        wait_for(lambda: self.http.get("/readyz").status_code == 200)

    def post(self, path: str, **options: Any) -> httpx2.Response:
        """A request that speaks, and so gets a line."""
        self.sent += 1
        return self.http.post(path, **options)

    def raw(self, data: bytes) -> None:
        """Bytes of any kind, until the service ends the connection."""
        url = httpx2.URL(self.url)
        with socket.create_connection((url.host, url.port or 0), DEADLINE_SECONDS, (ADDRESS, 0)) as client:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionError):
                while client.recv(65536):
                    pass

    def requests(self) -> list[dict[str, Any]]:
        """The lines of requests."""
        lines = [json.loads(line) for line in (self.folder / "tts.log").read_text().splitlines()]
        return [line for line in lines if line["event"] == "tts.request"]

    def found(self, canary: str) -> list[str]:
        """Where the canary is."""
        wanted = forms(canary) | {ADDRESS.encode()}
        return [str(path) for path in self._written() if any(form in text for form in wanted for text in told_by(path))]

    def _written(self) -> Iterator[Path]:
        yield from self.folder.rglob("*")

    def close(self) -> None:
        self.http.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=DEADLINE_SECONDS)


def told_by(path: Path) -> list[bytes]:
    """A file's name, and what is in it unless that is audio to listen to."""
    name = path.name.encode("utf-8", "surrogateescape").lower()
    try:
        return [name] if path.parent.name == "audio" or not path.is_file() else [name, path.read_bytes().lower()]
    except FileNotFoundError:  # it has just been removed
        return [name]


def engines(models: Path) -> str:
    """All that may print what they speak; without torch those that need none."""
    tables: dict[str, dict[str, Any]] = {"espeak": {}, "obedient": {"kind": FAKE}}
    if TORCH:
        five = checkpoint(models / "five", (*INDEXTTS_FILES["2.5"], "qwen0.6bemo4-merge/config.json"))
        sft = checkpoint(models / "CosyVoice-300M-SFT", (*COSYVOICE_FILES["1"], "spk2info.pt"))
        common = {"repo": str(STUBS), "device": "cpu"}
        tables["studio"] = {"kind": "indextts2", "model_dir": str(five), "warm_up": False, **common}
        tables["lite"] = {"kind": "cosyvoice", "model_dir": str(sft), "warm_up": False, **common}
    lines = [
        f"[engines.{name}]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in t.items()) for name, t in tables.items()
    ]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("privacy") / "service"
    folder.mkdir()
    made = House(folder)
    try:
        made.wait()
        yield made
    finally:
        made.close()
    # What was written at the end, and what was left behind.
    assert [made.found(canary) for canary in made.canaries] == [[]] * len(made.canaries)


def with_comment(canary: str) -> bytes:
    """A recording with the canary in a chunk that says who made it."""
    sound = recording()
    text = canary.encode("utf-8").ljust(64, b"\0")
    chunk = b"LIST" + (len(text) + 12).to_bytes(4, "little") + b"INFOIART" + len(text).to_bytes(4, "little") + text
    return sound[:4] + (len(sound) + len(chunk) - 8).to_bytes(4, "little") + sound[8:] + chunk


def send_everywhere(house: House, canary: str) -> None:
    """The canary through every input."""
    text = f"hello {canary} 你好"
    for engine in KNOWN:
        house.post(SPEECH, json={"input": text, "engine": engine})
        house.post(SPEECH, json={"input": text, "engine": engine, "stream": True, "response_format": "wav"})
        house.post("/generate", json={"text": text, "engine": engine})
        house.post("/ui/speak", json={"input": text, "engine": engine, "emotion_text": canary})
    for words in (f"print {canary}", f"print >> Use device: {canary}", f"raise ValueError {canary}", f"fail {canary}"):
        house.post(SPEECH, json={"input": words, "engine": "obedient"})
    for field in ("voice", "engine", "model", "language", "emotion", "emotion_text", "instructions", "response_format"):
        house.post(SPEECH, json={"input": "hello", field: canary})
        house.post("/generate", json={"text": "hello", field: canary, "speaker": canary})
    house.post(SPEECH, json={"input": "hello", "speed": canary, "emotion_vector": [canary], canary: canary})
    house.post(SPEECH, content=f'{{"input": "{canary}'.encode())
    house.post(SPEECH, content=canary.encode(), headers={"content-type": f"text/{quote(canary)}"})
    for engine in KNOWN[1:3]:
        for sound in (with_comment(canary), canary.encode() * 20):
            files = {"reference_audio": (f"{canary}.wav", sound), "emotion_audio": (f"../{canary}", sound)}
            fields = {"input": "hello", "engine": engine, "reference_text": canary, "emotion_text": canary}
            house.post(SPEECH, data=fields, files=files)
    named = quote(canary)
    house.post(SPEECH, json={"input": f"[emotion={canary}] hello"}, params={canary: canary})
    headers = {"authorization": f"Bearer {named}", "x-request-id": f"{named} {named}", "traceparent": named}
    headers |= {"user-agent": named, "cookie": f"a={named}", "x-forwarded-for": named, "referer": f"http://a/{named}"}
    house.post(SPEECH, json={"input": "hello"}, headers=headers)
    house.post(SPEECH, json={"input": "hello"}, headers={"host": f"{named}.example"})
    house.post(SPEECH, json={"input": "hello"}, headers={"origin": f"http://{named}.example"})
    for path in (
        f"/{named}",
        f"/audio/{named}.wav",
        f"/v1/{named}",
        f"/ui/{named}",
        f"/healthz?{named}",
        f"/..%2f{named}",
    ):
        house.http.get(path)
        house.http.put(path, content=canary.encode())
    house.raw(f"{named} {named} {named}\r\n\r\n".encode())
    house.raw(f"GET /{named} HTTP/1.1\r\n{named}\r\n\r\n".encode())
    house.raw(canary.encode() * 100)


@settings(max_examples=2, deadline=None)
@given(canaries)
def test_a_canary_is_nowhere(house: House, canary: str) -> None:
    """Through every input, into no file, no name of a file, no line and no word that is printed."""
    house.canaries.append(canary)
    send_everywhere(house, canary)

    wait_for(lambda: len(house.requests()) >= house.sent)
    assert len(house.requests()) == house.sent
    assert {line["engine"] for line in house.requests() if line["status"] == "ok"} == set(KNOWN)
    assert house.found(canary) == []


def test_it_would_be_found(tmp_path: Path) -> None:
    """In a name, in a file, in JSON and in a URL."""
    for number, canary in enumerate(("kanari0123456789abcdef", "金丝雀在唱歌呢啊")):
        for form in (canary, json.dumps(canary), quote(canary), canary.upper()):
            (tmp_path / f"{number}").write_text(f"so {form} it is", encoding="utf-8")
            assert any(wanted in text for wanted in forms(canary) for text in told_by(tmp_path / f"{number}"))
        (tmp_path / f"a {canary}").touch()
        assert any(wanted in text for wanted in forms(canary) for text in told_by(tmp_path / f"a {canary}"))
