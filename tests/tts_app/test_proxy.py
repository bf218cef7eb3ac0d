"""Behind a proxy: what it says counts if it is ours, and what anybody else says never does."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tts_app.asgi import Inside, ask, scope_of
from tts_app.proxy import Front, Proxied
from tts_app.routes import route_of

OURS = Front(trusted=(ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")), client_header="x-user")


def seen(front: Front = OURS, **request: Any) -> Any:
    """The scope that the application sees."""
    inside = Inside()
    ask(Proxied(inside, front), scope_of(**request))
    return inside.scopes[0]


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 10.1.1.1", "203.0.113.9"),
        ("127.0.0.1, 203.0.113.9, 10.1.1.1", "203.0.113.9"),
        ("10.9.9.9, 10.1.1.1", "10.9.9.9"),
        ("203.0.113.9:1234", "203.0.113.9"),
        ("[2001:db9::1]:443", "2001:db9::1"),
        ("2001:db9::1, 2001:db8::5", "2001:db9::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, unknown", "10.0.0.2"),
        ("203.0.113.9, <script>, 10.1.1.1", "10.1.1.1"),
        ("", "10.0.0.2"),
    ],
)
def test_the_client_is_the_rightmost_hop_that_is_no_proxy(forwarded: str, client: str) -> None:
    """What stands left of it anybody may have written; what is no address ends the search."""
    scope = seen(client=("10.0.0.2", 1), headers={"X-Forwarded-For": forwarded})

    assert scope["client"] == (client, 0)


def test_several_headers_are_one_list() -> None:
    """Each proxy may add a line of its own."""
    scope = scope_of(client=("10.0.0.2", 1))
    scope["headers"] = [
        (b"x-forwarded-for", b"1.1.1.1"),
        (b"x-forwarded-for", b"203.0.113.9"),
        (b"x-forwarded-for", b"10.1.1.1"),
    ]
    inside = Inside()
    ask(Proxied(inside, OURS), scope)

    assert inside.scopes[0]["client"] == ("203.0.113.9", 0)


@settings(deadline=None)
@given(st.text(st.characters(max_codepoint=255, blacklist_characters="\r\n\0")))
def test_a_stranger_s_word_counts_nothing(value: str) -> None:
    """Client and scheme are those of the connection, and no forwarding header is left for a library to believe."""
    names = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "Forwarded", "X-User")
    scope = seen(headers=dict.fromkeys((*names, "X-Real-IP"), value) | {"Accept": "a"})

    assert (scope["client"], scope["scheme"], scope["headers"]) == (("192.0.2.7", 5), "http", [(b"accept", b"a")])


def test_a_proxy_of_ours_says_scheme_and_client_header() -> None:
    """Of schemes only those there are; the rightmost counts."""
    headers = {"X-Forwarded-Proto": "http, https", "X-User": "ann", "X-Forwarded-Host": "evil.example"}
    scope = seen(client=("10.0.0.2", 1), headers=headers)

    assert (scope["scheme"], scope["headers"]) == ("https", [(b"x-user", b"ann")])
    assert seen(client=("10.0.0.2", 1), headers={"X-Forwarded-Proto": "javascript"})["scheme"] == "http"


def test_a_proxy_on_a_unix_socket_or_dressed_as_ipv6() -> None:
    """No address is trusted by nobody; ::ffff:10.0.0.2 is 10.0.0.2."""
    headers = {"X-Forwarded-For": "203.0.113.9"}

    assert seen(client=None, headers=headers)["client"] is None
    assert seen(client=("::ffff:10.0.0.2", 1), headers=headers)["client"] == ("203.0.113.9", 0)


@pytest.mark.parametrize(
    ("path", "full"),
    [("/generate", "/tts/generate"), ("/tts/generate", "/tts/generate"), ("/tts", "/tts"), ("/ttsx", "/tts/ttsx")],
)
def test_the_root_path_may_be_cut_off_or_not(path: str, full: str) -> None:
    """Proxies do either; routes see the same."""
    scope = seen(Front(root_path="/tts"), path=path)

    assert (scope["root_path"], scope["path"], scope["raw_path"]) == ("/tts", full, full.encode())
    assert route_of(scope) == full.removeprefix("/tts")


def test_what_is_no_request_passes_by() -> None:
    """The server's own start and end."""
    inside = Inside()
    ask(Proxied(inside, OURS), {"type": "lifespan"})

    assert inside.scopes == [{"type": "lifespan"}]
