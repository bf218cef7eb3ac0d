"""The page of the queries' timings: what it shows, and what it calls too slow."""

from __future__ import annotations

import pytest

from bench.queries import Timing
from bench.query_page import figures, growth, table

TIMINGS = [
    Timing("fast", "", "postgresql", 100_000, 10.0),
    Timing("fast", "", "postgresql", 1_000_000, 100.0),
    Timing("fast", "", "sqlite", 100_000, 20.0),
    Timing("fast", "", "sqlite", 1_000_000, 2_000.0),
    Timing("slow", "by=all", "postgresql", 100_000, 300.0),
    Timing("slow", "by=engine", "postgresql", 100_000, 400.0),
    Timing("slow", "by=engine", "postgresql", 1_000_000, 2_501.0),
    Timing("slow", "by=all", "sqlite", 100_000, 5.0),
    Timing("slow", "by=engine", "sqlite", 100_000, 4.0),
    Timing("slow", "by=all", "sqlite", 1_000_000, 5_999.0),
]


def test_the_table_shows_the_slowest_choice_and_what_is_over_the_limit() -> None:
    """A line a query, the time and its growth on both kinds of database; 2.5 s and 6 s are the limits."""
    assert table(TIMINGS).splitlines()[2:] == [
        "| fast | 10 | 100 | 1.0 | 20 | 2,000 | 2.0 |",
        "| slow | 400 | **2,501** | 0.8 | 5.0 | 5,999 | 3.1 |",
    ]


def test_growth_is_an_exponent_of_the_two_largest_sizes() -> None:
    """Ten times the rows in a hundred times the time: 2; a single size has none."""
    assert growth({10: 5.0, 100: 1.0, 1_000: 100.0}) == pytest.approx(2)
    assert growth({10: 1.0}) is None


def test_the_figures_are_the_slowest_queries_with_their_aims() -> None:
    """The slowest query on each kind at the largest size, held to its limit at a million requests."""
    assert [(f.name, f.value, f.aim, f.met, f.detail) for f in figures(TIMINGS)] == [
        ("slowest query of the pack, postgresql, 1,000,000 requests", 2.501, 2.5, False, "slow by=engine"),
        ("slowest query of the pack, sqlite, 1,000,000 requests", 5.999, 6.0, True, "slow by=all"),
    ]
    small = [timing for timing in TIMINGS if timing.requests == 100_000]
    assert [(f.value, f.aim) for f in figures(small)] == [(0.4, None), (0.02, None)]
