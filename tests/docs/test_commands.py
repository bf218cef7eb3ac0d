"""Every command that a page shows is run, in the order of the page, as a reader would type it.

A shell block is fenced with ```sh. Commands that stay up run until the page is through. The folder holds what a reader has:
old logs in `old-logs/` and a service's log in `logs/`. Targets of make that make an environment of their own have tests of their own.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from voxmeter.processes import Child

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "contract" / "golden"
STAYS_UP = {"tts-app serve": True, "tts-etl watch": False, "tts-redash preview --serve": True}
TARGETS = ("setup", "demo", "redash-env", "test", "check")


def commands_of(page: Path) -> list[str]:
    """The commands of a page's shell blocks; a line that ends with a backslash goes on in the next."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line.split(" # ")[0].strip() for line in lines if line.strip() and not line.startswith("#")]


PAGES = [
    path
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md")))
    if commands_of(path)
]


class Reader:
    """Types the commands of one page in a folder of their own."""

    def __init__(self, folder: Path, alive: ExitStack, substitutes: dict[str, str]) -> None:
        self.folder = folder
        self.alive = alive
        self.substitutes = substitutes
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TTS_", "REDASH_"))}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = {**kept, "PATH": path, "HOME": str(folder)}

    def type(self, command: str) -> None:
        for shown, real in self.substitutes.items():
            command = command.replace(shown, real)
        stays = next((name for name in STAYS_UP if command.startswith(name)), None)
        if command.startswith("make "):
            assert command.split()[1] in TARGETS
        elif command.startswith("export "):
            name, value = shlex.split(command)[1].split("=", 1)
            self.environment[name] = os.path.expandvars(value)
        elif stays:
            self._stay_up(shlex.split(command), says_when_ready=STAYS_UP[stays])
        else:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", command],
                cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, timeout=120,
            )  # fmt: skip
            assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"

    def _stay_up(self, words: list[str], *, says_when_ready: bool) -> None:
        json = ["--json"] if says_when_ready else []
        child = self.alive.enter_context(Child(*words, *json, folder=self.folder, environment=self.environment))
        if says_when_ready:
            answer = child.ready()
            # A reader whose port is taken is told the next free one.
            self.substitutes[f"http://127.0.0.1:{7860 if 'log' in answer else 7861}"] = answer["url"]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_commands_of_a_page_work(page: Path, tmp_path: Path, request: pytest.FixtureRequest):
    """Typed in their order in a new folder, each ends with 0."""
    commands = commands_of(page)
    for folder, golden in (("old-logs", "older.log"), ("logs", "v1.jsonl")):
        (tmp_path / folder).mkdir()
        shutil.copy(GOLDEN / golden, tmp_path / folder / "tts.log")
    shutil.copytree(ROOT / "cron", tmp_path / "cron")
    substitutes = {}
    for shown in {url for command in commands for url in re.findall(r"postgresql\S*://[^\s'\"]+", command)}:
        server = request.getfixturevalue("postgres")
        substitutes[shown] = f"'{server.url(server.create())}'"
    with ExitStack() as alive:
        reader = Reader(tmp_path, alive, substitutes)
        for command in commands:
            reader.type(command)
