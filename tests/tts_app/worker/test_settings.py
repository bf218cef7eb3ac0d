"""Options out of a configuration file: each of its kind, and none left over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tts_app.worker.vox_worker.adapter import Unavailable
from tts_app.worker.vox_worker.settings import Settings


def test_what_each_kind_gives():
    """A number may stand for a text, a list for a table; what isn't there is the default."""
    found = Settings({"version": 2.5, "fast": True, "seconds": 3, "folder": "/a", "voices": ["x", "y"]})

    assert found.choice("version", ("2", "2.5"), None) == "2.5"
    assert found.flag("fast") is True
    assert found.flag("slow", None) is None
    assert found.number("seconds", 1.0, 0, 10) == 3
    assert found.folder("folder") == Path("/a")
    assert found.folder("other") is None
    assert found.table("voices") == {"x": "x", "y": "y"}
    assert found.text("name", "anna") == "anna"
    found.done()


WRONG: dict[str, tuple[Any, Callable[[Settings], Any]]] = {
    "a text": (["x"], lambda found: found.text("it")),
    "one of a, b": ("c", lambda found: found.choice("it", ("a", "b"), None)),
    "true or false": ("yes", lambda found: found.flag("it")),
    "a number from 0 to 10": (11, lambda found: found.number("it", 1, 0, 10)),
    "a table or a list": (3, lambda found: found.table("it")),
}


@pytest.mark.parametrize("wanted", WRONG)
def test_what_cant_be_used(wanted: str):
    """The option's name, and what it must be."""
    value, ask = WRONG[wanted]
    with pytest.raises(Unavailable, match="option it can't be used") as caught:
        ask(Settings({"it": value}))
    assert caught.value.hint == f"it must be {wanted}"


def test_what_nobody_asked_for():
    """A typing error; the hint names what there is."""
    found = Settings({"modeldir": "x"})
    found.text("model_dir")
    with pytest.raises(Unavailable, match="no option is called modeldir") as caught:
        found.done()
    assert caught.value.hint == "known here: model_dir"
