"""YAML as values and places: what libyaml reads is what ruamel.yaml would have read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from redash.config import PACKAGED
from redash.specs.documents import Document, document_of, plain

SCALARS = st.one_of(
    st.sampled_from(
        [
            *(
                "yes",
                "no",
                "on",
                "null",
                "~",
                "true",
                "False",
                "NULL",
                "",
                "0",
                "-1",
                "+1",
                "1_000",
                "0x1F",
                "0o17",
                "017",
            ),
            *("1.5", "-.5", "1e3", ".inf", "-.INF", ".nan", "2026-01-02", "2026-01-02T03:04:05Z", "12:30:45", "1.2.3"),
            *("-x", "+x", "=", "<x", "0b1", "1, 2", "a b", "a: b", "'it''s'", '"é\\n"', "d_last_7_days", "%", "é总🙂"),
            *(
                "x#y",
                "x #y",
                "{a: 1}",
                "[1, two]",
                "!!str 1",
                "|\n  1\n  2",
                ">\n  1\n  2",
                "a\n  b",
                "1\n\n  2",
            ),
        ]
    ),
    st.text(st.sampled_from("ab1 .-+:'\"#,{}[]!?|>%@`~=<é"), max_size=6),
)
KEYS = st.sampled_from(["a", "b", "7", "true", "null", "x y", "'q'", "<<"])
TEXTS = st.one_of(
    st.dictionaries(KEYS, SCALARS, max_size=4).map(lambda rows: "".join(f"{key}: {rows[key]}\n" for key in rows)),
    st.lists(SCALARS, max_size=3).map(lambda rows: "k:\n" + "".join(f"  - {row}\n" for row in rows)),
    st.lists(SCALARS, max_size=3).map(lambda rows: f"k: [{', '.join(rows)}]\n"),
    st.tuples(KEYS, SCALARS, KEYS, SCALARS).map(lambda four: "{{{}: {}, {}: {}}}\n".format(*four)),
)


def by_ruamel(text: str) -> Any:
    """What ruamel.yaml makes of a text; the error's type where it refuses."""
    try:
        return plain(YAML(typ="rt", pure=True).load(text))
    except (YAMLError, ValueError, TypeError, AttributeError, KeyError, NotImplementedError) as error:
        return type(error)


def ours(text: str) -> Any:
    """The same by us."""
    try:
        return document_of(text).value
    except (YAMLError, ValueError, TypeError, AttributeError, KeyError, NotImplementedError) as error:
        return type(error)


@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
def test_a_text_means_what_yaml_1_2_says(text: str):
    """Also where the two readers' YAML differ."""
    assert repr(ours(text)) == repr(by_ruamel(text))


def test_each_key_and_item_has_its_place():
    """Line and column from 0, of the key and of the item's value; comments and blank lines count."""
    text = "# note\na: 1\n\nb:\n  - {c: 2, 总: x}\n  - |\n    d\n"
    places = {
        ("a",): (1, 0),
        ("b",): (3, 0),
        ("b", 0): (4, 4),
        ("b", 0, "c"): (4, 5),
        ("b", 0, "总"): (4, 11),
        ("b", 1): (5, 4),
    }

    assert document_of(text) == Document({"a": 1, "b": [{"c": 2, "总": "x"}, "d\n"]}, places)
    assert document_of("") == Document(None, {})


def test_anchors_have_places_too():
    """What libyaml's events don't say is read by ruamel.yaml."""
    document = document_of("a: &x {b: 1}\nc: *x\n")

    assert document.value == {"a": {"b": 1}, "c": {"b": 1}}
    assert document.places[("c",)] == (1, 0)


@pytest.mark.parametrize("name", ["dashboards/tts-overview.yaml", "charts/calls-by-day.yaml"])
def test_files_of_the_pack_mean_the_same(name: str):
    """Texts in two languages, blocks, flows and folded lines."""
    text = (PACKAGED / name).read_text(encoding="utf-8")

    assert document_of(text).value == by_ruamel(text)
