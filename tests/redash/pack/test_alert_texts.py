"""What an alert says to whoever it wakes."""

from __future__ import annotations

import re

import pytest

from redash.config import PACKAGED
from redash.specs.reading import read_pack
from redash.specs.texts import LANGS, said

PACK, _ = read_pack(PACKAGED)
REDASHS = {
    "ALERT_NAME",
    "ALERT_URL",
    "ALERT_STATUS",
    "ALERT_SELECTOR",
    "ALERT_CONDITION",
    "ALERT_THRESHOLD",
    "QUERY_NAME",
    "QUERY_URL",
    "QUERY_RESULT_VALUE",
    "QUERY_RESULT_ROWS",
    "QUERY_RESULT_COLS",
    "QUERY_RESULT_TABLE",
}
EACH = [(slug, lang) for slug in PACK.alerts for lang in LANGS]


@pytest.fixture(scope="module")
def lines(line):
    """An alert's query has a row whatever there is."""
    return [line("2026-11-20T02:00:00")]


@pytest.mark.parametrize(("slug", "lang"), EACH)
def test_a_body_has_three_checks_and_says_how_to_silence_it(slug, lang):
    """And the status comes first: Redash sends the same words when it is over."""
    body = said(PACK.alerts[slug].spec.body, lang)

    assert re.findall(r"^(\d)\. ", body, re.MULTILINE) == ["1", "2", "3"]
    assert body.startswith({"en": "Status: {{ALERT_STATUS}}", "zh-CN": "状态：{{ALERT_STATUS}}"}[lang])
    assert "`tts-etl mark --kind maintenance --label" in body
    assert "{{ALERT_URL}}" in body
    assert "{{ALERT_STATUS}}" in said(PACK.alerts[slug].spec.subject, lang)


@pytest.mark.parametrize(("slug", "lang"), EACH)
def test_nothing_in_a_body_is_a_tag_of_html(slug, lang):
    """Redash sends mails as HTML, where <name> would vanish."""
    assert "<" not in said(PACK.alerts[slug].spec.body, lang)


@pytest.mark.parametrize("slug", PACK.alerts)
def test_each_placeholder_is_redashs_or_a_column_of_the_query(ask, slug):
    """An unknown one would be left out without a word; each section that is opened is closed."""
    alert = PACK.alerts[slug].spec
    texts = [said(text, lang) for text in (alert.subject, alert.body) for lang in LANGS]
    columns = ask(alert.query)[0].keys()
    found = [re.findall(r"\{\{([#/]?)(\w+)\}\}", text) for text in texts]

    assert {name for one in found for _, name in one} - REDASHS - columns == set()
    assert [sorted(name for kind, name in one if kind == "#") for one in found] == [
        sorted(name for kind, name in one if kind == "/") for one in found
    ]
    assert alert.column in columns
