"""The bench of the line: its arithmetic, and a few requests through all of its arms."""

from __future__ import annotations

from pathlib import Path

from bench.line import ARMS, Block, difference, figures, measured, page


def test_a_difference_is_paired_and_has_an_interval() -> None:
    """A cost of five in each round, whatever the round itself took; a noisy one lies within its interval."""
    base = [100.0, 900.0, 50.0, 400.0] * 10

    assert difference(base, [value + 5 for value in base]) == (5.0, 5.0, 5.0)
    found, low, high = difference(base, [value + index % 3 for index, value in enumerate(base)])
    assert 0.0 <= low <= found <= high <= 2.0


def test_a_missed_aim_is_bold() -> None:
    """61 µs are one too many."""
    found = {
        arm: [Block(100.0 + cost, 10.0 + cost, 20.0 + cost)] * 5 for arm, cost in zip(ARMS, (0, 61, 60), strict=True)
    }

    shown = page(figures(found), rounds=5, size=25)

    assert shown.count("**61.00 µs**") == 2
    assert "| -1.00 µs |" in shown


def test_requests_run_through_every_arm(tmp_path: Path) -> None:
    """Each is answered, each of the logged ones has its line, and those on the sampled GPU its name."""
    found = measured(2, 2, tmp_path)

    assert {arm: len(blocks) for arm, blocks in found.items()} == dict.fromkeys(ARMS, 2)
    assert all(min(block.waited, block.worked) > 0 for blocks in found.values() for block in blocks)
    assert b'"gpu_uuid":"0a1b2c3d"' in (tmp_path / f"{ARMS[2]}.log").read_bytes()
