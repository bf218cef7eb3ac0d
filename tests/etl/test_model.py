"""Random lives of a log folder, with crashes at every step of a transaction, against a small model.

The law: what lay in a file on disk when a pass ended is in SQL, nothing else but what was written is, and nothing
twice: must ⊆ SQL ⊆ written. A failing seed is in the test's name.
"""

from __future__ import annotations

import gzip
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.files import discover
from tests.etl import lines
from tests.etl.loading import Loader

STEPS = ("begun", "sorted", "inserted", "filled", "moved", "committed")
SEEDS = {"sqlite": range(64), "postgresql": range(8)}


class KilledError(BaseException):
    """The loader dies here."""


class World:
    """A folder of logs, what was written to it, and a loader that may die."""

    def __init__(self, folder: Path, url: str, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311
        self.folder = folder
        self.url = url
        self.live = folder / "tts.log"
        self.live.touch()
        self.written: dict[bytes, int] = {}
        self.bad: set[bytes] = set()
        self.must: set[int] = set()
        self.must_bad: set[bytes] = set()
        self.half = b""
        self.next_seq = 1
        self.rotations = 0
        self.deaths = 0
        self.one_stream = True
        # In some worlds all files begin with one banner, so that their heads are equal.
        self.banner = b"Running on local URL\n" if self.random.random() < 0.3 else b""
        self._append(self.live, self.banner)

    def step(self) -> None:
        actions: list[tuple[int, Callable[[], None]]] = [
            (30, self.write),
            (6, self.write_half),
            (5, self.write_bad),
            (8, self.rotate),
            (4, self.write_late),
            (6, self.compress),
            (4, self.compress_torn),
            (5, self.copytruncate),
            (2, self.copy_without_truncate),
            (4, self.lose_tail),
            (4, self.delete),
            (20, self.load),
            (20, self.load_and_die),
        ]
        self.random.choices([act for _, act in actions], [weight for weight, _ in actions])[0]()

    def write(self) -> None:
        for _ in range(self.random.choice((1, 2, 5, 40))):
            self._line(self.live)

    def _line(self, path: Path) -> None:
        if path == self.live and self.half:
            self._append(path, self.half + b"\n")
            self.half = b""
            return
        self._append(path, self._new_line() + b"\n")

    def _new_line(self) -> bytes:
        text = lines.line(self.next_seq, padding="x" * self.random.choice((0, 10, 3000)))
        self.written[text] = self.next_seq
        self.next_seq += 1
        return text

    def write_half(self) -> None:
        if not self.half:
            text = self._new_line()
            at = self.random.randrange(1, len(text))
            self._append(self.live, text[:at])
            self.half = text[at:]

    def write_bad(self) -> None:
        if not self.half:
            text = b'{"v":9,"bad":%d}' % len(self.bad)
            self.bad.add(text)
            self._append(self.live, text + b"\n")

    def rotate(self) -> None:
        if self.half:
            self._line(self.live)
        self.rotations += 1
        self.live.rename(self.folder / f"tts.log.{self.rotations}")
        self._append(self.live, self.banner)

    def write_late(self) -> None:
        """A writer that has not reopened yet writes to the file that was just renamed."""
        if (last := self.folder / f"tts.log.{self.rotations}").exists():
            self._line(last)

    def compress(self) -> None:
        if plain := self._rotated(""):
            packed = plain.with_name(plain.name + ".gz")
            packed.write_bytes(gzip.compress(plain.read_bytes()))
            plain.unlink()

    def compress_torn(self) -> None:
        """The archive is visible while it is being written, beside the plain file or (after a crash) alone."""
        if plain := self._rotated(""):
            data = gzip.compress(plain.read_bytes())
            packed = plain.with_name(plain.name + ".gz")
            packed.write_bytes(data[: self.random.choice((0, 1, 2, 17, len(data) // 2, len(data) - 4))])
            self.random.choice((self.load, self.load_and_die, lambda: None))()
            packed.write_bytes(data)
            if self.random.random() < 0.8:
                plain.unlink()

    def copytruncate(self) -> None:
        if self.half:
            self._line(self.live)
        self.copy_without_truncate()
        if self.random.random() < 0.5:
            self._line(self.live)
            self.random.choice((self.load, lambda: None))()
        self.live.write_bytes(self.banner)

    def copy_without_truncate(self) -> None:
        if not self.half:
            self.rotations += 1
            shutil.copy(self.live, self.folder / f"tts.log.{self.rotations}")

    def lose_tail(self) -> None:
        """A power cut takes the last bytes; the writer heals the torn line with a newline."""
        self.one_stream = False
        content = self.live.read_bytes()
        self.half = b""
        kept = content[: max(len(content) - self.random.choice((1, 50, 500, 2000)), len(self.banner))]
        if kept and not kept.endswith(b"\n"):
            kept += b"\n"
        self.live.write_bytes(kept)

    def delete(self) -> None:
        if path := self._rotated(self.random.choice(("", ".gz"))):
            path.unlink()

    def load(self) -> None:
        loader = Loader(self.url)
        try:
            report = loader.load(self._paths(), accept=True)
            assert [file.state for file in report.files if file.state in ("unreadable", "no_log")] == []
            self._see()
            self._hold(loader)
        finally:
            loader.close()

    def load_and_die(self) -> None:
        loader = Loader(self.url)
        left = self.random.randrange(1, 9)

        def reached(_step: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise KilledError

        loader.reached = reached
        try:
            loader.load(self._paths(), accept=True)
        except KilledError:
            self.deaths += 1
        finally:
            loader.close()

    def _paths(self) -> list[Path]:
        return discover([str(self.live)], rotated=True, may_come=True)

    def _see(self) -> None:
        """All complete lines in files that can be read must be in SQL from now on."""
        for path in self._paths():
            content = path.read_bytes()
            if path.suffix == ".gz":
                try:
                    content = gzip.decompress(content)
                except (EOFError, OSError):
                    continue
            found = content.split(b"\n") if path.suffix == ".gz" else content.split(b"\n")[:-1]
            self.must |= {self.written[line] for line in found if line in self.written}
            self.must_bad |= {line for line in found if line in self.bad}

    def _hold(self, loader: Loader) -> None:
        seqs = loader.seqs()
        assert len(seqs) == len(set(seqs))
        assert self.must - set(seqs) == set()
        assert set(seqs) - set(self.written.values()) == set()
        kept = {row[0] for row in loader.rows("SELECT raw FROM ingest_quarantine")}
        assert self.must_bad - kept == set()
        loader.check_books()
        inserted, replayed, counted, rows = loader.rows(
            "SELECT SUM(n_ok), SUM(n_replayed), SUM(n_ok + n_dup + n_quarantined + n_blank + n_skipped), "
            "(SELECT COUNT(*) FROM tts_request) FROM ingest_stream"
        )[0]
        assert (inserted or 0) + (replayed or 0) == rows
        if self.one_stream and self.rotations == 0 and loader.streams():
            # Each line of the only file was counted once.
            committed = loader.streams()[0][1]
            assert counted == self.live.read_bytes()[:committed].count(b"\n")

    def _rotated(self, suffix: str) -> Path | None:
        found = [path for path in self.folder.glob("tts.log.*") if (path.suffix == ".gz") == (suffix == ".gz")]
        return self.random.choice(sorted(found)) if found else None

    def _append(self, path: Path, data: bytes) -> None:
        with path.open("ab") as file:
            file.write(data)


def live_through(world: World, steps: int) -> None:
    for _ in range(steps):
        world.step()
    world.load()


@pytest.mark.parametrize("seed", SEEDS["sqlite"])
def test_a_random_life_on_sqlite(seed: int, sqlite_template: Path, tmp_path: Path) -> None:
    """Whatever happens to the files and whenever the loader dies, the law holds."""
    shutil.copy(sqlite_template, tmp_path / "tts.db")
    folder = tmp_path / "logs"
    folder.mkdir()
    live_through(World(folder, f"sqlite:///{tmp_path}/tts.db", seed), 45)


@pytest.mark.parametrize("seed", SEEDS["postgresql"])
def test_a_random_life_on_postgresql(seed: int, postgres, postgres_template: str, tmp_path: Path) -> None:
    """The same law on PostgreSQL."""
    folder = tmp_path / "logs"
    folder.mkdir()
    live_through(World(folder, postgres.url(postgres.create(postgres_template)), 1000 + seed), 45)


def test_lives_end_inside_of_transactions(sqlite_template: Path, tmp_path: Path) -> None:
    """The random lives are worth something: many of them die between a transaction's begin and its commit."""
    deaths = 0
    for seed in range(3):
        folder = tmp_path / str(seed)
        folder.mkdir()
        shutil.copy(sqlite_template, folder / "tts.db")
        world = World(folder, f"sqlite:///{folder}/tts.db", seed)
        live_through(world, 60)
        deaths += world.deaths

    assert deaths >= 5
