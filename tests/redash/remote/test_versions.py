"""What each version can do."""

from __future__ import annotations

import pytest

from redash.remote.versions import Version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("26.08.0-dev", Version(26, 8)),
        ("10.1.0", Version(10, 1)),
        ("10.1.0.b50633", Version(10, 1)),
        ("v25.1.0", Version(25, 1)),
        ("26.9.0+abc", Version(26, 9)),
        ("unknown", None),
        ("", None),
    ],
)
def test_a_version_is_read_from_what_the_server_says(text: str, version: Version | None):
    """Year and month, as of 25.1; 10.1 before."""
    assert Version.parse(text) == version


@pytest.mark.parametrize(
    ("version", "columns", "narrowest", "abilities"),
    [
        (Version(10, 1), 6, 1, {"slack_has_channel"}),
        (Version(25, 1), 6, 1, {"alerts"}),
        (Version(25, 8), 12, 2, {"alerts"}),
        (Version(26, 3), 12, 2, {"alerts", "dashboards"}),
        (Version(26, 9), 12, 2, {"alerts", "dashboards"}),
    ],
)
def test_each_version_has_its_abilities(version: Version, columns: int, narrowest: int, abilities: set[str]):
    """They came together: those of alerts with 25.1, those of dashboards with 26.3."""
    alerts = (
        version.has_alert_selector,
        version.has_alert_eval,
        version.has_text_pattern,
        version.alerts_with_parameters,
        version.runs_new_schedules_at_once,
    )
    dashboards = (version.has_dashboard_parameters, version.has_source_dsn, version.has_ranges_of_years)

    assert (version.grid_columns, version.min_chart_columns) == (columns, narrowest)
    assert alerts == ("alerts" in abilities,) * 5
    assert dashboards == ("dashboards" in abilities,) * 3
    assert version.slack_has_channel == ("slack_has_channel" in abilities)


@pytest.mark.parametrize(
    ("version", "warning"),
    [
        (Version(10, 1), None),
        (Version(25, 1), None),
        (Version(26, 9), None),
        (Version(8, 0), "Redash 8.0 is older than any that was tried (10.1)"),
        (Version(24, 6), "Redash 24.6 was a snapshot between the releases 10.1 and 25.1; it was not tried"),
        (Version(27, 1), "Redash 27.1 is newer than any that was tried (26.9)"),
    ],
)
def test_a_version_that_was_never_tried_is_said(version: Version, warning: str | None):
    """It may work all the same."""
    assert version.warning == warning
