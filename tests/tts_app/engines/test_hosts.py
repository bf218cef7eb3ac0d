"""Several engines behind one service: found by name, started together, counted together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.tts_app.engines.hosting import DEADLINE_SECONDS, PCM, fake, order, until
from tts_app.engines.hosts import Hosts
from tts_app.engines.progress import Limits, Progress
from tts_app.engines.spec import EngineSpec, embedded
from tts_app.errors import RequestFailed


def run(steps: Callable[[Hosts], Awaitable[Any]], *specs: EngineSpec) -> None:
    """Steps with started engines, which are ended afterwards."""

    async def with_hosts() -> None:
        hosts = Hosts(specs, Limits())
        await hosts.start()
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await steps(hosts)
        finally:
            await hosts.close()
            assert hosts.workers_up == 0

    asyncio.run(with_hosts())


def test_an_engine_is_found_by_its_name_or_as_a_model() -> None:
    """In any case; a model that is none of ours, as clients of OpenAI send, is the default."""
    hosts = Hosts((fake(name="Studio"), fake(name="remote")), Limits())

    found = [
        hosts.find(*names).name for names in ((None, None), ("REMOTE", "studio"), (None, "remote"), (None, "tts-1"))
    ]

    assert found == ["Studio", "remote", "remote", "Studio"]
    with pytest.raises(RequestFailed) as caught:
        hosts.find("warp", None)
    assert (caught.value.code, caught.value.param, "warp" in str(caught.value)) == ("INVALID_PARAM", "engine", False)


def test_a_broken_engine_leaves_the_others_alone() -> None:
    """The embedded voice is up when the start is done; the others come, or don't, by themselves."""

    async def steps(hosts: Hosts) -> None:
        assert hosts.find("espeak", None).workers_up == 1
        await until(lambda: hosts.find("good", None).workers_up == 2)
        await until(lambda: hosts.find("bad", None).status().problem)
        chunks = hosts.find("good", None).speak(order("hello"), Progress())
        assert b"".join([chunk async for chunk in chunks]) == PCM
        assert (hosts.workers_configured, hosts.workers_up, hosts.workers_busy, hosts.waiting) == (4, 3, 0, 0)
        assert [(status.name, status.default, status.problem) for status in hosts.status()] == [
            ("espeak", True, None),
            ("good", False, None),
            ("bad", False, "the weights are not there"),
        ]

    run(steps, embedded(), fake(name="good", workers=2), fake(name="bad", options={"broken": "unready"}))


def test_the_end_does_not_wait_for_what_loads() -> None:
    """An engine that is still being loaded is ended with the rest."""

    async def steps(hosts: Hosts) -> None:
        assert hosts.find("slow", None).info is None

    run(steps, embedded(), fake(name="slow", options={"broken": "mute"}))
