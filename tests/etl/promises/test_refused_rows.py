"""A row that breaks NOT NULL is refused and told, never swallowed as if it were a duplicate."""

from __future__ import annotations

from etl.lines.outcomes import Record
from etl.store import rows
from tests.etl import lines
from tests.etl.loading import loader
from tests.etl.test_records import decode


def test_a_row_that_breaks_a_rule_of_the_table_is_told(database_url: str) -> None:
    """Of three rows the one without a status is refused, the others go in."""
    records = [found for seq in (1, 2, 3) if isinstance(found := decode(lines.line(seq)), Record)]
    without = tuple(None if value == "ok" else value for value in records[1].values)
    records[1] = records[1]._replace(values=without)
    with loader(database_url) as load:
        with load.database.transaction() as session:
            done = rows.insert(session, 1, records)

        assert (done.rows, [record for record, _ in done.refused], load.seqs()) == (2, [records[1]], [1, 3])
