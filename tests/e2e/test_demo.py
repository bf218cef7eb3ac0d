"""`make demo ONCE=1`, but for making the environment: the whole line, checked, and started again."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from itertools import takewhile
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def demo(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [str(BIN / "voxmeter"), "demo", "--once", "--dir", str(folder), *more]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder.parent, env={**os.environ, "COLUMNS": "120"}
    )


def rows(folder: Path, slug: str, *more: str) -> list[dict[str, Any]]:
    command = [str(BIN / "tts-redash"), "run", slug, "--database-url", f"sqlite:///{folder}/tts.db", "--json", *more]
    answer = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder.parent).stdout)
    return [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]


def processes_of(folder: Path) -> list[str]:
    """Command lines of processes that still name the demo's folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line:
            found.append(line)
    return found


def test_the_demo_speaks_loads_and_draws_and_again_doubles_nothing(tmp_path: Path):
    """Two runs end with 0; the second adds its own requests and not a line of history; nothing stays running."""
    folder = tmp_path / "demo"
    first = demo(folder)
    month = rows(folder, "totals", "--param", "instance=demo-history")
    second = demo(folder)
    last = f"{first.stderr}\n{second.stderr}"

    assert (first.returncode, second.returncode) == (0, 0), last
    assert re.search(r"│\s+200 │\s+200 │\s+95\.0% │", first.stderr), last
    assert month[0]["requests"] > 10_000
    assert rows(folder, "totals", "--param", "instance=demo-history") == month
    assert rows(folder, "totals", "--param", "instance=demo")[0]["requests"] == 400
    assert processes_of(folder) == []
    assert len(re.findall(r"http://127\.0\.0\.1:\d+", first.stderr)) >= 3


def test_the_demo_stays_up_until_ctrl_c_and_ends_what_it_started(tmp_path: Path):
    """Without --once the addresses answer until the signal; then the exit code is 0 and no process is left."""
    folder = tmp_path / "demo"
    command = [str(BIN / "voxmeter"), "demo", "--requests", "20", "--dir", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stderr is not None
        said = list(takewhile(lambda line: "Ctrl-C ends it" not in line, process.stderr))
        urls = re.findall(r"http://127\.0\.0\.1:\d+(?:/ui|/docs)?", "".join(said[-4:]))
        try:
            answers = [httpx2.get(url, follow_redirects=True, trust_env=False, timeout=120).status_code for url in urls]
        finally:
            process.send_signal(signal.SIGINT)
        rest = process.stderr.read()

    assert answers == [200, 200, 200], said
    assert (process.returncode, rest.splitlines()[-1]) == (0, "Stopped.")
    assert processes_of(folder) == []


def test_a_demo_without_its_rows_fails(tmp_path: Path):
    """A service whose lines go nowhere is found out: the check is no formality."""
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "logs").mkdir()
    # The log can't be written: the service speaks on, as it must, and no line comes.
    (folder / "logs" / "tts.log").mkdir()
    done = demo(folder, "--requests", "20")

    assert done.returncode != 0
    assert "error: " in done.stderr
