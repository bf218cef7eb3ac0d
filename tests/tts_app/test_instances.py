"""The name of an instance."""

from __future__ import annotations

import re

import pytest

from tts_app.errors import ConfigError
from tts_app.instances import NAME, instance_name


def test_a_name_is_taken_as_it_is_and_the_host_s_else() -> None:
    """The host's name with dashes where a line can't have its letters."""
    assert instance_name("studio-1") == "studio-1"
    assert re.fullmatch(NAME, instance_name(None))
    assert instance_name("") == instance_name(None)


@pytest.mark.parametrize("name", ["two words", "x" * 65, "a/b", "ü"])
def test_others_are_refused(name: str) -> None:
    """It stands in every line and in a file's name."""
    with pytest.raises(ConfigError, match="instance"):
        instance_name(name)
