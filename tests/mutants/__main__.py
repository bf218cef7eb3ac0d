"""`python -m tests.mutants`: proves that the tests can fail, by making each mistake of mutations.py in a copy of the tree.

Prints a table; exits with 1 if a mutant survives, if a mistake's place in the source is gone, or if the tests are red
without any mistake.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import click

from tests.mutants.mutation import Mutation
from tests.mutants.mutations import MUTATIONS
from tests.mutants.redash_mutations import REDASH_MUTATIONS

ROOT = Path(__file__).parents[2]
_PARTS = ("etl", "migrations", "tests", "tts_app", "redash", "cron", "docs", "pyproject.toml", "README.md")
_WORKERS = 2
_SECONDS = 900
_TIMED_OUT = 124


def copied(to: Path) -> Path:
    """A copy of what the tests need."""
    to.mkdir()
    for part in filter(lambda part: part.exists(), (ROOT / name for name in _PARTS)):
        if part.is_dir():
            shutil.copytree(part, to / part.name, ignore=shutil.ignore_patterns("__pycache__", "*.db"))
        else:
            shutil.copy(part, to)
    return to


def exit_code(tree: Path, tests: tuple[str, ...]) -> int:
    """pytest's exit code for these tests in a tree: 0 all green, 1 at least one red, another: they did not run."""
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    env = {**os.environ, "PYTHONPATH": str(tree)}
    try:
        done = subprocess.run(command, cwd=tree, env=env, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return _TIMED_OUT
    return done.returncode


def verdict(tree: Path, mutation: Mutation) -> str:
    """`killed`, or what is wrong, for a mistake made in a tree, which is mended afterwards."""
    before = {file: (tree / file).read_text() for file, _, _ in mutation.edits}
    try:
        for file, old, new in mutation.edits:
            text = (tree / file).read_text()
            if old not in text:
                return f"its place in {file} is gone"
            (tree / file).write_text(text.replace(old, new))
        code = exit_code(tree, mutation.tests)
    finally:
        for file, text in before.items():
            (tree / file).write_text(text)
    return {0: "SURVIVED", 1: "killed"}.get(code, f"the tests did not run ({code})")


@click.command()
@click.option("--only", default="", help="Only mutations whose name holds this.")
def mutants(only: str) -> None:
    """Make each mistake in a copy of the tree: each must turn a test red."""
    chosen = [mutation for mutation in (*MUTATIONS, *REDASH_MUTATIONS) if only in mutation.name]
    trees: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="voxmeter-mutants-") as name:
        for number in range(_WORKERS):
            trees.put(copied(Path(name) / str(number)))

        def judge(mutation: Mutation) -> tuple[str, float]:
            tree, begun = trees.get(), time.monotonic()
            try:
                return verdict(tree, mutation), time.monotonic() - begun
            finally:
                trees.put(tree)

        # A test that is red without any mistake would kill every mutant.
        sound = Mutation("no mistake at all", (), tuple(sorted({test for one in chosen for test in one.tests})))
        verdicts = []
        with ThreadPoolExecutor(_WORKERS) as pool:
            for mutation, (found, seconds) in zip([sound, *chosen], pool.map(judge, [sound, *chosen]), strict=True):
                verdicts.append("sound" if (mutation is sound, found) == (True, "SURVIVED") else found)
                click.echo(f"{mutation.name:56} {verdicts[-1]:10} {seconds:6.1f} s")
    killed = verdicts[1:].count("killed")
    click.echo(f"{killed} of {len(chosen)} mutants killed")
    if killed < len(chosen) or verdicts[0] != "sound":
        sys.exit(1)


if __name__ == "__main__":
    mutants()
