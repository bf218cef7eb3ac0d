"""Files behind links: found by name, few, small in all, and not for long."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tts_app.audiofiles import AudioFiles, Bounds, keep_tidy


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_a_file_is_found_by_its_name_only(folder: Path, clock: Any) -> None:
    """The name is 128 random bits; nothing else leads to a file."""
    files = AudioFiles(folder, Bounds(), clock=clock)

    name = files.keep(b"RIFF")

    found = files.find(name)
    assert found is not None
    assert found.read_bytes() == b"RIFF"
    assert len(name) == 36
    assert files.find("../" + name) is None


def test_the_oldest_goes_when_there_are_too_many(folder: Path, clock: Any) -> None:
    """Two of three stay, on the disk as well."""
    files = AudioFiles(folder, Bounds(files=2), clock=clock)

    names = [files.keep(b"x") for _ in range(3)]

    assert [files.find(name) is not None for name in names] == [False, True, True]
    assert sorted(path.name for path in folder.iterdir()) == sorted(names[1:])


def test_the_oldest_goes_when_they_are_too_big(folder: Path, clock: Any) -> None:
    """No more than needed; and the newest stays even where it is above the bound by itself."""
    files = AudioFiles(folder, Bounds(total_bytes=10), clock=clock)

    names = [files.keep(b"x" * 4) for _ in range(3)]
    before = [files.find(name) is not None for name in names]
    names.append(files.keep(b"x" * 99))

    assert before == [False, True, True]
    assert [files.find(name) is not None for name in names] == [False, False, False, True]


def test_a_file_ends_with_its_time(folder: Path, clock: Any) -> None:
    """After its age nothing is found and nothing lies on the disk."""
    files = AudioFiles(folder, Bounds(age_seconds=60), clock=clock)
    name = files.keep(b"x")

    clock.now += 61

    assert files.find(name) is None
    assert list(folder.iterdir()) == []


def test_a_folder_that_was_cleaned_away_is_made_anew(folder: Path, clock: Any) -> None:
    """Cleaners of temporary folders take what is old: its files are gone, the next one is kept."""
    files = AudioFiles(folder / "audio", Bounds(), clock=clock)
    lost = files.keep(b"x")
    (folder / "audio" / lost).unlink()
    (folder / "audio").rmdir()

    kept = files.keep(b"y")

    assert [files.find(name) is not None for name in (lost, kept)] == [False, True]


def test_what_is_old_goes_though_nobody_comes() -> None:
    """Tidied at once and again and again, until the service ends."""
    tidied = 0

    async def steps() -> None:
        nonlocal tidied
        stop = asyncio.Event()

        def tidy() -> None:
            nonlocal tidied
            tidied += 1
            if tidied == 3:
                stop.set()

        await keep_tidy(tidy, stop, every_seconds=0.001)

    asyncio.run(steps())
    assert tidied == 3
