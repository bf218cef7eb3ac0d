"""`tts-app say`: where the text comes from, where the sound goes, and whose line it is."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import soundfile
from click.testing import CliRunner, Result

from tts_app.cli import tts_app
from tts_app.errors import AppError

from .conftest import Lines


class Desk:
    """A folder to type commands in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines = Lines(folder / "tts.log")
        self.out = folder / "out.wav"

    def say(self, *arguments: str, text: bytes | None = None, **environment: str) -> Result:
        state = ["--state-dir", str(self.folder / "state"), "--log", str(self.lines.path)]
        return CliRunner(env=environment).invoke(tts_app, ["say", *arguments, *state], input=text)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_text_becomes_a_file_and_a_line(desk: Desk) -> None:
    """Every option is in the line; the sound is as long as it says."""
    done = desk.say(
        "[intensity=0.5]hello", "-o", str(desk.out), "--voice", "m2", "--language", "en-US", "--emotion", "Fearful",
        "--speed", "1.5", "--instance", "desk", "--json",
    )  # fmt: skip

    assert done.exit_code == 0, done.output
    [line] = desk.lines.all()
    told = json.loads(done.stdout)
    assert told == {
        "out": str(desk.out),
        "request_id": line["request_id"],
        "audio_seconds": round(line["audio_seconds"], 3),
        "rtf": told["rtf"],
        "queue_seconds": line["queue_seconds"],
        "log": str(desk.lines.path),
    }
    expected = {
        "event": "tts.request",
        "seq": 1,
        "source": "cli",
        "instance": "desk",
        "status": "ok",
        "text_chars": 5,
        "speaker": "m2",
        "language": "en",
        "emotion": "afraid",
        "emotion_intensity": 0.5,
        "speed": 1.5,
        "audio_format": "wav",
        "cold_start": True,
    }
    assert {name: line[name] for name in expected} == expected
    assert "http_status" not in line
    assert soundfile.info(desk.out).duration == pytest.approx(line["audio_seconds"], abs=1e-3)
    assert line["synthesis_seconds"] < line["first_audio_seconds"] <= line["total_seconds"]
    assert [path.name for path in desk.folder.iterdir() if path.suffix == ".tmp"] == []


def test_a_text_may_come_by_stdin_and_the_sound_go_to_stdout(desk: Desk) -> None:
    """Nothing of either on the command line; figures go to stderr."""
    done = desk.say("-", "-o", "-", "--format", "flac", text="你好。".encode())

    assert soundfile.info(io.BytesIO(done.stdout_bytes)).format == "FLAC"
    assert done.stderr.startswith("stdout: ")
    assert (desk.lines.all()[0]["language"], desk.lines.all()[0]["text_han_chars"]) == ("zh", 2)


def test_a_text_may_come_from_a_file_and_the_name_says_the_format(desk: Desk) -> None:
    """`.ogg` is Opus."""
    (desk.folder / "text.txt").write_text("hello", encoding="utf-8")

    done = desk.say("--file", str(desk.folder / "text.txt"), "-o", str(desk.folder / "out.ogg"))

    assert done.exit_code == 0, done.output
    assert soundfile.info(desk.folder / "out.ogg").subtype == "OPUS"


@pytest.mark.parametrize(
    ("arguments", "message", "exit_code"),
    [
        (["-o", "x.wav"], "one text is needed", 2),
        (["hi", "-o", "x"], "the name x says no format", 2),
        (["hi", "-o", "x.aac"], "the name x.aac says no format", 2),
        (["hi", "-o", "-", "--json"], "--json and the sound can't both go to stdout", 2),
        (["hi", "-o", "x.wav", "--engine", "nobody"], "there is no engine 'nobody'", 2),
        (["hi", "-o", "x.wav", "--instance", "a b"], "the instance name can't be used", 2),
        (["-", "-o", "x.wav"], "the text is no UTF-8", 2),
        (["hi", "-o", "x.wav", "--url", "nonsense"], "the URL can't be used", 2),
        (["hi", "-o", "x.wav", "--url", "http://127.0.0.1:1"], "no service answers at http://127.0.0.1:1", 75),
    ],
)
def test_wrong_use_is_told_before_anything_is_spoken(
    desk: Desk, arguments: list[str], message: str, exit_code: int
) -> None:
    """One sentence, a hint, an exit code, and no line: nothing was asked of an engine."""
    done = desk.say(*arguments, text=b"\xff")

    error = done.exception
    assert isinstance(error, AppError)
    assert (str(error), error.exit_code, bool(error.hint)) == (message, exit_code, True)
    assert desk.lines.all() == []


@pytest.mark.parametrize("key", ["schlüssel", "vox_a\nvox_b", "\x00"])
def test_a_key_that_can_not_be_one_is_told_before_it_is_sent(desk: Desk, key: str) -> None:
    """And is not shown."""
    (desk.folder / "key").write_text(key, encoding="utf-8")

    done = desk.say("hi", "-o", "x.wav", "--url", "http://127.0.0.1:1", "--api-key-file", str(desk.folder / "key"))

    assert isinstance(done.exception, AppError)
    assert (str(done.exception), done.exception.exit_code) == ("the API key can't be one", 2)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([" "], "EMPTY_TEXT"),
        (["xyzzy" * 3, "--max-chars", "14"], "TEXT_TOO_LONG"),
        (["xyzzy", "--voice", "xyzzy"], "INVALID_SPEAKER"),
        (["xyzzy", "--emotion", "xyzzy"], "INVALID_EMOTION"),
    ],
)
def test_a_refused_text_has_its_line_and_no_file(desk: Desk, arguments: list[str], code: str) -> None:
    """Exit code 1; nothing of what was typed is in the line or in the error."""
    done = desk.say(*arguments, "-o", str(desk.out))

    assert isinstance(done.exception, AppError)
    assert (done.exception.exit_code, desk.lines.all()[0]["error_code"], desk.out.exists()) == (1, code, False)
    assert "xyzzy" not in desk.lines.path.read_text() + str(done.exception)


@pytest.mark.parametrize("out", ["missing/out.wav", "folder.wav"])
def test_a_file_that_can_not_be_written_is_a_failed_request(desk: Desk, out: str) -> None:
    """The sound was made and not delivered: the line says where it ended, and no half of a file is left."""
    (desk.folder / "folder.wav").mkdir()

    done = desk.say("hello", "-o", str(desk.folder / out))

    [line] = desk.lines.all()
    assert isinstance(done.exception, AppError)
    assert "can't be written" in str(done.exception)
    assert (line["status"], line["error_code"], line["error_stage"]) == ("error", "INTERNAL", "deliver")
    assert sorted(path.name for path in desk.folder.iterdir()) == ["folder.wav", "state", "tts.log"]


def test_a_service_speaks_where_one_is_named(desk: Desk, service: Any) -> None:
    """It writes the line, and no log of ours comes into being."""
    done = desk.say("hello", "-o", str(desk.out), "--emotion", "sad", "--intensity", "0.25", TTS_URL=service.url)

    assert done.exit_code == 0, done.output
    request_id = done.stderr.strip().rpartition(" ")[2]
    [line] = service.lines.of(request_id)
    assert (line["source"], line["emotion"], line["emotion_intensity"]) == ("openai", "sad", 0.25)
    assert soundfile.info(desk.out).duration == pytest.approx(line["audio_seconds"], abs=1e-3)
    assert not desk.lines.path.exists()
