"""The built wheel, installed into an empty environment outside the checkout."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", name="wheel")
def _wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built without isolation: no network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module", name="commands")
def _commands(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment with this wheel, beside the packages that the project depends on."""
    folder = tmp_path_factory.mktemp("empty")
    venv.create(folder, with_pip=False, symlinks=True)
    # A path in a .pth file is not searched for .pth files itself: the checkout's own (editable) packages stay out.
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    command = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--no-deps"]
    subprocess.run([*command, "--no-index", "--ignore-installed", str(wheel)], check=True, capture_output=True)
    return folder / "bin"


def test_migrations_queries_and_dashboards_travel_in_the_wheel(wheel: Path):
    """Every file that the commands read at run time lies in the wheel, and nothing of the tests."""
    names = set(zipfile.ZipFile(wheel).namelist())
    kinds = ("redash/queries/*.sql", "redash/charts/*.yaml", "redash/dashboards/*.yaml")
    wanted = {str(path.relative_to(ROOT)) for kind in kinds for path in ROOT.glob(kind)}
    wanted |= {f"etl/{path.relative_to(ROOT)}" for path in ROOT.glob("migrations/**/*.py")}

    assert len(wanted) > 20
    assert wanted - names == set()
    assert {name for name in names if name.startswith(("tests/", "migrations/", "docs/"))} == set()


def test_the_commands_work_outside_the_checkout(commands: Path, tmp_path: Path):
    """Migrate, write history, load it, validate and draw, from an empty folder."""

    def call(name: str, *arguments: str) -> str:
        done = subprocess.run([commands / name, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{name} {arguments}: {done.stderr}"
        return done.stdout

    url = f"sqlite:///{tmp_path}/tts.db"
    call("tts-etl", "migrate", "--database-url", url)
    written = json.loads(call("tts-app", "history", "--out", "history", "--days", "3", "--json"))
    call("tts-etl", "backfill", "history", "--database-url", url)
    lines = json.loads(call("tts-etl", "status", "--database-url", url, "--json"))["sources"][0]["lines"]
    call("tts-redash", "validate")
    call("tts-redash", "preview", "--out", "page.html", "--database-url", url)

    assert (written["files"], lines["ok"]) == (3, written["lines"])
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert call("voxmeter", "--version").startswith("voxmeter, version ")
