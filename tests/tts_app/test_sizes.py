"""What is too long is refused by its length, and all that is held at once is bounded."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from tests.tts_app.asgi import Inside, ask, scope_of
from tts_app.errors import RequestFailed
from tts_app.sizes import Sized, Sizes

SIZES = Sizes(body_bytes=100, speech_bytes=2100, at_once_bytes=3000)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/login", {"content-length": "100"}, 200),
        ("/login", {"content-length": "101"}, 413),
        ("/anything", {"content-length": "999999999999999999999"}, 413),
        ("/login", {"transfer-encoding": "chunked"}, 411),
        ("/ui/speak", {"content-length": "1000"}, 200),
        ("/v1/audio/speech", {"transfer-encoding": "chunked"}, 200),
        ("/", {}, 200),
    ],
)
def test_a_length_is_refused_before_it_is_read(path: str, headers: dict[str, str], status: int) -> None:
    """Without a length none is taken, but where the route itself counts."""
    inside = Inside()
    answer = ask(Sized(inside, SIZES), scope_of("POST", path, headers))

    assert answer.status == status
    assert len(inside.scopes) == (status == 200)


class Reading:
    """A route that reads its body, and says so; then it waits to be let go."""

    def __init__(self) -> None:
        self.read = 0
        self.go = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        self.read += 1
        await self.go.wait()


def test_bodies_held_at_once_are_bounded() -> None:
    """Three of a thousand bytes are held; the fourth is asked to come again; once they are gone there is room."""
    route = Reading()
    sized = Sized(route, SIZES)

    async def one(body: bytes) -> None:
        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(_: Message) -> None:
            raise AssertionError

        await sized(scope_of("POST", "/generate"), receive, send)

    async def all_of_them() -> Any:
        held = [asyncio.ensure_future(one(b"x" * 1000)) for _ in range(3)]
        while route.read < 3:
            await asyncio.sleep(0)
        with pytest.raises(RequestFailed) as refused:
            await one(b"x")
        route.go.set()
        await asyncio.gather(*held)
        await one(b"x" * 3000)
        return refused.value.code

    assert asyncio.run(all_of_them()) == "QUEUE_FULL"
    assert route.read == 4


def test_of_a_body_that_is_not_kept_only_so_much_counts() -> None:
    """A route that reads on and forgets doesn't use up everybody's room."""

    async def forgetful(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        await Inside()(scope, receive, send)

    sized = Sized(forgetful, SIZES)
    assert ask(sized, scope_of("POST", "/generate"), *[b"x" * 1000] * 10).status == 200
