"""Seconds of stages: never counted twice, and the device's own where there is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_app.worker.vox_worker.stages import Stages


class Ticks:
    """A clock that is told when time passes."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Event:
    """A CUDA event at a moment of the device's own time."""

    def __init__(self, at: float) -> None:
        self.at = at

    def elapsed_time(self, later: Event) -> float:
        return (later.at - self.at) * 1000


def test_an_inner_stage_stops_the_outer_one() -> None:
    """And what happens while paused counts to none."""
    clock = Ticks()
    stages = Stages(clock)

    with stages.stage("gpt"):
        clock.now += 1
        with stages.stage("vocoder"):
            clock.now += 2
            assert stages.name == "vocoder"
        clock.now += 4
        with stages.paused():
            clock.now += 8
        clock.now += 16
    clock.now += 32

    assert stages.seconds() == {"gpt": 21.0, "vocoder": 2.0}
    assert stages.device_seconds() is None


def test_a_stage_ends_with_an_exception() -> None:
    """Its time counts all the same."""
    clock = Ticks()
    stages = Stages(clock)

    def failing() -> None:
        with stages.stage("gpt"):
            clock.now += 1
            raise KeyError

    with pytest.raises(KeyError):
        failing()
    clock.now += 1

    assert stages.seconds() == {"gpt": 1.0}


def test_on_a_device_its_own_time_counts() -> None:
    """Calls return at once, the work is done later: the time lies between the events."""
    clock, device = Ticks(), Ticks()
    stages = Stages(clock, lambda: Event(device.now))

    with stages.stage("gpt"):
        clock.now += 0.001
        device.now += 3
        with stages.stage("vocoder"):
            device.now += 0.5
    with stages.stage("gpt"):
        device.now += 1

    assert stages.seconds() == {"gpt": 4.0, "vocoder": 0.5}
    assert stages.device_seconds() == 4.5


STEPS = st.recursive(
    st.floats(0, 5), lambda inner: st.tuples(st.sampled_from("abc"), st.lists(inner, max_size=3)), max_leaves=12
)


@given(st.lists(STEPS, max_size=4))
def test_stages_never_add_up_to_more_than_the_whole(steps: list[object]) -> None:
    """However they are nested."""
    clock = Ticks()
    stages = Stages(clock)

    def go(step: object) -> None:
        if isinstance(step, tuple):
            with stages.stage(step[0]):
                for inner in step[1]:
                    go(inner)
        elif isinstance(step, float):
            clock.now += step

    for step in steps:
        go(step)

    assert sum(stages.seconds().values()) <= clock.now * 1.000001
