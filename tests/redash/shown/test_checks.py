"""Checks in words and as JUnit's XML."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from redash.shown.checks import checks_text, junit
from redash.sync.verify import Check

CHECKS = [
    Check("query/a", "run", seconds=0.25),
    Check("query/b", "run", 'no rows: "<none>" & more'),
    Check("alert/a", "state", said="triggered"),
]


def test_the_text_names_what_is_not_well_and_the_state_of_alerts():
    """And counts the rest."""
    assert checks_text(CHECKS).splitlines() == [
        "alert/a: state: triggered",
        'query/b: run: no rows: "<none>" & more',
        "2 of 3 checks are well",
    ]


def test_junit_has_a_case_a_check():
    """Read back as XML: suites, failures with their message, what was seen."""
    suites = ET.fromstring(junit(CHECKS))  # noqa: S314  Our own text.
    seen = [
        (
            suite.get("name"),
            suite.get("failures"),
            case.get("name"),
            case.get("time"),
            [(one.tag, one.text) for one in case],
        )
        for suite in suites
        for case in suite
    ]

    assert seen == [
        ("run", "1", "query/a", "0.250", []),
        ("run", "1", "query/b", "0.000", [("failure", 'no rows: "<none>" & more')]),
        ("state", "0", "alert/a", "0.000", [("system-out", "triggered")]),
    ]
