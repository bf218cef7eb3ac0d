"""Line ends, heads, anchors, and which stream a file is."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.tail import (
    HEAD_BYTES,
    MIB,
    Anchor,
    Candidate,
    Continue,
    Head,
    NewGeneration,
    PrefixCopy,
    anchor_at,
    bucket,
    bucket_start,
    head_of,
    kept_ends,
    line_ends,
    resolve,
    split,
    window,
)


def test_the_head_is_the_first_complete_line() -> None:
    """A file is known by its first line with the newline, whatever follows."""
    expected = Head(hashlib.sha256(b"one\n").digest(), 4, cut=False)

    assert [head_of(b"one\n"), head_of(b"one\ntwo")] == [expected, expected]


@pytest.mark.parametrize("first_bytes", [b"", b"o", b"one", b"x" * (HEAD_BYTES - 1)])
def test_a_file_without_a_complete_line_needs_no_head(first_bytes: bytes) -> None:
    """What has no line has nothing to load and no identity."""
    assert head_of(first_bytes) is None


def test_a_first_line_beyond_the_cap_is_known_by_its_first_bytes() -> None:
    """A line that never ends identifies its file by what was seen of it, flagged."""
    found = head_of(b"x" * HEAD_BYTES + b"more\n")

    assert found == Head(hashlib.sha256(b"x" * HEAD_BYTES).digest(), HEAD_BYTES, cut=True)


@given(st.lists(st.binary(max_size=9).map(lambda line: line.replace(b"\n", b"")), max_size=9), st.binary(max_size=5))
def test_split_gives_every_complete_line_and_no_other(lines: list[bytes], rest: bytes) -> None:
    """What stands behind the last newline is left for later."""
    rest = rest.replace(b"\n", b"")

    assert split(b"".join(line + b"\n" for line in lines) + rest) == lines


@pytest.mark.parametrize(
    ("offset", "line_length", "expected"),
    [(10, 10, 10), (5000, 10, 4096), (5000, 4500, 4500), (10**6, 500_000, HEAD_BYTES + 1)],
)
def test_an_anchor_covers_the_last_line_and_at_least_4_kib(offset: int, line_length: int, expected: int) -> None:
    """The window reaches over the whole last line, with its unique key, and never before the file's start."""
    assert window(offset, line_length) == expected


@given(st.integers(0, 10**9))
def test_buckets_grow_and_know_their_start(offset: int) -> None:
    """Every offset lies at or above the boundary of its bucket, and just below that one another bucket begins."""
    start = bucket_start(offset)

    assert bucket(start) == bucket(offset)
    assert start == 0 or bucket(start - 1) == bucket(offset) - 1


def test_the_first_line_end_of_each_bucket_is_kept() -> None:
    """Anchors stay at the first line end at or behind 4, 16, 64 and 256 KiB, and each MiB."""
    ends = [(offset, 3000) for offset in range(3000, 3 * MIB, 3000)]

    kept = [offset for offset, _ in kept_ends(0, ends)]

    assert kept == [6000, 18000, 66000, 264000, 1050000, 2100000]
    assert [offset for offset, _ in kept_ends(6000, ends[2:])] == kept[1:]


FILE = b"".join(b"line %04d of the stream\n" % number for number in range(1000))


def matches(anchor: Anchor) -> bool:
    before = FILE[: anchor.off]
    return len(before) == anchor.off and anchor_at(anchor.off, anchor.win, before) == anchor


def true_anchor(off: int, win: int = 10) -> Anchor:
    return anchor_at(off, win, FILE[:off])


def false_anchor(off: int) -> Anchor:
    return Anchor(off, 10, b"x" * 32)


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ([], NewGeneration(0)),
        ([Candidate(1, 0, 0, None, None)], Continue(1, 0, 0)),
        ([Candidate(1, 0, 500, true_anchor(500), None)], Continue(1, 0, 500)),
        ([Candidate(1, 0, 500, false_anchor(500), None)], NewGeneration(1)),
        ([Candidate(1, 0, 500, None, None)], NewGeneration(1)),
        ([Candidate(1, 0, 99_999, None, true_anchor(5000))], PrefixCopy(1, 5000)),
        ([Candidate(1, 0, 99_999, None, false_anchor(5000))], NewGeneration(1)),
        ([Candidate(1, 0, 99_999, None, None)], PrefixCopy(1, 0)),
        (
            [Candidate(1, 0, 500, true_anchor(500), None), Candidate(2, 1, 600, true_anchor(600), None)],
            Continue(2, 1, 600),
        ),
        (
            [Candidate(1, 0, 500, true_anchor(500), None), Candidate(2, 1, 600, false_anchor(600), None)],
            Continue(1, 0, 500),
        ),
    ],
)
def test_resolution(candidates: list[Candidate], expected: object) -> None:
    """A file continues a stream only if the bytes before the offset are the same; a shorter one is a copy; else new."""
    assert resolve(len(FILE), candidates, matches) == expected


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=600), st.sampled_from([0, 1, 4095, 4096, 70_000, MIB - 1]))
def test_line_ends_for_anchors(lengths: list[int], start: int) -> None:
    """Of all line ends only those that anchors may stand at are found, and none of these is missed."""
    every = [(start + sum(lengths[: at + 1]), length) for at, length in enumerate(lengths)]
    found = line_ends(start, b"".join(b"x" * (length - 1) + b"\n" for length in lengths))
    assert set(found) <= set(every)
    assert found[-1] == every[-1]
    assert kept_ends(start, found) == kept_ends(start, every)
