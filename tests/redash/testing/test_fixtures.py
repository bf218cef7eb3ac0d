"""Case files, and the log that they stand for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from redash.errors import SpecErrors, WrongUse
from redash.testing.fixtures import NamedCase, log_of, log_of_files, read_cases

PRESENT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def case(folder: Path, text: str, name: str = "one") -> NamedCase:
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return read_cases(folder)[name]


def moments(lines: tuple[str, ...]) -> list[str]:
    return [json.loads(line)["ts"] for line in lines]


def test_all_that_is_wrong_with_the_cases_comes_at_once(tmp_path: Path):
    """With file, line and column."""
    (tmp_path / "a.yaml").write_text("title: A\nlines:\n  - {requests: 3, an_hour: 4}\n  - {mark: party, at: 3m}\n")
    (tmp_path / "b.yaml").write_text("title: B\nexpect:\n  - {query: totals, state: ok}\nwrong: 1\n")
    with pytest.raises(SpecErrors) as caught:
        read_cases(tmp_path)
    told = [line.removeprefix(f"{tmp_path.as_posix()}/") for line in str(caught.value).splitlines()]

    assert [line.split(" error ")[0] for line in told] == ["a.yaml:3:6:", "a.yaml:4:6:", "b.yaml:3:5:", "b.yaml:4:1:"]
    assert "either `requests` or `an_hour`" in told[0]
    assert "only an alert has a `state`" in told[2]


def test_a_folder_without_cases_is_wrong_use(tmp_path: Path):
    """Nothing tested is no success."""
    with pytest.raises(WrongUse, match="there is no case in"):
        read_cases(tmp_path)


def test_lines_of_other_cases_come_before_its_own(tmp_path: Path):
    """With the writers that they have there, so that they are the same lines."""
    other = case(tmp_path, "title: O\nlines: [{requests: 1, from: 2h, to: 1h}]", "other")
    one = case(tmp_path, "title: A\nlines_of: [other]\nlines:\n  - {requests: 1}\n  - {line: broken}\n")

    assert log_of(one, PRESENT).lines[0] == log_of(other, PRESENT).lines[0]
    assert moments(log_of(one, PRESENT).lines[:2]) == ["2026-11-20T10:30:00.000000Z", "2026-11-20T11:30:00.000000Z"]
    assert log_of(one, PRESENT).as_they_are == 1


def test_the_lines_of_a_file_can_be_moved_in_time(tmp_path: Path):
    """By as much as brings the newest to its place; what has no moment stays."""
    old = [json.dumps({"ts": f"2025-01-01T00:{minute}:00.000000Z"}) for minute in ("00", "30", "10")]
    (tmp_path / "old.jsonl").write_text("\n".join([*old, "", "broken"]), encoding="utf-8")
    one = case(tmp_path, "title: A\nlines: [{file: old.jsonl, newest_at: 10m}]")
    log = log_of(one, PRESENT)

    assert moments(log.lines[:3]) == [f"2026-11-20T11:{minute}:00.000000Z" for minute in ("20", "50", "30")]
    assert (log.lines[3:], log.as_they_are) == (("broken",), 4)


def test_a_mark_is_set_by_the_loaders_command(tmp_path: Path):
    """Its options, since a mark of all instances is no line of a log."""
    one = case(tmp_path, "title: A\nlines: [{mark: maintenance, at: 20m, label: driver, instance: studio}]")

    assert log_of(one, PRESENT).marks == (
        ("--kind", "maintenance", "--label", "driver", "--at", "2026-11-20T11:40:00+00:00", "--instance", "studio"),
    )


def test_cases_and_log_files_are_drawn_alike(tmp_path: Path):
    """A log file as it is, beside the lines of a case."""
    case(tmp_path, "title: A\nlines: [{requests: 1}]")
    (tmp_path / "b.log").write_text("[2025-04-05 10:23:45] INFO - …\n", encoding="utf-8")
    log = log_of_files([tmp_path / "one.yaml", tmp_path / "b.log"], PRESENT)

    assert (len(log.lines), log.as_they_are) == (2, 1)


@pytest.mark.parametrize("text", ["title: A\nlines: [{file: none.jsonl}]", "title: A\nlines_of: [none]"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, text: str):
    """One line, and its reason."""
    with pytest.raises(WrongUse, match=r"can't read .*none\.(jsonl|yaml): No such file"):
        log_of(case(tmp_path, text), PRESENT)
