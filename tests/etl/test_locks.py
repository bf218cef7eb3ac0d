"""One loader of a source at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.errors import BusyError, ConfigError
from etl.loading.locks import only_loader


def test_a_second_loader_of_a_source_is_refused(tmp_path: Path) -> None:
    """Another source is free, and so is the same one when the first has ended."""
    folder = tmp_path / "state"
    with (
        only_loader(folder, "a"),
        only_loader(folder, "b"),
        pytest.raises(BusyError),
        only_loader(folder, "a"),
    ):
        pass
    with only_loader(tmp_path / "state", "a"):
        assert len(list((tmp_path / "state").iterdir())) == 2


def test_a_folder_that_cannot_be_written_is_told() -> None:
    """Where no lock file can be made the hint names the setting."""
    with pytest.raises(ConfigError, match="can't write") as caught, only_loader(Path("/proc/none"), "a"):
        pass
    assert "TTS_STATE_DIR" in caught.value.hint
