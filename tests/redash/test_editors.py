"""The JSON Schemas for editors."""

from __future__ import annotations

import json
from pathlib import Path

from redash.config import PACKAGED
from redash.lint.editors import editor_files, editor_schemas, write_editor_files


def test_the_files_in_the_repository_are_up_to_date():
    """`tts-redash schema --editors --write` makes them anew."""
    shipped = {path.name: path.read_text(encoding="utf-8") for path in (PACKAGED / "editors").iterdir()}

    assert shipped == editor_files()


def test_a_text_may_be_given_in_both_languages_or_plain():
    """An editor offers `en` and `zh-CN`, and knows the length."""
    title = editor_schemas()["dashboard"]["properties"]["title"]

    assert title["anyOf"][0]["required"] == ["en", "zh-CN"]
    assert title["anyOf"][1] == {"type": "string", "maxLength": 100, "minLength": 1}


def test_a_secret_is_offered_as_a_reference():
    """Anything else is underlined."""
    assert editor_schemas()["environment"]["properties"]["api_key"]["pattern"].startswith("^(env:")


def test_they_are_written_beside_the_specs(tmp_path: Path):
    """One file a kind, JSON."""
    written = write_editor_files(tmp_path)

    assert {path.name for path in written} == set(editor_files())
    assert all(json.loads(path.read_text(encoding="utf-8"))["$schema"] for path in written)
