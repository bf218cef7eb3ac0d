"""A small pack with one of everything, a fake Redash, and applies between them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from redash.pruning.backup import Backup
from redash.pruning.prune import backup_of, prune, pruning
from redash.pruning.restore import Restored, restore
from redash.remote.api import Api, connected
from redash.specs.places import Environment
from redash.specs.reading import usable_pack
from redash.specs.spec import Pack
from redash.sync.apply import Applier, Outcome, no_line
from redash.sync.survey import Survey, survey
from tests.redash.fake.server import FakeRedash

CANARY = "canary-7d1f0c"
SALT = "00112233445566778899aabbccddeeff"

FILES = {
    "queries/kinds.sql": """\
-- title: {en: Kinds, zh-CN: 种类}
-- description: {en: For the filter., zh-CN: 供筛选。}
SELECT 'ok' AS value UNION ALL SELECT 'error'
""",
    "queries/calls.sql": """\
-- title: {en: Calls, zh-CN: 调用}
-- description: {en: All calls., zh-CN: 全部调用。}
-- parameters:
--   period: {type: date-range, title: {en: Period, zh-CN: 时段}, default: d_last_7_days}
--   kind: {type: query, title: {en: Kind, zh-CN: 种类}, query: kinds, default: ok}
SELECT 'ok' AS status, 3 AS calls, 2.5 AS seconds
WHERE '{{ period.start }}' <= '{{ period.end }}' AND '{{ kind }}' <> ''
""",
    "queries/rejects.sql": """\
-- title: {en: Rejects, zh-CN: 拒收}
-- description: {en: Share of rejects., zh-CN: 拒收比例。}
-- schedule: {interval_seconds: 300}
-- tags: [alerts]
SELECT 2 AS rejects
""",
    "charts/calls.yaml": """\
by-status:
  type: chart
  kind: column
  title: {en: Calls by status, zh-CN: 按状态}
  x: status
  y: [{column: calls}]
  x_axis: {type: category}
total: {type: counter, title: {en: Total, zh-CN: 总数}, column: calls, unit: count}
rows:
  type: table
  title: {en: Rows, zh-CN: 行}
  table: [{column: status, title: {en: Status, zh-CN: 状态}}]
""",
    "dashboards/board.yaml": """\
title: {en: Board, zh-CN: 看板}
tags: [tts]
parameters:
  period: {default: d_last_30_days}
widgets:
  - {text: {en: "### Calls", zh-CN: "### 调用"}, at: {column: 0, row: 0, width: 12, height: 1}}
  - {chart: calls/by-status, values: {kind: ok}, at: {column: 0, row: 1, width: 6, height: 5}}
  - {chart: calls/total, values: {kind: ok}, at: {column: 6, row: 1, width: 6, height: 5}}
""",
    "alerts/rejects.yaml": """\
title: {en: Many rejects, zh-CN: 拒收过多}
query: rejects
column: rejects
op: ">"
value: 1
rearm_seconds: 3600
subject: {en: "Rejects: {{QUERY_RESULT_VALUE}}", zh-CN: "拒收：{{QUERY_RESULT_VALUE}}"}
body: {en: Look at the quarantine., zh-CN: 请查看隔离区。}
destinations: [hook]
""",
    "sources.yaml": """\
tts: {type: sqlite, title: {en: Speech, zh-CN: 语音}, dbpath: DBPATH}
""",
    "destinations.yaml": """\
hook: {type: webhook, title: {en: Hook, zh-CN: 钩子}, url: "file:SECRET"}
""",
    "groups.yaml": """\
viewers: {title: {en: TTS viewers, zh-CN: TTS 观众}, sees: [tts], members: [analyst@example.com]}
""",
}


class World:
    """A pack in a folder, a server, and what commands do between them."""

    def __init__(self, fake: FakeRedash, folder: Path) -> None:
        self.fake, self.folder = fake, folder
        self.secret = folder.parent / "hook.secret"
        self.secret.write_text(f"https://hook.example/{CANARY}\n", encoding="utf-8")
        self.environment: dict[str, Any] = {
            "url": fake.url,
            "api_key": "env:REDASH_API_KEY",
            "destinations": ["hook"],
            "groups": ["viewers"],
        }
        self.api_key = fake.api_key
        database = folder.parent / "tts.db"
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS t (a)")
        for name, text in FILES.items():
            self.write(name, text.replace("DBPATH", str(database)).replace("SECRET", str(self.secret)))

    def write(self, name: str, text: str) -> None:
        """Puts a file into the pack."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        """Replaces a text in a file."""
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def pack(self) -> Pack:
        """The pack as it is now."""
        return usable_pack(self.folder)

    def place(self) -> Environment:
        """The environment as it is now."""
        return Environment.model_validate(self.environment)

    def survey(self, thorough: bool = False) -> Survey:
        """A look at both sides."""
        with connected(self.fake.url, self.api_key, attempts=1) as (api, session):
            return survey(api, session, self.pack(), "default", self.place(), thorough=thorough)

    def apply(self) -> Outcome:
        """A plan, and the doing of it."""
        with connected(self.fake.url, self.api_key, attempts=1) as (api, session):
            seen = survey(api, session, self.pack(), "default", self.place())
            return Applier(api, seen.target, seen.wanted, seen.live, seen.plan, salt=lambda: SALT).apply()

    def prune(self, backup: Path) -> Outcome:
        """A backup of what has no file any more, and its archive."""
        with connected(self.fake.url, self.api_key, attempts=1) as (api, session):
            seen = survey(api, session, self.pack(), "default", self.place(), thorough=True)
            going = pruning(api, seen)
            backup_of(seen, going, "2026-11-23T12:00:00+00:00").write(backup)
            return prune(api, seen, going, no_line)

    def restore(self, backup: Path) -> Restored:
        """What a backup brings back."""
        with connected(self.fake.url, self.api_key, attempts=1) as (api, session):
            return restore(api, session.user_id, Backup.read(backup), no_line)

    @contextmanager
    def person(self, email: str = "human@example.com") -> Iterator[Api]:
        """What somebody else does in Redash."""
        with connected(self.fake.url, self.fake.key_of(email), attempts=1) as (api, _):
            yield api

    def run_all(self) -> None:
        """Gives every query a result, as looking at its page does."""
        values: dict[str, Any] = {"period": {"start": "2026-11-01", "end": "2026-11-02"}, "kind": "ok"}
        with self.person() as api:
            for row in list(self.fake.state.queries.values()):
                names = [one["name"] for one in row["options"].get("parameters", [])]
                api.query_results.run(row["id"], {name: values[name] for name in names}, 5)

    def row(self, table: str, name: str) -> dict[str, Any]:
        """A row of the server by its name."""
        rows: dict[int, dict[str, Any]] = getattr(self.fake.state, table)
        return next(row for row in rows.values() if row["name"] == name)

    def remove(self, *names: str) -> dict[str, str]:
        """Takes files out of the pack, and gives what they said."""
        texts = {name: (self.folder / name).read_text(encoding="utf-8") for name in names}
        for name in names:
            (self.folder / name).unlink()
        return texts

    def steps(self) -> list[tuple[str, str]]:
        """What a plan would do."""
        return [(step.action, step.key) for step in self.survey().plan.steps]


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Makes worlds, each with its own server and folder."""
    open_ones: list[FakeRedash] = []

    def make(version: tuple[int, int] = (26, 3)) -> World:
        fake = FakeRedash(version)
        open_ones.append(fake.__enter__())
        folder = tmp_path / f"world-{len(open_ones)}" / "specs"
        folder.mkdir(parents=True)
        return World(fake, folder)

    yield make
    for fake in open_ones:
        fake.__exit__()


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """One world."""
    return make_world()
