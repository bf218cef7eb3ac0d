"""The filter bar and what comes back from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from redash.data.answers import answers
from redash.data.database import reading
from redash.errors import ParameterError
from redash.preview.filters import Input, given_of, inputs, shared_parameters
from redash.specs.reading import read_pack

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


def test_inputs_show_the_present_values(database_url: str, fill, line, specs: Callable[..., Path]):
    """The range with its two moments, the dropdown with what there is, in the dashboard's order."""
    fill(database_url, line("2026-11-20T02:00:00"))
    pack, _ = read_pack(specs())
    with reading(database_url, 30) as opened:
        shown = inputs(answers(opened, pack, {"instance": "studio"}, NOW), pack.dashboards["board"], "en")
        moved = inputs(answers(opened, pack, {"period.start": "2026-11-01"}, NOW), pack.dashboards["board"], "en")
        with pytest.raises(ParameterError):
            inputs(answers(opened, pack, {"instance": "nobody"}, NOW), pack.dashboards["board"], "en")

    assert [(i.name, i.kind, i.value, i.start, i.end) for i in shown] == [
        ("period", "range", "d_today", "2026-11-22T00:00:00", "2026-11-22T23:59:59"),
        ("instance", "choice", "studio", "", ""),
    ]
    assert ("studio", "studio") in shown[1].choices
    assert (moved[0].value, moved[0].start) == ("custom", "2026-11-01T00:00:00")


@pytest.mark.parametrize(
    ("sent", "given"),
    [
        ({}, {}),
        ({"period": "d_today", "period.start": "2026-11-01", "instance": "%"}, {"period": "d_today", "instance": "%"}),
        ({"period": "custom", "period.start": "2026-11-01", "period.end": ""}, {"period.start": "2026-11-01"}),
        ({"other": "x", "dashboard": "board"}, {}),
    ],
)
def test_a_named_range_wins_over_moments_that_the_form_still_shows(specs: Callable[..., Path], sent, given):
    """And what is no parameter is left alone."""
    pack, _ = read_pack(specs())

    assert given_of(sent, shared_parameters(pack, pack.dashboards["board"].dashboard)) == given


def test_a_written_page_says_the_values_in_words():
    """Whole days without their seconds, a choice by its name."""
    period = Input("period", "Period", "range", "", "custom", [], "2026-11-01T00:00:00", "2026-11-02T23:59:59")
    choice = Input("instance", "Instance", "choice", "", "%", [("All instances", "%")])

    assert (period.said(), choice.said()) == ("2026-11-01 – 2026-11-02", "All instances")
