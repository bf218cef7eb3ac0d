"""Voices that the operator keeps: a folder of recordings, each a speaker by its file's name.

`anna.wav` (or .flac, .ogg, .mp3) is the speaker `anna`; `anna.txt` beside it is what is said in it, which CosyVoice clones better with.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .adapter import SynthesisFailed, Unavailable
from .references import MAX_BYTES, decode

KINDS = (".wav", ".flac", ".ogg", ".mp3")
MAX_NAME_CHARS = 64


@dataclass(frozen=True, slots=True)
class Voice:
    """A recording: where it lies, and what is said in it where that is known."""

    path: str
    text: str | None


def saved_voices(folder: Path | None) -> dict[str, Voice]:
    """The voices of `folder` by name, sorted; none without a folder.

    Raises:
        Unavailable: the folder is not there, or a recording can't be used.
    """
    if folder is None:
        return {}
    if not folder.is_dir():
        raise Unavailable("the folder of voices is not there", "voices names a folder of WAV, FLAC, Ogg or MP3 files")
    found = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in KINDS and path.is_file():
            found[_name(path.stem)] = Voice(str(path), _text(path.with_suffix(".txt")))
            _check(path)
    return found


def _name(stem: str) -> str:
    if not (stem.isprintable() and len(stem) <= MAX_NAME_CHARS):
        raise Unavailable("a voice has a name that can't be used", f"up to {MAX_NAME_CHARS} printable characters")
    return stem


def _check(path: Path) -> None:
    try:
        with path.open("rb") as file:
            decode(file.read(MAX_BYTES))
    except SynthesisFailed as exc:
        hint = "0.1 to 30 seconds of speech at 16 kHz or more, as WAV, FLAC, Ogg or MP3"
        raise Unavailable(f"the voice {path.stem} can't be read", hint) from exc


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8").strip() or None if path.is_file() else None
