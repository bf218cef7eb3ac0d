"""The file for nginx, in a real nginx: TLS, a sub-path, streams that aren't held back, and nobody else's word believed."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import ConsoleMessage, sync_playwright

from tests.tts_app.conftest import wait_for
from tts_app.keys import AccessFile

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deploy" / "nginx" / "voxmeter.conf"
CHROMIUM = "/usr/bin/chromium"
DEADLINE_SECONDS = 120.0
PATIENCE_MS = 120_000
PHRASE = "correct horse battery"

pytestmark = pytest.mark.needs("nginx", "openssl")


class Upstream(BaseHTTPRequestHandler):
    """A service that sends the first half of its answer, and the second once the client has the first."""

    protocol_version = "HTTP/1.1"
    has_first = threading.Event()
    asked: tuple[str, dict[str, str]]

    def do_GET(self) -> None:
        Upstream.asked = self.path, dict(self.headers)
        self.send_response(200)
        self.send_header("Content-Type", "audio/mpeg")
        self.send_header("Content-Length", "10")
        self.end_headers()
        self.wfile.write(b"first")
        self.wfile.flush()
        assert Upstream.has_first.wait(DEADLINE_SECONDS)
        self.wfile.write(b"other")

    def log_message(self, *_: object) -> None:
        """Nothing is said."""


@dataclass
class Site:
    """The service behind nginx."""

    url: str
    context: ssl.SSLContext
    log: Path
    key: str

    def client(self, **options: Any) -> httpx2.Client:
        return httpx2.Client(base_url=self.url, verify=self.context, timeout=DEADLINE_SECONDS, **options)

    def requests(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line for line in lines if line["event"] == "tts.request"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def certificate(folder: Path) -> tuple[Path, Path]:
    """One for this machine, and its key."""
    made, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", made, "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    return made, key


def shown(text: str, upstream: int, port: int, files: tuple[Path, Path], name: str) -> str:
    """The file, on other ports, with another certificate, and a name of its own."""
    changes = {
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "server 127.0.0.1:7860;": f"server 127.0.0.1:{upstream};",
        "/etc/ssl/certs/tts.example.com.pem": str(files[0]),
        "/etc/ssl/private/tts.example.com.key": str(files[1]),
        "tts.example.com": "localhost",
        "upstream voxmeter": f"upstream {name}",
        "http://voxmeter/": f"http://{name}/",
    }
    for was, becomes in changes.items():
        assert text.count(was) == 1, was
        text = text.replace(was, becomes)
    return text


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """One that a user who isn't root may write to: as such nginx runs."""
    made = Path(tempfile.mkdtemp(prefix="voxmeter-nginx-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[tuple[int, Path, str]]:
    """tts-app as the file says, with a key and a user: its port, its log, the key."""
    access = AccessFile(folder / "state" / "access.json", cost="2$1$1")
    key = access.add_key("newsroom")
    access.add_user("ann", PHRASE)
    command = [sys.executable, "-m", "tts_app.cli", "serve", "--port", "0", "--json", "--log", str(folder / "tts.log")]
    command += ["--state-dir", str(folder / "state"), "--root-path", "/tts", "--trusted-proxy", "127.0.0.1"]
    command += ["--client-from", "forwarded"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            ready = json.loads(process.stdout.readline())
            wait_for(lambda: httpx2.get(f"{ready['url']}/readyz", timeout=DEADLINE_SECONDS).status_code == 200)
            yield int(ready["url"].rpartition(":")[2]), folder / "tts.log", key
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def upstream() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def start_nginx(folder: Path) -> Iterator[Callable[[dict[int, int]], ssl.SSLContext]]:
    """Starts nginx, which listens on the given ports and asks the given upstreams; ends it at the end."""
    files = certificate(folder)
    running: list[subprocess.Popen[bytes]] = []

    def start(ports: dict[int, int]) -> ssl.SSLContext:
        sites = [shown(FILE.read_text(), port, listen, files, f"u{listen}") for listen, port in ports.items()]
        temp = "\n".join(
            f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        text = f"daemon off; pid {folder}/pid; error_log stderr warn; events {{}}\nhttp {{ access_log off; {temp}\n"
        (folder / "nginx.conf").write_text(text + "\n".join(sites) + "\n}\n")
        user: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            for path in (folder, *files):
                shutil.chown(path, "nobody", "nogroup")
        command = ["/usr/sbin/nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", "stderr"]
        subprocess.run([*command, "-t"], check=True, capture_output=True, **user)
        running.append(subprocess.Popen(command, **user))
        return ssl.create_default_context(cafile=str(files[0]))

    yield start
    for process in running:
        process.terminate()
        process.wait(DEADLINE_SECONDS)


@pytest.fixture(scope="module")
def sites(
    service: tuple[int, Path, str], upstream: int, start_nginx: Callable[[dict[int, int]], ssl.SSLContext]
) -> dict[str, Site]:
    """The service, the slow upstream, and one that is away, each below /tts."""
    port, log, key = service
    ports = {"service": (free_port(), port), "slow": (free_port(), upstream), "away": (free_port(), free_port())}
    context = start_nginx(dict(ports.values()))
    made = {name: Site(f"https://localhost:{listen}/tts", context, log, key) for name, (listen, _) in ports.items()}
    # nginx is up once its port takes connections, and not before.
    while True:
        try:
            socket.create_connection(("127.0.0.1", ports["service"][0]), timeout=DEADLINE_SECONDS).close()
        except ConnectionRefusedError:
            continue
        return made


@pytest.fixture(scope="module")
def site(sites: dict[str, Site]) -> Site:
    return sites["service"]


def test_speech_passes_with_a_key_alone(site: Site) -> None:
    """A line each; whatever addresses a client claims, it is the one that nginx saw."""
    with site.client() as http:
        body = {"input": "hello", "response_format": "wav"}
        refused = http.post("/v1/audio/speech", json=body)
        spoken = [
            http.post(
                "/v1/audio/speech",
                json=body,
                headers={"Authorization": f"Bearer {site.key}", "X-Forwarded-For": claimed, "X-Forwarded-Proto": "ftp"},
            )
            for claimed in ("203.0.113.1", "203.0.113.2, 127.0.0.1")
        ]
        health = http.get("/healthz")

    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "UNAUTHORIZED")
    assert [(answer.status_code, answer.content[:4]) for answer in spoken] == [(200, b"RIFF")] * 2
    assert (health.json(), health.headers["strict-transport-security"]) == ({"status": "ok"}, "max-age=31536000")
    lines = site.requests()
    assert [line.get("error_code") for line in lines[:3]] == ["UNAUTHORIZED", None, None]
    assert len({line["client_hash"] for line in lines[:3]}) == 1


def test_links_and_redirects_stay_below_the_path(site: Site) -> None:
    """Of /generate's answer, of the login, and of the path without its slash."""
    with site.client(headers={"Authorization": f"Bearer {site.key}"}) as http:
        link = http.post("/generate", json={"text": "hello"}).json()["audio_url"]
        audio = http.get(site.url.removesuffix("/tts") + link)
        stranger = httpx2.Client(verify=site.context, timeout=DEADLINE_SECONDS)
        login = stranger.get(f"{site.url}/ui/", headers={"Accept": "text/html"})
        bare = stranger.get(site.url)
        stranger.close()

    assert link.startswith("/tts/audio/")
    assert (audio.status_code, audio.content[:4]) == (200, b"RIFF")
    assert (login.status_code, login.headers["location"]) == (303, "/tts/login")
    assert (bare.status_code, bare.headers["location"]) == (308, f"{site.url}/")


def test_a_stream_is_not_held_back(sites: dict[str, Site]) -> None:
    """The first piece is here while the second isn't sent; the upstream is told who asks, by nobody but nginx."""
    headers = {"X-Forwarded-For": "203.0.113.1", "X-Forwarded-Proto": "ftp", "Accept-Encoding": "identity"}
    with sites["slow"].client() as http, http.stream("GET", "/stream", headers=headers) as answer:
        pieces = answer.iter_raw()
        first = next(pieces)
        Upstream.has_first.set()
        rest = b"".join(pieces)

    path, seen = Upstream.asked
    assert (first, rest, path) == (b"first", b"other", "/stream")
    assert (seen["X-Forwarded-For"], seen["X-Forwarded-Proto"]) == ("127.0.0.1", "https")
    assert seen["Host"] == sites["slow"].url.split("/")[2]


def test_what_nginx_refuses_has_the_shape_of_our_errors(sites: dict[str, Site]) -> None:
    """A body above the size, by its length alone, and a service that is away."""
    host, _, port = sites["service"].url.split("/")[2].partition(":")
    connection = HTTPSConnection(host, int(port), context=sites["service"].context, timeout=DEADLINE_SECONDS)
    connection.putrequest("POST", "/tts/generate")
    connection.putheader("Content-Length", str(43 * 2**20))
    connection.endheaders()
    refused = connection.getresponse()
    said = json.loads(refused.read())
    connection.close()
    with sites["away"].client() as http:
        away = http.get("/v1/models")

    assert (refused.status, said["error"]["code"]) == (413, "TEXT_TOO_LONG")
    assert (away.status_code, away.json()["error"]["code"]) == (503, "ENGINE_UNAVAILABLE")
    assert away.headers["retry-after"] == "5"


def is_ours(message: ConsoleMessage) -> bool:
    """Whether the page complains; of the picture in the tab, which belongs to the host's own root, it may."""
    return message.type == "error" and not message.location["url"].endswith("/favicon.ico")


def is_elsewhere(url: str) -> bool:
    return not url.startswith(("https://localhost:", "blob:https://localhost:", "data:"))


@pytest.mark.needs("chromium")
def test_the_page_works_below_the_path(site: Site) -> None:
    """Signed in and spoken in a real browser, with a cookie for TLS and this path; nothing is complained of."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"], timeout=PATIENCE_MS
        )
        context = browser.new_context(ignore_https_errors=True)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if is_ours(message) else None)
        page.on("request", lambda asked: complaints.append(asked.url) if is_elsewhere(asked.url) else None)
        page.goto(f"{site.url}/")
        page.fill("input[name=name]", "ann")
        page.fill("input[name=password]", PHRASE)
        page.click("button")
        page.wait_for_function("window.voxmeter && document.body.dataset.emotion")
        page.fill("#text textarea", "hello there")
        page.click("#speak")
        page.wait_for_selector("#vox-took .vox-steps")
        [cookie] = context.cookies()
        browser.close()

    assert complaints == []
    assert (cookie["path"], cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == ("/tts", True, True, "Lax")
    assert [line["status"] for line in site.requests() if line["source"] == "webui"] == ["ok"]
