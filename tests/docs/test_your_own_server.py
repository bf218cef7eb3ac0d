"""The servers of docs/your-own-server.md, as they stand there: run beside a copy of tts_line.py, asked, loaded by tts-etl."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx2
import pytest

from etl.lines.laws import breaks_law
from tts_app import tts_line

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "your-own-server.md").read_text(encoding="utf-8")
SECONDS = 120.0
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a reader has: both servers and the copied file."""
    made = tmp_path_factory.mktemp("my-server")
    shutil.copy(tts_line.__file__, made)
    plain, fastapi = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    (made / "plain_server.py").write_text(plain, encoding="utf-8")
    (made / "fastapi_server.py").write_text(fastapi, encoding="utf-8")
    return made


@contextmanager
def running(folder: Path, *command: str, listener: socket.socket | None = None) -> Iterator[subprocess.Popen[str]]:
    """A server that is ended as by Ctrl-C; it may get an open socket to listen on."""
    variables = {**os.environ, "TTS_HASH_KEY": "0123456789abcdef", "PORT": "0"}
    handed = [listener.fileno()] if listener else []
    process = subprocess.Popen(
        command, cwd=folder, env=variables, pass_fds=handed, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=SECONDS)
        assert not any(canary in text for text in said for canary in ("hello", "127.0.0.1", "word"))


def post(http: httpx2.Client, text: object, name: str) -> int:
    body = text if isinstance(text, bytes) else json.dumps({"text": text}).encode()
    return http.post("/speak", content=body, headers={"X-Request-Id": name}).status_code


def ask(url: str, broken: int) -> None:
    """Three requests: good, empty, and one whose body is no JSON."""
    with httpx2.Client(base_url=url, timeout=SECONDS) as http:
        found = [post(http, "hello there", "good"), post(http, " ", "empty"), post(http, b"{", "broken")]
    assert found == [200, 400, broken]


def leave(url: str) -> None:
    """A client that goes away in the middle of a long stream."""
    address = httpx2.URL(url)
    body = json.dumps({"text": "word " * 100_000}).encode()
    head = f"POST /speak HTTP/1.1\r\nHost: x\r\nX-Request-Id: left\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with socket.create_connection((address.host, address.port or 0), timeout=SECONDS) as client:
        client.sendall(head + body)
        assert client.recv(1000).startswith(b"HTTP/1.1 200")


def test_both_servers_write_lines_that_are_loaded(folder: Path) -> None:
    """Four outcomes in one file that both share, heartbeats and one release; the real tts-etl finds no fault in them."""
    with ExitStack() as alive:
        listener = alive.enter_context(socket.create_server(("127.0.0.1", 0)))
        uvicorn = [sys.executable, "-m", "uvicorn", "fastapi_server:app", "--no-access-log", "--log-level", "critical"]
        plain = alive.enter_context(running(folder, sys.executable, "plain_server.py"))
        assert plain.stdout is not None
        ask(plain.stdout.readline().strip(), broken=422)
        alive.enter_context(running(folder, *uvicorn, "--fd", str(listener.fileno()), listener=listener))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        ask(url, broken=500)
        leave(url)

    lines = [json.loads(line) for line in (folder / "logs" / "tts.log").read_text().splitlines()]
    requests = [line for line in lines if line["event"] == "tts.request"]
    assert Counter((line["instance"], line["request_id"], line.get("error_code")) for line in requests) == {
        ("studio-1", "good", None): 1,
        ("studio-1", "empty", "EMPTY_TEXT"): 1,
        ("studio-1", "broken", "INVALID_PARAM"): 1,
        ("studio-2", "good", None): 1,
        ("studio-2", "empty", "EMPTY_TEXT"): 1,
        ("studio-2", "broken", "INTERNAL"): 1,
        ("studio-2", "left", "CANCELLED"): 1,
    }
    assert Counter(line["event"] for line in lines if line["event"] != "tts.request") == {
        "tts.heartbeat": 4,
        "tts.mark": 1,
    }
    assert not any(breaks_law(line) for line in requests)
    assert loaded(folder) == {"tts_request": 7, "tts_heartbeat": 4, "tts_mark": 1, "ingest_quarantine": 0}


def loaded(folder: Path) -> dict[str, int]:
    """Rows by table, and whatever the real command found at fault."""
    url = f"sqlite:///{folder}/tts.db"
    for command in (["migrate"], ["import", "--log", "logs/tts.log"]):
        subprocess.run([str(BIN / "tts-etl"), *command, "--database-url", url], cwd=folder, check=True)
    with closing(sqlite3.connect(folder / "tts.db")) as database:
        tables = ("tts_request", "tts_heartbeat", "tts_mark", "ingest_quarantine")
        return {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}
