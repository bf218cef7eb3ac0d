"""Which engines the options ask for, and which of them is the default."""

from __future__ import annotations

from pathlib import Path

import pytest

from tts_app.engineoptions import engine_specs
from tts_app.errors import ConfigError

TWO = '[engines.studio]\nkind = "http"\nurl = "http://localhost:1"\n[engines.espeak]\nworkers = 3\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "engines.toml"
    path.write_text(TWO)
    return path


@pytest.mark.parametrize(
    ("names", "with_file", "expected"),
    [
        ((), False, [("espeak", 2)]),
        (("espeak", "espeak"), False, [("espeak", 2)]),
        ((), True, [("studio", 1), ("espeak", 3)]),
        (("espeak", "studio"), True, [("espeak", 3), ("studio", 1)]),
        (("studio",), True, [("studio", 1)]),
    ],
)
def test_the_first_engine_is_the_default(
    file: Path, names: tuple[str, ...], with_file: bool, expected: list[tuple[str, int]]
) -> None:
    """Those named, in their order; else those of the file; else the embedded voice, with the workers of the option."""
    specs = engine_specs(names, file if with_file else None, 2)

    assert [(spec.name, spec.workers) for spec in specs] == expected


def test_the_embedded_voice_needs_no_table(tmp_path: Path) -> None:
    """It is there beside any file."""
    path = tmp_path / "engines.toml"
    path.write_text('[engines.studio]\nkind = "http"\n')

    assert [spec.kind for spec in engine_specs(("studio", "espeak"), path, 1)] == ["http", "espeak"]


def test_an_engine_that_nobody_knows_is_an_error(file: Path) -> None:
    """With the names of those there are."""
    with pytest.raises(ConfigError, match="no engine 'warp'") as caught:
        engine_specs(("warp",), file, 1)
    assert caught.value.hint == "one of studio, espeak; --engines names the file with the others"
