"""The Dockerfile and what of the checkout it sees, as far as it can be told without an engine."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
BASE = "${IMAGE_PREFIX}library/python:3.13.14-slim-bookworm"
Stage = list[list[str]]


def stages() -> dict[str, tuple[str, Stage]]:
    """By name: what a stage is made from, and its instructions in words."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found: dict[str, tuple[str, Stage]] = {}
    for line in lines:
        if made := re.fullmatch(r"FROM (\S+) AS (\S+)", line):
            found[made[2]] = (made[1], [])
        elif found:
            list(found.values())[-1][1].append(line.split())
        else:
            assert line == "ARG IMAGE_PREFIX=docker.io/"
    return found


def copied() -> set[str]:
    """What comes out of the checkout."""
    return {
        word
        for _, stage in stages().values()
        for words in stage
        if words[0] == "COPY" and not words[1].startswith("--from")
        for word in words[1:-1]
    }


def test_each_stage_starts_from_a_pinned_image_behind_the_prefix() -> None:
    """Or from another stage."""
    assert {name: base for name, (base, _) in stages().items()} == {
        "build": BASE,
        "build-app": "build",
        "base": BASE,
        "app": "base",
        "tools": "base",
    }


def test_what_runs_is_not_root_and_has_no_tools_to_build() -> None:
    """The last stages take the finished environment, install nothing, and keep the user of their base."""
    base = stages()["base"][1]

    assert [words for words in base if words[0] == "USER"] == [["USER", "10001:10001"]]
    assert "pip uninstall --yes --quiet pip" in " ".join(word for words in base for word in words)
    for name, origin in (("app", "build-app"), ("tools", "build")):
        instructions = [words for words in stages()[name][1] if words[0] in ("COPY", "USER", "RUN", "ADD")]
        assert instructions == [["COPY", f"--from={origin}", "/opt/voxmeter", "/opt/voxmeter"]]


def test_the_checkout_is_seen_by_name_alone() -> None:
    """The first rule ignores everything, so no .env, log or database gets near; what is copied is let through again."""
    rules = [
        line for line in (ROOT / ".dockerignore").read_text().splitlines() if line.strip() and not line.startswith("#")
    ]

    assert rules[0] == "*"
    assert {rule.removeprefix("!") for rule in rules if rule.startswith("!")} == copied()
    assert rules[-2:] == ["**/__pycache__", "**/*.py[co]"]


def test_git_knows_no_secrets_file() -> None:
    """Neither .env nor what `redash-env` leaves beside it can be added by mistake."""
    words = ["git", "check-ignore", ".env", ".env.old", ".env.x7Yz"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.stdout.split() == words[2:]


def test_what_is_copied_makes_the_whole_wheel(tmp_path: Path) -> None:
    """Built from that alone, it has every file of the one that the checkout makes; `pip install` reads no more than that."""
    context = tmp_path / "context"
    context.mkdir()
    for name in copied():
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, context / name)
    names = []
    for folder, out in ((ROOT, tmp_path / "whole"), (context, tmp_path / "part")):
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        files = zipfile.ZipFile(next(out.glob("*.whl"))).namelist()
        names.append({file for file in files if "__pycache__" not in file})

    assert names[1] == names[0]
    assert {"redash/environments/compose.yaml", "redash/sources.yaml", "etl/migrations/env.py"} <= names[1]


def test_each_extra_that_is_installed_is_one_of_ours() -> None:
    """A misspelled extra is only a warning of pip."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    installed = [words for _, stage in stages().values() for words in stage if words[:3] == ["RUN", "pip", "--python"]]
    wanted = [shlex.split(words[-1])[0] for words in installed]

    assert wanted == [".", ".[app,preview]"]
    assert {"app", "preview"} <= set(extras)
