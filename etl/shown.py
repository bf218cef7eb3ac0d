"""How results look on a terminal: tables on stdout, progress on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from etl.host.findings import Finding
from etl.lines.counts import Counts
from etl.loading.ingest import FileReport, PassReport
from etl.loading.runs import Progress as Told
from etl.printable import printable, storable

_COLUMNS = {
    "read": "lines",
    "inserted": "ok",
    "duplicate": "dup",
    "quarantined": "quarantined",
    "blank": "blank",
    "skipped": "skipped",
    "expired": "expired",
    "erased": "erased",
    "outside range": "outside",
}


@contextmanager
def progress_bar(paths: list[Path], *, quiet: bool) -> Iterator[Told]:
    """A bar over the bytes of the files on stderr; yields who is to be told of each batch."""
    console = Console(stderr=True, quiet=quiet)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )
    # Of archives the compressed size is known beforehand; a batch's share of it is estimated by what came out so far.
    total = sum(map(_size, paths))
    started = time.monotonic()
    lines = 0
    done: dict[Path, float] = {}
    with bar:
        task = bar.add_task("loading", total=total, rate="")

        def tell(report: FileReport, counts: Counts) -> None:
            nonlocal lines
            lines += counts.lines
            done[report.path] = min(report.read_bytes * _ratio(report), report.file_bytes)
            rate = lines / max(time.monotonic() - started, 1e-6)
            bar.update(
                task,
                description=escape(printable(report.path.name)),
                completed=sum(done.values()),
                rate=f"{rate:,.0f} lines/s",
            )

        yield tell
        bar.update(task, completed=total)


def _size(path: Path) -> int:
    """Of a file that may be gone by now."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _ratio(report: FileReport) -> float:
    """Bytes of the file for each byte that was read from it."""
    return 1.0 if report.size == 0 else report.file_bytes / report.size


def file_as_json(report: FileReport) -> dict[str, Any]:
    """A file's line of the result."""
    counted = {name.replace(" ", "_"): getattr(report.counts, of) for name, of in _COLUMNS.items()}
    return {"path": str(report.path), "state": report.state, "reason": report.reason, **counted}


def files_table(report: PassReport) -> Table:
    """What became of the lines of each file, and their sums."""
    table = Table("file", "state", *_COLUMNS, show_footer=len(report.files) > 1)
    total = report.counts()
    for column, name in zip(table.columns[2:], _COLUMNS, strict=True):
        column.justify = "right"
        column.footer = f"{getattr(total, _COLUMNS[name]):,}"
    for file in report.files:
        figures = [f"{getattr(file.counts, of):,}" for of in _COLUMNS.values()]
        table.add_row(Text(printable(file.path.name)), file.state.replace("_", " "), *figures)
    return table


def print_pass(report: PassReport, *, as_json: bool, verbose: bool) -> None:
    """The result of a pass: JSON on stdout, or a table there (`verbose`) or one line on stderr."""
    total = report.counts()
    if as_json:
        figures = {name.replace(" ", "_"): getattr(total, of) for name, of in _COLUMNS.items()}
        found = {**figures, "files": [file_as_json(file) for file in report.files]}
        print_line(storable(json.dumps(found, ensure_ascii=False)))
    elif verbose:
        _console().print(files_table(report))
    else:
        waiting = len(report.of_state("not_ready"))
        more = f", {waiting} archives not ready" if waiting else ""
        told = f"{total.ok:,} rows of {total.lines:,} lines in {len(report.files)} files{more}"
        Console(stderr=True).print(told, highlight=False)


def print_status(status: dict[str, Any]) -> None:
    if status["sources"]:
        _console().print(status_table(status))
    else:
        print_line(f"nothing loaded yet; days are cut in {status['report_timezone']}")


def print_findings(findings: list[Finding]) -> None:
    """What doctor found, one check a row."""
    table = Table("check", "", "what", "how to mend")
    for finding in findings:
        table.add_row(finding.check, finding.state, Text(printable(finding.text)), Text(printable(finding.mend)))
    _console().print(table)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table of texts as they are: no markup is read in them."""
    table = Table(*(name.replace("_", " ") for name in columns))
    for row in rows:
        table.add_row(*map(Text, row))
    _console().print(table)


def print_line(text: str) -> None:
    """A line on stdout as it is, however long."""
    sys.stdout.write(text + "\n")


def _console() -> Console:
    # Into a file or a pipe a table is as wide as it must be.
    console = Console()
    return console if console.is_terminal else Console(width=200)


def status_table(status: dict[str, Any]) -> Table:
    """The sources side by side."""
    table = Table("", *[escape(printable(source["source_id"])) for source in status["sources"]])
    table.add_row("report time zone", *[status["report_timezone"] for _ in status["sources"]])
    for name in status["sources"][0] if status["sources"] else ():
        if name == "last_error":
            table.add_row("last error", *[Text(printable(source[name] or "none")) for source in status["sources"]])
        elif name != "source_id":
            table.add_row(name.replace("_", " "), *[_cell(source[name]) for source in status["sources"]])
    return table


def _cell(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in value.items())
    return f"{value:,}" if isinstance(value, (int, float)) else str(value)
