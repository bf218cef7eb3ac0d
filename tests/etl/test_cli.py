"""The command tts-etl as its users meet it: exit codes, one line and a hint, JSON, and what is printed."""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from etl.cli import tts_etl
from etl.errors import EtlError
from etl.tables import REVISION
from tests.etl import lines

COMMAND = (sys.executable, "-c", "from etl.cli import main; main()")


def run(*arguments: str | Path, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command, as main() turns errors into them."""
    result = CliRunner().invoke(tts_etl, list(map(str, arguments)), env={"TZ": "Asia/Shanghai", **(env or {})})
    if isinstance(result.exception, EtlError):
        error = result.exception
        return error.exit_code, result.stdout, f"error: {error}\nhint: {error.hint}\n"
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def count(url: str, table: str = "tts_request") -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one()
    engine.dispose()
    return int(found)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "logs" / "tts.log"
    path.parent.mkdir()
    path.write_bytes(lines.lines(1, 3) + b"{bad\n")
    return path


@pytest.fixture
def state(tmp_path: Path) -> dict[str, str]:
    """Where the lock files of a run lie."""
    return {"TTS_STATE_DIR": str(tmp_path / "state")}


def test_import_says_what_it_loaded(database_url: str, log: Path, state: dict[str, str]) -> None:
    """One line for people on stderr; with --json one object with a list of files on stdout."""
    code, out, err = run("import", "--database-url", database_url, log, env=state)
    assert (code, out, err) == (0, "", "3 rows of 4 lines in 1 files\n")

    code, out, err = run("import", "--database-url", database_url, log, "--json", env=state)
    none = dict.fromkeys(("inserted", "duplicate", "quarantined", "blank", "skipped", "expired", "erased"), 0)
    none = {"read": 0, **none, "outside_range": 0}
    assert json.loads(out) == {**none, "files": [{"path": str(log), "state": "read", "reason": "", **none}]}
    assert (code, err) == (0, "")


def test_options_may_stand_before_or_behind_the_command(tmp_path: Path, log: Path) -> None:
    """The command's value wins over the group's, and what is said goes before the environment."""
    urls = [f"sqlite:///{tmp_path}/{name}.db" for name in "abc"]
    for url in urls:
        run("migrate", "--database-url", url)

    run("--database-url", urls[0], "import", log, env={"TTS_DATABASE_URL": urls[2]})
    run("--database-url", urls[0], "import", "--database-url", urls[1], log)
    run("import", env={"TTS_DATABASE_URL": urls[2], "TTS_LOG": str(log)})

    assert [count(url) for url in urls] == [3, 3, 3]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("import", "--database-url", "mysql://x/y"), 2, "no SQLite file and no PostgreSQL"),
        (("import", "--database-url", "nonsense"), 2, "can't be read"),
        (("import", "--database-url", "postgresql://x@127.0.0.1:1/y"), 75, "the database is away"),
        (("import", "--database-url", "postgresql://x@127.0.0.1:abc/y"), 2, "can't be read"),
        (("import", "--database-url", "postgresql://x@127.0.0.1:70000/y"), 2, "invalid port number"),
        (("import", "--database-url", "postgresql://x@127.0.0.1/y?nonsense=1"), 2, "invalid connection option"),
        (("import", "--database-url", "sqlite:////etc/os-release"), 2, "no (whole) SQLite database"),
        (("import", "--database-url", "sqlite:///{}/none.db"), 2, "no Voxmeter tables yet"),
        (("watch", "--database-url", "sqlite:///{}/none.db"), 2, "no Voxmeter tables yet"),
        (("status", "--database-url", "sqlite:///{}/none.db"), 2, "no Voxmeter tables yet"),
        (("migrate", "--database-url", "sqlite:////proc/none/tts.db"), 2, "can't create"),
        (("purge", "--database-url", "sqlite:///{}/none.db", "--older-than", "ninety"), 2, "no length of time"),
    ],
)
def test_wrong_use_is_one_line_and_a_hint(arguments: tuple[str, ...], code: int, message: str, tmp_path: Path) -> None:
    """A wrong URL, a missing schema, a database that is away: what it is, and what to do."""
    found, out, err = run(*(argument.replace("{}", str(tmp_path)) for argument in arguments))

    assert (found, out) == (code, "")
    assert message in err
    assert len(err.splitlines()) == 2
    assert len(err.splitlines()[1]) > len("hint: ")


def test_a_missing_path_and_a_file_that_is_no_log(database_url: str, log: Path, state: dict[str, str]) -> None:
    """A named file that isn't there: 2. One that is no log: 1, after the others were loaded, and --accept loads it."""
    readme = log.with_name("README.log")
    readme.write_text("not\na log\n")
    code, _, err = run("import", "--database-url", database_url, log.with_name("none.log"), env=state)
    assert (code, "is not there" in err) == (2, True)

    code, _, err = run("backfill", "--database-url", database_url, readme, log)
    assert (code, "no request log" in err, count(database_url)) == (1, True, 3)

    assert run("backfill", "--database-url", database_url, readme, "--accept")[0] == 0
    assert run("import", "--database-url", database_url, log.parent, env=state)[0] == 0


def test_a_file_that_cannot_be_read_is_an_error(database_url: str, log: Path, state: dict[str, str]) -> None:
    """A log that the system refuses to read is told with 2, after the others were loaded."""
    code, _, err = run("import", "--database-url", database_url, "/proc/self/mem", log, env=state)

    assert (code, "can't read /proc/self/mem" in err, count(database_url)) == (2, True, 3)


def test_a_name_that_is_no_utf_8(database_url: str, log: Path, state: dict[str, str], tmp_path: Path) -> None:
    """Nor any markup: its lines are loaded, its books kept, and it is told escaped, whoever asks."""
    name = os.fsdecode(b"\xff[red].log")
    (log.parent / name).write_bytes(lines.lines(11, 15))
    (log.parent / (name + ".1.gz")).write_bytes(gzip.compress(lines.lines(16, 20)))
    (log.parent / os.fsdecode(b"\xfe.log")).write_text("no\nlog\n")
    url = ("--database-url", database_url)
    first = run("import", *url, log.parent, "--json", env=state)
    again = run("import", *url, log.parent, env=state)
    table = run("backfill", *url, log.parent)
    erased = run("erase", *url, "--request-id", lines.request()["request_id"], "--log", log.parent, "--json")
    told = json.loads(run("status", *url, "--json")[1])["sources"][0]["last_error"]

    assert (first[0], again[0], table[0], count(database_url)) == (0, 0, 0, 0)
    assert sorted(Path(file["path"]).name for file in json.loads(first[1])["files"])[-1] == name + ".1.gz"
    assert "\\udcff[red].log" in table[1]
    assert "\\udcfe.log: " in told
    assert len(json.loads(erased[1])["copies"]) == 3


def test_only_one_import_of_a_source_runs(database_url: str, log: Path, state: dict[str, str]) -> None:
    """While another holds the source's lock an import exits with 75, with --skip-if-running 0; backfill needs none."""
    run("import", "--database-url", database_url, log, env=state)
    lock = next(Path(state["TTS_STATE_DIR"]).glob("*.lock"))
    with lock.open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        codes = [
            run("import", "--database-url", database_url, log, env=state)[0],
            run("watch", "--database-url", database_url, log, env=state)[0],
            run("import", "--database-url", database_url, log, "--skip-if-running", env=state)[0],
            run("import", "--database-url", database_url, log, "--source-id", "other", env=state)[0],
            run("backfill", "--database-url", database_url, log, env=state)[0],
        ]

    assert codes == [75, 75, 0, 0, 0]


def test_a_schema_of_another_version_is_refused(database_url: str, log: Path) -> None:
    """The loader writes only into the schema that it knows."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    engine.dispose()

    code, _, err = run("import", "--database-url", database_url, log)

    assert (code, "tts-etl migrate" in err, count(database_url)) == (2, True, 0)


def test_the_time_zone_of_a_source_does_not_change_silently(
    database_url: str, log: Path, state: dict[str, str]
) -> None:
    """Older lines were read in one zone; another one is refused, and none is the stored one."""
    first = run("import", "--database-url", database_url, log, "--timezone", "Europe/Berlin", env=state)[0]
    other = run("import", "--database-url", database_url, log, "--timezone", "UTC", env=state)
    again = run("import", "--database-url", database_url, log, env=state)[0]

    assert (first, other[0], again) == (0, 2, 0)
    assert "Europe/Berlin" in other[2]


def test_backfill_shows_a_table_by_file(database_url: str, tmp_path: Path) -> None:
    """Overlapping archives in any order: what was read, inserted and duplicate of each, and the sums."""
    (tmp_path / "a.log.1.gz").write_bytes(gzip.compress(lines.lines(1, 5)))
    (tmp_path / "b.log").write_bytes(lines.lines(4, 9))

    code, out, _ = run("backfill", "--database-url", database_url, tmp_path)

    cells = [[cell.strip() for cell in row.split("│")[1:-1]] for row in out.splitlines() if row.startswith("│")]
    by_file = {row[0]: row[1:5] for row in cells}
    assert (code, sum(int(row[2]) for row in by_file.values() if row[0] == "read")) == (0, 9)
    assert by_file[""] == ["", "11", "9", "2"]


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_backfill_shows_how_far_it_is(database_url: str, log: Path) -> None:
    """On a terminal: the file, bytes of all bytes, lines a second and the time that is left; nothing of it into a pipe."""
    (log.parent / "a.log.1.gz").write_bytes(gzip.compress(lines.lines(11, 15)))
    arguments = ("backfill", "--database-url", database_url, log.parent)
    bar = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", run(*arguments, env={"FORCE_COLOR": "1"})[2])
    total = sum(path.stat().st_size for path in log.parent.iterdir()) / 1024

    assert re.search(rf"\.\w+ ━+ {total:.1f}/{total:.1f} KiB [\d,]+ lines/s \d:\d\d:\d\d", bar), bar
    assert run(*arguments)[2] == ""


def test_backfill_of_a_range(database_url: str, log: Path) -> None:
    """--since and --until take days of the report time zone; --dry-run changes nothing."""
    arguments = ("backfill", "--database-url", database_url, log, "--json")
    dry = json.loads(run(*arguments, "--dry-run")[1])
    outside = json.loads(run(*arguments, "--since", "2026-11-21")[1])
    inside = json.loads(run(*arguments, "--since", "2026-11-20", "--until", "2026-11-20")[1])

    assert [(found["inserted"], found["outside_range"]) for found in (dry, outside, inside)] == [(3, 0), (0, 3), (3, 0)]


def test_a_broken_archive_is_not_ready_and_can_be_salvaged(database_url: str, tmp_path: Path) -> None:
    """Half an archive loads nothing and is told; --salvage loads its readable lines."""
    data = gzip.compress(lines.lines(1, 1500), 0)
    archive = tmp_path / "tts.log.1.gz"
    archive.write_bytes(data[: len(data) * 3 // 4])

    found = json.loads(run("backfill", "--database-url", database_url, archive, "--json")[1])
    assert (found["read"], found["files"][0]["state"]) == (0, "not_ready")
    told = run("import", "--database-url", database_url, archive, env={"TTS_STATE_DIR": str(tmp_path)})
    assert told == (0, "", "0 rows of 0 lines in 1 files, 1 archives not ready\n")
    saved = json.loads(run("backfill", "--database-url", database_url, archive, "--salvage", "--json")[1])
    assert saved["inserted"] > 100


def test_status_tells_what_was_loaded(database_url: str, log: Path, state: dict[str, str]) -> None:
    """Each source with its lag, its lines and its gaps; a partial line waits, seq 4 and 5 are missing."""
    with log.open("ab") as file:
        file.write(lines.line(6) + b"\n" + b'{"v":1')
    before = json.loads(run("status", "--database-url", database_url, "--json")[1])
    run("import", "--database-url", database_url, log, "--timezone", "UTC", env=state)

    code, out, _ = run("status", "--database-url", database_url, "--json")
    found = json.loads(out)
    source = found["sources"][0]
    moments = [source.pop(name) for name in ("last_pass_at", "last_success_at")]
    waiting = source.pop("oldest_unimported_seconds")

    assert (code, before) == (0, {"report_timezone": "Asia/Shanghai", "sources": []})
    assert (found["report_timezone"], moments[0] == moments[1], 0 <= waiting < 60) == ("Asia/Shanghai", True, True)
    assert source == {
        "source_id": "default",
        "timezone": "UTC",
        "lag_bytes": 6,
        "last_error": None,
        "lines": {
            "ok": 4,
            "dup": 0,
            "quarantined": 1,
            "blank": 0,
            "skipped": 0,
            "expired": 0,
            "erased": 0,
            "future": 0,
            "law_violations": 0,
        },
        "streams": {"total": 1, "new_generation": 0, "prefix_copy": 0},
        "archives_not_ready": 0,
        "possible_loss_bytes": 0,
        "seq_gap_lines": 2,
        "watch": "off",
    }
    assert "ok 4" in run("status", "--database-url", database_url)[1]


def test_status_tells_of_bytes_that_were_seen_and_are_gone(database_url: str, log: Path, state: dict[str, str]) -> None:
    """Half a line that was seen and then truncated away is a possible loss."""
    with log.open("ab") as file:
        file.write(b'{"v":1')
    run("import", "--database-url", database_url, log, env=state)
    log.write_bytes(lines.lines(9, 12))
    run("import", "--database-url", database_url, log, env=state)

    found = json.loads(run("status", "--database-url", database_url, "--json")[1])["sources"][0]
    assert (found["possible_loss_bytes"], found["streams"]["total"]) == (6, 2)


def test_status_fails_where_the_loader_is_behind(database_url: str, log: Path, state: dict[str, str]) -> None:
    """--fail-if-lag is met right after an import, and not when the last success is too old."""
    run("import", "--database-url", database_url, log, env=state)
    fresh = run("status", "--database-url", database_url, "--fail-if-lag", "5m")[0]
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE ingest_source SET last_success_at = '2026-01-01T00:00:00.000000Z'"))
    engine.dispose()

    code, _, err = run("status", "--database-url", database_url, "--fail-if-lag", "5m")
    assert (fresh, code, "5m" in err) == (0, 1, True)


def test_purge_takes_old_days_for_good(database_url: str, tmp_path: Path, dialect: str, state: dict[str, str]) -> None:
    """It refuses more than half without --force, says what went, and a late import brings nothing back."""
    log = tmp_path / "tts.log"
    old = lines.lines(1, 4, ts="2026-08-05T10:00:00.000000Z") + lines.lines(5, 8, ts="2026-10-05T10:00:00.000000Z")
    log.write_bytes(old + lines.lines(9, 14) + lines.line(v=3, ts="2026-08-05T10:00:00.000000Z") + b"\n")
    run("import", "--database-url", database_url, log, env=state)
    purge = ("purge", "--database-url", database_url, "--json", "--older-than")

    dry = json.loads(run(*purge, "30d", "--dry-run")[1])
    refused = run(*purge, "30d")
    after_refusal = count(database_url)
    done = json.loads(run(*purge, "30d", "--force")[1])
    log.rename(tmp_path / "tts.log.1")
    archive = tmp_path / "again.log.gz"
    archive.write_bytes(gzip.compress(old[500:].partition(b"\n")[2]))
    again = json.loads(run("backfill", "--database-url", database_url, archive, "--json")[1])

    rows = {"tts_request": 8, "tts_heartbeat": 0, "tts_mark": 0}
    assert (dry["before"], dry["rows"], dry["quarantined"]) == ("2026-10-21", rows, 1)
    assert (refused[0], after_refusal) == (1, 14)
    expected = (
        [f"{table}_2026_{month}" for table in sorted(rows) for month in ("08",)] if dialect == "postgresql" else []
    )
    assert [name for name in done["partitions"] if name.endswith("_08")] == expected
    assert (done["rows"], count(database_url)) == (rows, 6)
    assert (again["inserted"], again["expired"], count(database_url)) == (0, again["read"], 6)


def started(url: str, log: Path, state: dict[str, str], *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "watch", "--database-url", url, str(log), *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **state, "TZ": "UTC"},
    )


def wait_for(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_watch_loads_lines_as_they_come_and_ends_cleanly(
    database_url: str, log: Path, state: dict[str, str], how: signal.Signals
) -> None:
    """A line is a row a moment after it was written, a rotation is followed, and the signal ends it with 0."""
    process = started(database_url, log, state, "--json")
    try:
        wait_for(lambda: count(database_url) == 3)
        with log.open("ab") as file:
            file.write(lines.line(4) + b"\n")
        wait_for(lambda: count(database_url) == 4)
        log.rename(log.with_name("tts.log.1"))
        log.write_bytes(lines.lines(5, 6))
        wait_for(lambda: count(database_url) == 6)
        status = json.loads(run("status", "--database-url", database_url, "--json")[1])["sources"][0]
    finally:
        process.send_signal(how)
        out, err = process.communicate(timeout=120)

    assert (process.returncode, json.loads(out), status["watch"]) == (0, {"inserted": 6}, "ok")
    assert err.startswith("watching ")
    assert json.loads(run("status", "--database-url", database_url, "--json")[1])["sources"][0]["watch"] == "off"


def test_watch_ends_with_75_when_the_schema_moves(database_url: str, log: Path, state: dict[str, str]) -> None:
    """systemd starts it again then, with the version that is installed by now."""
    process = started(database_url, log, state)
    try:
        wait_for(lambda: count(database_url) == 3)
        engine = create_engine(database_url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        engine.dispose()
        log.touch()
        _, err = process.communicate(timeout=120)
    finally:
        process.kill()
        process.wait()

    assert (process.returncode, err.splitlines()[1:]) == (
        75,
        [
            f"error: the schema moved from revision {REVISION} to 9999 meanwhile",
            "hint: start it again with the newer tts-etl",
        ],
    )


def leaves(group: click.Group) -> Iterator[click.Command]:
    for command in group.commands.values():
        yield from leaves(command) if isinstance(command, click.Group) else (command,)


def test_every_command_takes_the_shared_options() -> None:
    """Those of a group's commands too."""
    shared = {"--database-url", "--log", "--source-id", "--timezone", "--json", "--verbose"}
    found = [
        (command.name, shared - {name for option in command.params for name in option.opts})
        for command in leaves(tts_etl)
    ]

    assert (len(found), [(name, missing) for name, missing in found if missing]) == (18, [])


def test_every_command_has_help_with_an_example() -> None:
    """--help of each command says what it does and shows a call."""
    for name in tts_etl.commands:
        code, out, _ = run(name, "--help")
        assert code == 0
        assert f"tts-etl {name}" in out
        assert "Example" in out


def test_errors_reach_the_terminal_without_traceback(tmp_path: Path) -> None:
    """The real program prints an error and a hint on stderr and gives the code."""
    url = f"sqlite:///{tmp_path}/none.db"
    done = subprocess.run([*COMMAND, "import", "--database-url", url], capture_output=True, text=True, check=False)

    expected = f"error: {url} has no Voxmeter tables yet\nhint: create them: tts-etl migrate\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", expected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["nonsense"], "No such command 'nonsense'."), (["purge"], "Missing option '--older-than'.")],
)
def test_an_unknown_command_is_one_line_and_a_hint(arguments: list[str], message: str) -> None:
    """An unknown command and a missing option end with 2."""
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (2, f"error: {message}\nhint: tts-etl --help lists what there is\n")
