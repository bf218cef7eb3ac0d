"""What strangers send to a service: each request gets a clear answer and exactly one line, and the service lives on."""

from __future__ import annotations

import concurrent.futures
import functools
import gzip
import io
import itertools
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tts_app.conftest import wait_for
from tts_app.events import ERRORS

SPEAKING = ("/v1/audio/speech", "/generate", "/ui/speak")
NUMBERS = itertools.count()
# Every connection and every look-up of a name that leaves this machine, written down by a hook that is there before
# any library: of the service and of whatever Python it starts.
TRAP = """
import os, sys

def hook(event, arguments):
    if event not in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        return
    host = arguments[0] if event.startswith("socket.get") else arguments[1]
    host = host[0] if isinstance(host, tuple) else host
    if host is None or str(host) in ("localhost", "::1", "0.0.0.0", "::", "") or str(host).startswith(("127.", "/")):
        return
    with open(os.environ["TRAP"], "a") as caught:
        caught.write(f"{event} {host}\\n")

sys.addaudithook(hook)
"""


class Victim:
    """A service, and what it says to requests that carry an id of their own."""

    def __init__(self, served: Any, trap: Path) -> None:
        self.served = served
        self.trap = trap

    def post(self, path: str, **content: Any) -> tuple[httpx2.Response, list[dict[str, Any]]]:
        """The answer to one request, and the lines that bear its id."""
        name = f"hostile-{next(NUMBERS)}"
        headers = {"X-Request-Id": name, **content.pop("headers", {})}
        answer = self.served.http.post(path, headers=headers, **content)
        return answer, self.served.lines.of(name)

    def refuses(self, path: str, **content: Any) -> tuple[int, str]:
        """Status and code of a request that must not be spoken: in the shape of its route, with one line that agrees."""
        answer, lines = self.post(path, **content)
        assert judged(path, answer, lines) != "ok"
        return answer.status_code, lines[0]["error_code"]

    def raw(self, request: bytes) -> bytes:
        """What comes back until the service ends the connection."""
        host, port = self.served.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=120) as client:
            client.sendall(request)
            with client.makefile("rb") as stream:
                return stream.read()

    def status(self, field: str) -> int:
        """A figure of the process in KiB, as /proc has it."""
        text = Path(f"/proc/{self.served.process.pid}/status").read_text()
        return int(text.split(f"{field}:")[1].split()[0])

    def speaks(self) -> bool:
        answer, lines = self.post("/v1/audio/speech", json={"input": "hello", "response_format": "wav"})
        return answer.status_code == 200 and lines[0]["status"] == "ok"


def judged(path: str, answer: httpx2.Response, lines: list[dict[str, Any]]) -> str:
    """The code of one request, `ok` if it was spoken; its answer and its one line have to agree."""
    [line] = lines
    assert line["http_status"] == answer.status_code
    if answer.status_code == 200:
        assert line["status"] == "ok"
        return "ok"
    said = answer.json()["detail" if path == "/generate" else "error"]
    assert said["code"] == line["error_code"]
    assert answer.status_code == ERRORS[said["code"]].http_status
    assert set(said) >= {"code", "message", "type", "param", "retryable"}
    return str(said["code"])


@pytest.fixture(scope="module")
def victim(start_service: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victim]:
    """A service with its page, in whose Python the trap is; it must be alive, and the trap empty, at the end."""
    folder = tmp_path_factory.mktemp("trap")
    (folder / "sitecustomize.py").write_text(TRAP)
    environment = {"TRAP": str(folder / "caught"), "PYTHONPATH": f"{folder}:{os.environ.get('PYTHONPATH', '')}"}
    # As on a machine where nobody thought of it: the service itself has to.
    environment |= {"GRADIO_ANALYTICS_ENABLED": "True", "HF_HUB_OFFLINE": "0"}
    check = [sys.executable, "-c", "import socket; socket.gethostbyname_ex; socket.getaddrinfo('192.0.2.1', 80)"]
    subprocess.run(check, env=environment, check=True)
    assert (folder / "caught").read_text() == "socket.getaddrinfo 192.0.2.1\n"
    (folder / "caught").unlink()
    served = start_service("--max-refused", "100000", "--max-upload-mb", "1", environment=environment)
    wait_for(lambda: served.http.get("/readyz").status_code == 200)
    yield Victim(served, folder / "caught")
    assert served.process.poll() is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    ["input", "text", "voice", "speaker", "model", "emotion", "emotion_vector", "speed", "language", "stream", "seed",
     "response_format", "format", "instructions", "engine", "reference_audio"]
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(SPEAKING), st.dictionaries(FIELDS, VALUES) | VALUES)
def test_any_json_gets_an_answer_and_a_line(victim: Victim, path: str, body: Any) -> None:
    """Whatever is in the fields, NaN and lone surrogates too."""
    text = json.dumps(body).encode()

    answer, lines = victim.post(path, content=text, headers={"Content-Type": "application/json"})

    assert judged(path, answer, lines) != "INTERNAL"


@settings(deadline=None, max_examples=30)
@given(
    st.sampled_from(SPEAKING),
    st.binary(),
    st.sampled_from(["application/json", "text/plain", "", "multipart/form-data"]),
)
def test_any_bytes_get_an_answer_and_a_line(victim: Victim, path: str, body: bytes, kind: str) -> None:
    """Under any content type: the client's fault, and no traceback's."""
    status, code = victim.refuses(path, content=body, headers={"Content-Type": kind})

    assert ERRORS[code].fault == "client"
    assert 400 <= status < 500


@settings(deadline=None, max_examples=30)
@given(
    st.sampled_from(SPEAKING),
    st.lists(
        st.tuples(st.text(max_size=8) | FIELDS, st.binary(max_size=40), st.none() | st.text(max_size=8)), max_size=6
    ),
    st.integers(0, 300),
)
def test_any_form_gets_an_answer_and_a_line(
    victim: Victim, path: str, parts: list[tuple[str, bytes, str | None]], cut: int
) -> None:
    """Names, file names and contents of any kind, whole or cut off."""
    boundary = b"frontier"
    body = b"".join(
        b"--" + boundary + b'\r\nContent-Disposition: form-data; name="' + name.encode("utf-8", "replace") + b'"'
        + (b'; filename="' + file.encode("utf-8", "replace") + b'"' if file is not None else b"")
        + b"\r\n\r\n" + data + b"\r\n"
        for name, data, file in parts
    )  # fmt: skip
    body = (body + b"--" + boundary + b"--\r\n")[: max(0, len(body) + 16 - cut) if cut > 200 else None]

    answer, lines = victim.post(
        path, content=body, headers={"Content-Type": f"multipart/form-data; boundary={boundary.decode()}"}
    )

    assert judged(path, answer, lines) != "INTERNAL"


def wav(claimed_bytes: int, seconds: float = 0.1, rate: int = 22050) -> bytes:
    """A WAV file whose header claims more than there is."""
    data = b"\0\0" * int(seconds * rate)
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 36, b"WAVE", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16, b"data", claimed_bytes
    )
    return head + data


@functools.cache
def zip_bomb() -> bytes:
    """A hundred megabytes of zeros in a hundred kilobytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("voice.wav", b"\0" * 100_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    "bomb",
    [zip_bomb, lambda: gzip.compress(wav(2**31) * 1000), lambda: wav(2**32 - 1), lambda: wav(0, 30), lambda: b"RIFF" + b"\xff" * 2**20],
    ids=["zip", "gzip", "header", "long", "big"],
)  # fmt: skip
@pytest.mark.parametrize("path", SPEAKING)
def test_a_bomb_does_not_go_off(victim: Victim, path: str, bomb: Callable[[], bytes]) -> None:
    """As reference audio: refused, and the service is no larger for it."""
    before = victim.status("VmHWM")
    field = "text" if path == "/generate" else "input"

    status, _ = victim.refuses(path, data={field: "hello"}, files={"reference_audio": ("../../x.wav", bomb())})

    assert 400 <= status < 500
    assert victim.status("VmHWM") - before < 64 * 1024


@pytest.mark.parametrize("path", SPEAKING)
def test_ten_megabytes_of_text_are_too_long(victim: Victim, path: str) -> None:
    """413, and nothing of them stays in memory."""
    before = victim.status("VmHWM")
    body = json.dumps({"input": "x" * 10_000_000, "text": "x"}).encode()
    kind = {"Content-Type": "application/json"}

    answers = [victim.refuses(path, content=body, headers=kind) for _ in range(3)]
    chunked = victim.refuses(path, content=iter([body[:100], body[100:]]), headers=kind)

    assert [*answers, chunked] == [(413, "TEXT_TOO_LONG")] * 4
    assert victim.status("VmHWM") - before < 64 * 1024


@pytest.mark.parametrize(
    "target",
    [
        "/audio/../../../../etc/passwd",
        "/audio/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/audio/..%5c..%5cetc%5cpasswd",
        "/audio//etc/passwd",
        "/audio/%00",
        "/ui/gradio_api/file=/etc/passwd",
        "/ui/gradio_api/file=/proc/self/environ",
        "/ui/gradio_api/file=..%2f..%2fetc%2fpasswd",
        "/ui/gradio_api/proxy=http://169.254.169.254/",
        "/ui/gradio_api/stream/../../../../etc/passwd",
        "/ui/assets/..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/ui/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/ui/config",
        "/ui/gradio_api/info",
        "/ui/gradio_api/openapi.json",
        "/ui/monitoring",
        "/ui%0d%0aSet-Cookie:%20a=b",
        "/%0d%0aSet-Cookie:%20a=b",
        "//evil.example/%2e%2e",
    ],
)
def test_a_path_leads_nowhere(victim: Victim, target: str) -> None:
    """As it is sent, without a client that tidies it up: an error in our shape, no file, no header of theirs."""
    answer = victim.raw(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1] == b"404"
    assert b"root:" not in body
    assert b"set-cookie" not in head.lower()
    assert json.loads(body)["error"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("field", ["voice", "model", "language", "emotion", "response_format"])
def test_a_name_in_a_field_leads_nowhere(victim: Victim, field: str) -> None:
    """Neither to a file nor into the line."""
    answer, lines = victim.post("/v1/audio/speech", json={"input": "hello", field: "../../etc/passwd\r\nX: y"})

    judged("/v1/audio/speech", answer, lines)
    assert "passwd" not in json.dumps(lines)
    assert b"root:" not in answer.content


@pytest.mark.parametrize("given", [b"a b", b"x" * 65, b"a%0d%0aX: y", "早".encode(), b"", b"../../etc", b'"}{"'])
def test_an_id_is_taken_over_only_if_it_is_plain(victim: Victim, given: bytes) -> None:
    """Else the answer bears one of ours, and so does the line."""
    body = b'{"input": ""}'
    head = (
        b"POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
    )
    answer = victim.raw(head + b"X-Request-Id: " + given + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    headers = dict(line.split(b": ", 1) for line in answer.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:])
    [line] = victim.served.lines.of(headers[b"x-request-id"].decode())
    assert (len(line["request_id"]), line["error_code"]) == (36, "EMPTY_TEXT")


def test_nobody_is_who_a_header_says(victim: Victim) -> None:
    """Without a trusted proxy a client can't make itself many, nor somebody else."""
    names = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP")
    lines = [
        victim.post("/v1/audio/speech", json={"input": ""}, headers=dict.fromkeys(names, f"203.0.113.{number}"))[1][0]
        for number in range(3)
    ]

    assert len({line["client_hash"] for line in lines}) == 1


def test_no_answer_lets_another_site_read_it(victim: Victim) -> None:
    """Not of the API, not of the page, not of a preflight."""
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    http = victim.served.http
    answers = [http.get("/v1/models", headers=headers), http.get("/ui/", headers=headers)]
    answers += [http.options(path, headers=headers) for path in (*SPEAKING, "/ui/", "/ui/speak")]

    named = [name for answer in answers for name in answer.headers if name.startswith("access-control")]
    assert named == []
    assert all(answer.headers["x-content-type-options"] == "nosniff" for answer in answers)
    assert victim.refuses("/v1/audio/speech", json={"input": "hi"}, headers={"Origin": "https://evil.example"}) == (
        401,
        "UNAUTHORIZED",
    )


def test_those_who_dawdle_hold_up_nobody(victim: Victim) -> None:
    """A hundred connections with half a head, a hundred with half a body, and one that speaks meanwhile.

    Half a head is no request; half a body is one that was given up.
    """
    host, port = victim.served.url.removeprefix("http://").split(":")
    held = [socket.create_connection((host, int(port)), timeout=120) for _ in range(200)]
    for number, connection in enumerate(held):
        head = f"POST /generate HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: dawdle-{number}\r\n"
        rest = "X-" if number % 2 else "Content-Length: 9\r\n\r\n{"
        connection.sendall((head + rest).encode())

    assert victim.speaks()
    for connection in held:
        connection.close()
    lines = [line for number in range(0, 200, 2) for line in victim.served.lines.of(f"dawdle-{number}")]
    assert [(line["error_code"], line["http_status"]) for line in lines] == [("CANCELLED", 499)] * 100
    assert not any(line["request_id"] == "dawdle-1" for line in victim.served.lines.requests())


def test_two_hundred_at_once_each_get_an_answer_and_a_line(victim: Victim) -> None:
    """Good and bad ones, let go together."""
    bodies = [
        {"input": "hello", "response_format": "wav"},
        {"input": ""},
        {"input": "hi", "voice": "../x"},
        {"input": "x" * 5000},
    ]

    ready = threading.Barrier(200)

    def one(number: int) -> tuple[httpx2.Response, str]:
        name = f"crowd-{number}"
        ready.wait()
        headers = {"X-Request-Id": name}
        return http.post("/v1/audio/speech", json=bodies[number % 4], headers=headers), name

    limits = httpx2.Limits(max_connections=200)
    with (
        httpx2.Client(base_url=victim.served.url, timeout=120, limits=limits) as http,
        concurrent.futures.ThreadPoolExecutor(200) as crowd,
    ):
        answers = list(crowd.map(one, range(200)))

    codes = [judged("/v1/audio/speech", answer, victim.served.lines.of(name)) for answer, name in answers]
    assert codes[1::4] == ["EMPTY_TEXT"] * 50
    assert codes[2::4] == ["INVALID_SPEAKER"] * 50
    assert codes[3::4] == ["TEXT_TOO_LONG"] * 50
    assert set(codes[::4]) <= {"ok", "QUEUE_FULL"}
    assert "ok" in codes
    assert victim.speaks()


def test_nothing_has_left_this_machine(victim: Victim) -> None:
    """The page was opened, everything above was sent: no name was looked up, and nobody elsewhere connected to."""
    page = victim.served.http.get("/ui/")

    assert page.status_code == 200
    assert '"analytics_enabled":false' in page.text.replace(" ", "")
    assert not victim.trap.exists()
