"""The page over HTTP."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest

from redash.config import Settings
from redash.errors import WrongUse
from redash.preview.server import PreviewServer, Site, listen, page_of
from redash.specs.reading import read_pack

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
Get = Callable[..., tuple[int, str, str]]


@pytest.fixture
def site(two_calls: str, specs: Callable[..., Path]) -> Site:
    """The small pack over two calls of two instances."""
    return Site(Settings(two_calls, specs(), 30), read_pack(specs())[0], "a banner", lambda: NOW)


@pytest.fixture
def server(site: Site) -> Iterator[PreviewServer]:
    """Listening on a free port."""
    with listen(site, "127.0.0.1", 0, True) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield listening
        listening.shutdown()
        thread.join()


@pytest.fixture
def get(server: PreviewServer) -> Get:
    """(status, content type, text) of a path."""

    def ask(path: str, host: str = "127.0.0.1") -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        found = answer.status, answer.headers["Content-Type"], answer.read().decode()
        connection.close()
        return found

    return ask


def test_the_page_is_made_for_what_the_form_sent(get: Get):
    """A day without a call is empty; the day of the call is not."""
    _, kind, today = get("/")
    yesterday = get("/?" + urlencode({"period": "d_yesterday", "instance": "studio", "refresh": "60"}))[2]

    assert kind == "text/html; charset=utf-8"
    assert ("a banner" in today, "No data in this period" in today) == (True, False)
    assert ("No data in this period" in yesterday, 'content="60"' in yesterday) == (True, True)
    assert '<option value="studio" selected>' in yesterday


def test_a_value_that_does_not_fit_is_said_above_the_default_page(get: Get):
    """An injected instance is no reason for an error page, and reaches no SQL."""
    status, _, text = get("/?" + urlencode({"instance": "x' OR '1'='1"}))

    assert status == 200
    assert 'role="alert"' in text
    assert "is none of its values" in text
    assert "No data in this period" not in text


def test_the_script_and_nothing_else_is_there(get: Get):
    """plotly.js, a word for a health check, and 404."""
    assert get("/plotly.min.js")[:2] == (200, "text/javascript; charset=utf-8")
    assert get("/healthz") == (200, "text/plain; charset=utf-8", "ok\n")
    assert get("/etc/passwd")[0] == 404


@pytest.mark.parametrize(
    ("host", "status"), [("localhost:7861", 200), ("127.0.0.1", 200), ("evil.example", 403), ("", 403)]
)
def test_only_its_own_name_is_answered(get: Get, host: str, status: int):
    """A page elsewhere that bends its name to this machine reads nothing."""
    assert get("/healthz", host)[0] == status


def test_a_database_that_went_away_is_said_on_the_page(site: Site, tmp_path: Path):
    """The page looks again by itself."""
    gone = Site(Settings(f"sqlite:///{tmp_path}/gone.db", tmp_path, 30), site.pack, "", site.clock)
    status, text = page_of(gone, {})

    assert status == 503
    assert "there is no database" in text
    assert 'http-equiv="refresh"' in text


def test_a_taken_port_gives_the_next_one_unless_it_was_asked_for(site: Site, server: PreviewServer):
    """7861 may be taken by another preview."""
    taken = server.server_port
    with listen(site, "127.0.0.1", taken, False) as other:
        found = other.server_port

    assert taken < found < taken + 50
    with pytest.raises(WrongUse, match=f"port {taken}"):
        listen(site, "127.0.0.1", taken, True)
