"""Secrets are references until the moment they are used."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from redash.errors import WrongUse
from redash.specs.places import Environment
from redash.specs.secrets import Secret

CANARY = "canary-7351"
SECRET: TypeAdapter[Secret] = TypeAdapter(Secret)


def test_a_secret_comes_from_the_environment_or_a_file(tmp_path: Path):
    """Without the line break that an editor puts at the end of a file."""
    (tmp_path / "key").write_text(f"{CANARY}\n")

    assert SECRET.validate_python("env:KEY").reveal({"KEY": CANARY}) == CANARY
    assert SECRET.validate_python(f"file:{tmp_path}/key").reveal({}) == CANARY


@pytest.mark.parametrize("reference", ["env:KEY", "file:/nowhere/key"])
def test_a_missing_secret_is_told_by_its_reference(reference: str):
    """And how to give it."""
    with pytest.raises(WrongUse, match=f"no secret at {reference}") as caught:
        Secret(reference).reveal({"KEY": ""})

    assert caught.value.hint


def test_nothing_but_a_reference_is_read(tmp_path: Path):
    """And what stood there is not in the error."""
    for given in (CANARY, "env:", 7, {"env": "KEY"}):
        with pytest.raises(ValidationError) as caught:
            SECRET.validate_python(given)
        assert [error["msg"] for error in caught.value.errors()] == [
            "a secret is named, not written: env:NAME or file:/path"
        ]


def test_no_form_of_a_spec_shows_the_value():
    """What is shown is where the secret is."""
    spec = Environment.model_validate({"url": "http://127.0.0.1:5000", "api_key": "env:KEY"})
    assert spec.api_key.reveal({"KEY": CANARY}) == CANARY

    assert CANARY not in f"{spec!r}{spec}{spec.model_dump()}{spec.model_dump_json()}"
    assert spec.model_dump(mode="json")["api_key"] == "env:KEY"


@pytest.mark.parametrize("url", ["http://name:key@redash", "https://redash/?api_key=1", "redash", "ftp://redash"])
def test_the_address_of_a_server_holds_no_key(url: str):
    """It stands in files and in plans."""
    with pytest.raises(ValidationError):
        Environment.model_validate({"url": url, "api_key": "env:KEY"})
