"""What engines print: a few known lines go on, nothing that anybody wrote does."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_app.engines.prints import CHUNK_BYTES, MAX_LINE_BYTES, Prints

KNOWN = (
    "Use device: cuda:0",
    ">> Use device: cpu",
    ">> Be patient, it may take a while to run in CPU mode.",
    ">> TextNormalizer loaded",
    "torch version: 2.13.0+cpu",
    "load time: 12.5 seconds",
)


def told(*pieces: bytes) -> tuple[list[str], int]:
    """What is told of a stream that comes in these pieces, and how many lines are kept back."""
    lines: list[str] = []
    prints = Prints(lines.append)

    async def drain() -> None:
        stream = asyncio.StreamReader()
        for piece in pieces:
            stream.feed_data(piece)
        stream.feed_eof()
        await prints.drain(stream)

    asyncio.run(drain())
    return lines, prints.dropped


@pytest.mark.parametrize("line", KNOWN)
def test_a_known_line_goes_on(line: str) -> None:
    """However often it comes, once; in whatever pieces."""
    data = f"{line}\n{line}\r\n".encode()

    assert told(data[:5], data[5:], data)[0] == [line]


@pytest.mark.parametrize(
    "line",
    [
        "text: hello",
        ">> GPT weights restored from: /opt/models/gpt.pth",
        "Use device: cuda:0 for my secret",
        "synthesis text my secret",
        "Use device: cuda:0\x00",
    ],
)
def test_any_other_line_stays(line: str) -> None:
    """It is counted."""
    assert told(f"{line}\n".encode()) == ([], 1)


def test_the_end_of_a_long_line_is_no_line_of_its_own() -> None:
    """However it is cut into pieces."""
    long = b"x" * MAX_LINE_BYTES * 3

    assert told(b"x" * CHUNK_BYTES + b"Use device: cpu\n")[0] == []
    assert told(long + b"Use device: cpu\n")[0] == []
    assert told(b"Use device: cpu")[0] == ["Use device: cpu"]


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_no_other_bytes_pass(pieces: list[bytes]) -> None:
    """Nothing is told that isn't known word by word."""
    assert set(told(*pieces)[0]) <= set(KNOWN)
