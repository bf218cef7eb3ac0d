"""Texts in English and Chinese."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from redash.specs.charts import Counter
from redash.specs.texts import ShortTitle, Text, said, spoken

BOTH = Text.model_validate({"en": "Latency", "zh-CN": "延迟"})


def test_a_text_is_said_in_the_language_that_is_asked_for():
    """In English where the other one is missing."""
    assert [said(text, lang) for text in (BOTH, Text(en="Lag")) for lang in ("en", "zh-CN")] == [
        "Latency",
        "延迟",
        "Lag",
        "Lag",
    ]


@pytest.mark.parametrize(
    ("text", "lacks"), [("Latency", True), ("P95", False), ("RTF", False), ("%", False), ("", False)]
)
def test_what_holds_no_word_needs_no_translation(text: str, lacks: bool):
    """Abbreviations read the same in each language."""
    assert Text.model_validate(text).untranslated is lacks


def test_a_spec_is_spoken_in_one_language():
    """Each text at any depth; what is no text stays."""
    counter = Counter.model_validate(
        {"type": "counter", "title": BOTH, "column": "a", "suffix": {"en": " h", "zh-CN": " 时"}}
    )
    chinese = spoken(counter, "zh-CN")

    assert (str(chinese.title), str(chinese.suffix), chinese.column) == ("延迟", " 时", "a")
    assert spoken([{"a": BOTH}], "en") == [{"a": Text(en="Latency")}]


def test_each_language_keeps_the_length_of_redash():
    """A hundred characters for the name of a dashboard."""
    title: TypeAdapter[Text] = TypeAdapter(ShortTitle)

    assert title.validate_python({"en": "x" * 100, "zh-CN": "长" * 100}).en == "x" * 100
    for given in ("", {"en": "x", "zh-CN": "长" * 101}, {"en": "x", "fr": "y"}, {"en": "x", "zh_cn": "y"}):
        with pytest.raises(ValidationError):
            title.validate_python(given)


def test_a_text_is_written_as_it_is_read():
    """So that a pull can put it into a file."""
    assert BOTH.model_dump() == {"en": "Latency", "zh-CN": "延迟"}
