"""A pack with changed files before they are written: read and judged as the real one would be; and the writing, all or none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path
from tempfile import TemporaryDirectory

from redash.errors import StalePlan, WrongUse

_PARTS = ("queries/*.sql", "charts/*.yaml", "dashboards/*.yaml", "alerts/*.yaml", "environments/*.yaml", "*.yaml")


@dataclass(slots=True)
class Drafts:
    """The files of a folder that are to change, by their name in it; those that are not named stay."""

    folder: Path
    texts: dict[str, str] = field(default_factory=dict)
    _stand: dict[str, str | None] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """What a file would say; nothing if there is none."""
        if name not in self.texts:
            path = self.folder / name
            self._stand[name] = path.read_bytes().decode("utf-8") if path.exists() else None
            return self._stand[name] or ""
        return self.texts[name]

    def change(self, name: str, text: str) -> None:
        """Says what a file is to say."""
        if text != self.text(name):
            self.texts[name] = text

    def diff(self) -> Iterator[str]:
        """What would change, as `git diff` shows it, without line breaks."""
        for name, text in sorted(self.texts.items()):
            old = self._stand.get(name)
            before, after = (old or "").splitlines(), text.splitlines()
            sides = (f"a/{name}" if old is not None else "/dev/null", f"b/{name}")
            yield from unified_diff(before, after, *sides, lineterm="")

    def copy(self) -> Drafts:
        """The same, to be changed on trial."""
        return Drafts(self.folder, dict(self.texts), dict(self._stand))

    @contextmanager
    def rehearsed(self) -> Iterator[Path]:
        """A copy of the folder as it would be, which goes afterwards."""
        with TemporaryDirectory(prefix="tts-redash-") as name:
            copy = Path(name)
            for pattern in _PARTS:
                for path in self.folder.glob(pattern):
                    target = copy / path.relative_to(self.folder)
                    target.parent.mkdir(exist_ok=True)
                    shutil.copyfile(path, target)
            for changed, text in self.texts.items():
                (copy / changed).parent.mkdir(exist_ok=True)
                (copy / changed).write_bytes(text.encode("utf-8"))
            yield copy

    def write(self) -> None:
        """Writes all files or none; raises StalePlan if one has changed since it was read, WrongUse if one can't be written."""
        for name in self.texts:
            path = self.folder / name
            now = path.read_bytes().decode("utf-8") if path.exists() else None
            if now != self._stand[name]:
                raise StalePlan(f"{path} has changed meanwhile", "do it again")
        staged: dict[Path, Path] = {}
        done: list[str] = []
        try:
            for name, text in self.texts.items():
                staged[self.folder / name] = _staged(self.folder / name, text)
            for name in self.texts:
                staged[self.folder / name].replace(self.folder / name)
                done.append(name)
        except OSError as error:
            for name in done:
                _put_back(self.folder / name, self._stand[name])
            raise WrongUse(f"can't write {error.filename}: {error.strerror}", "nothing was changed") from error
        finally:
            for temporary in staged.values():
                temporary.unlink(missing_ok=True)


def _staged(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(text.encode("utf-8"))
    if path.exists():
        shutil.copymode(path, temporary)
    return temporary


def _put_back(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
    else:
        path.write_bytes(text.encode("utf-8"))
