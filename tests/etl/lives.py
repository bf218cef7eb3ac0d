"""Random lives of a log folder, with crashes at every step of a transaction, against a small model.

The law: what lay in a file on disk when a pass ended is in SQL, nothing else but what was written is, and nothing
twice: must ⊆ SQL ⊆ written. The offsets cover each file, and the counters add up to the rows.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from etl.reading.files import discover
from etl.upkeep.verify import verify
from tests.etl import lines
from tests.etl.loading import NOW, Loader

STEPS_OF_A_LIFE = 45
#: The loader's clock in a life: nothing may depend on it.
_CLOCKS = (NOW, datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC))


class KilledError(BaseException):
    """The loader dies here."""


class World:
    """A folder of logs, what was written to it, and a loader of an empty database that may die."""

    def __init__(self, folder: Path, loader: Loader, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311
        self.folder = folder
        self.loader = loader
        moment = self.random.choice(_CLOCKS)
        loader.clock = lambda: moment
        #: In some lives every file is large enough to be decoded ahead by other processes.
        self.reading: dict[str, int] = {"bulk_bytes": 1} if seed % 60 == 0 else {}
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
        # In some worlds all files begin with one banner, so that their heads are equal.
        self.banner = b"Running on local URL\n" if self.random.random() < 0.3 else b""
        #: Whether no file has the head of another, copied or cut: then offsets are exactly the files' lengths.
        self.calm = not self.banner
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
            (3, self.forget_cache),
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
        self.calm = False
        if self.half:
            self._line(self.live)
        self.copy_without_truncate()
        if self.random.random() < 0.5:
            self._line(self.live)
            self.random.choice((self.load, lambda: None))()
        self.live.write_bytes(self.banner)

    def copy_without_truncate(self) -> None:
        if not self.half:
            self.calm = False
            self.rotations += 1
            shutil.copy(self.live, self.folder / f"tts.log.{self.rotations}")

    def lose_tail(self) -> None:
        """A power cut takes the last bytes; the writer heals the torn line with a newline."""
        self.calm = False
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
        report = self.loader.load(self._paths(), accept=True, **self.reading)
        assert [file.state for file in report.files if file.state in ("unreadable", "no_log")] == []
        self._see()
        self._hold()

    def load_and_die(self) -> None:
        left = self.random.randrange(1, 9)

        def reached(step: str) -> None:
            nonlocal left
            # Nothing is at stake where a file is only open.
            left -= step != "opened"
            if left == 0:
                raise KilledError

        self.loader.reached = reached
        try:
            self.loader.load(self._paths(), accept=True, **self.reading)
        except KilledError:
            self.deaths += 1
        finally:
            self.loader.reached = lambda _: None

    def forget_cache(self) -> None:
        """The cache of archives is a cache only."""
        self.loader.execute("DELETE FROM ingest_file_seen")

    def _paths(self) -> list[Path]:
        return discover([str(self.live)], rotated=True, may_come=True)

    def _see(self) -> None:
        """All complete lines in files that can be read must be in SQL from now on."""
        self.lengths: list[tuple[bytes, int]] = []
        for path in self._paths():
            content = path.read_bytes()
            if path.suffix == ".gz":
                try:
                    content = gzip.decompress(content)
                except (EOFError, OSError):
                    continue
            whole = content.rfind(b"\n") + 1
            if whole:
                self.lengths.append((hashlib.sha256(content[: content.index(b"\n") + 1]).digest(), whole))
            found = content.split(b"\n") if path.suffix == ".gz" else content.split(b"\n")[:-1]
            self.must |= {self.written[line] for line in found if line in self.written}
            self.must_bad |= {line for line in found if line in self.bad}

    def _hold(self) -> None:
        seqs = self.loader.seqs()
        assert len(seqs) == len(set(seqs))
        assert self.must - set(seqs) == set()
        assert set(seqs) - set(self.written.values()) == set()
        kept = {row[0] for row in self.loader.rows("SELECT raw FROM ingest_quarantine")}
        assert self.must_bad - kept == set()
        self.loader.check_books()
        assert verify(self.loader.database, gaps=False).findings == []
        inserted, replayed, doubled, rows = self.loader.rows(
            "SELECT COALESCE(SUM(n_ok), 0), COALESCE(SUM(n_replayed), 0), COALESCE(SUM(n_dup), 0), "
            "(SELECT COUNT(*) FROM tts_request) FROM ingest_stream"
        )[0]
        assert inserted + replayed == rows
        self._hold_offsets(doubled)

    def _hold_offsets(self, doubled: int) -> None:
        """Each file lies below an offset of its head; where nothing was copied or cut, exactly, and nothing twice."""
        committed: dict[bytes, list[int]] = {}
        for head, offset in self.loader.rows("SELECT head_sha256, committed FROM ingest_stream"):
            committed.setdefault(head, []).append(offset)
        for head, length in self.lengths:
            offsets = committed.get(head, [])
            assert length in offsets if self.calm else max(offsets, default=0) >= length
        assert not (self.calm and doubled)

    def _rotated(self, suffix: str) -> Path | None:
        found = [path for path in self.folder.glob("tts.log.*") if (path.suffix == ".gz") == (suffix == ".gz")]
        return self.random.choice(sorted(found)) if found else None

    def _append(self, path: Path, data: bytes) -> None:
        with path.open("ab") as file:
            file.write(data)


def live_through(folder: Path, loader: Loader, seed: int, steps: int = STEPS_OF_A_LIFE) -> World:
    """A life in a new folder, with a last pass at its end; `loader` must hold nothing yet."""
    world = World(folder, loader, seed)
    for _ in range(steps):
        world.step()
    world.load()
    return world


@contextmanager
def memory_folder() -> Iterator[Path]:
    """A folder in memory where there is one: lives are about order, not about disks."""
    base = Path("/dev/shm")  # noqa: S108
    with tempfile.TemporaryDirectory(prefix="voxmeter-life-", dir=base if os.access(base, os.W_OK) else None) as name:
        yield Path(name)
