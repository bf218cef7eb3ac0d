"""The command `voxmeter`: composes the other three commands."""

from __future__ import annotations

import errno
import signal
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import disk_usage
from threading import Event
from typing import NoReturn

import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from voxmeter.demo import Result, Stack, Wanted, ended, measure, speak, start
from voxmeter.errors import CheckFailed, SetupError, VoxmeterError

NEEDED_MEGABYTES = 200
LOOK_SECONDS = 1.0


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="voxmeter")
def cli() -> None:
    """Shows what every spoken sentence cost, how long it took and whether it worked."""


@cli.command()
@click.option("--once", is_flag=True, help="Check that each request has one row and each chart has data, then stop.")
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path), default=Path("data/demo"), show_default=True,
    envvar="VOXMETER_DEMO_DIR", show_envvar=True, help="Where the demo keeps its database, logs and history.",
)  # fmt: skip
@click.option(
    "--requests", "number", type=click.IntRange(20, 900), default=200, show_default=True, help="How many to speak."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Other sentences in another order.")
@click.option(
    "--app-port", type=click.IntRange(1, 65535), help="Port of the web UI and the API  [default: 7860 or the next free]"
)
@click.option(
    "--preview-port", type=click.IntRange(1, 65535), help="Port of the dashboards  [default: 7861 or the next free]"
)
def demo(folder: Path, number: int, seed: int, app_port: int | None, preview_port: int | None, once: bool) -> None:
    """Speak, load and show: the whole line on this machine, without a network.

    Writes and loads a synthetic month, starts the web UI, the loader and the dashboards, speaks about 200 real
    requests through the HTTP API, and stays up until Ctrl-C.

    \b
    Example:
      voxmeter demo
      voxmeter demo --once --dir /tmp/demo
    """
    console = Console(stderr=True)
    with folder_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        check_room(folder, disk_usage(folder).free // 1_000_000)
        with _ended_by_signals(1 if once else 0) as stop, ExitStack() as alive:
            wanted = Wanted(folder.resolve(), number, seed, app_port, preview_port)
            stack = start(wanted, alive, console.print)
            result = _speak(wanted, stack, console)
            console.print(_table(result))
            _tell(stack, console)
            failures = result.failures()
            if once and failures:
                raise CheckFailed("; ".join(failures), f"look into {wanted.folder}")
            for failure in failures:
                console.print(f"warning: {failure}")
            if not once:
                console.print("Ctrl-C ends it.")
                _stay(stack, stop)


def _speak(wanted: Wanted, stack: Stack, console: Console) -> Result:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(f"Speaking through {stack.api_url}", total=wanted.number)
        spoken = speak(wanted, stack, uuid.uuid4().hex[:12], lambda _: progress.advance(task))
    ended(stack)
    return measure(wanted, spoken)


def _stay(stack: Stack, stop: Event) -> None:
    while not stop.wait(LOOK_SECONDS):
        ended(stack)


def _tell(stack: Stack, console: Console) -> None:
    for what, url in (
        ("speak yourself", stack.ui_url),
        ("HTTP API", f"{stack.api_url}/docs"),
        ("dashboards", stack.dashboards_url),
    ):
        console.print(f"  {what:<15} {url}", highlight=False, soft_wrap=True)


def _table(result: Result) -> Table:
    table = Table(title="What was just spoken, from SQL")
    for heading in ("requests sent", "rows loaded", "success", "P50", "P95", "RTF", "lag"):
        table.add_column(heading, justify="right")
    table.add_row(
        str(result.sent),
        str(result.rows),
        "–" if result.success is None else f"{result.success:.1%}",
        _seconds(result.p50_seconds),
        _seconds(result.p95_seconds),
        "–" if result.rtf is None else f"{result.rtf:.4f}",
        f"{result.lag_bytes} B",
    )
    return table


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def check_room(folder: Path, free_megabytes: int) -> None:
    """The folder must be writable and have room, before anything is started. Raises SetupError or OSError."""
    probe = folder / ".writable"
    probe.write_bytes(b"voxmeter\n")
    probe.unlink()
    if free_megabytes < NEEDED_MEGABYTES:
        raise SetupError(
            f"the disk of {folder} has {free_megabytes} MB free, the demo needs {NEEDED_MEGABYTES} MB",
            "free some space, or name another folder: voxmeter demo --dir /path/with/room",
        )


@contextmanager
def folder_errors(folder: Path) -> Iterator[None]:
    """A folder that can't be written and a full disk become errors of ours."""
    other = "name another folder: voxmeter demo --dir /path/to/folder"
    try:
        yield
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
            raise SetupError(f"cannot write to {folder}: {error.strerror}", other) from error
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SetupError(f"the disk of {folder} is full", f"free some space, or {other}") from error
        raise


@contextmanager
def _ended_by_signals(exit_code: int) -> Iterator[Event]:
    """SIGTERM, Ctrl-C and a closed terminal end everything that was started, then the command with `exit_code`."""
    stop = Event()

    def end(_number: int, _frame: object) -> None:
        stop.set()
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield stop
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
        sys.exit(exit_code)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def main() -> NoReturn:
    """The entry point: an error is one line and a hint on stderr, and an exit code."""
    try:
        code = cli.main(standalone_mode=False)
    except VoxmeterError as error:
        _end(str(error), error.hint, error.exit_code)
    except click.ClickException as error:
        _end(error.format_message(), "voxmeter --help lists what there is", error.exit_code)
    sys.exit(code if isinstance(code, int) else 0)


def _end(message: str, hint: str, exit_code: int) -> NoReturn:
    click.echo(f"error: {message}", err=True)
    if hint:
        click.echo(f"hint: {hint}", err=True)
    sys.exit(exit_code)
