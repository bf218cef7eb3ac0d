"""Mistakes that a loader of log lines may make, as changes of its source, each with the tests that must notice it."""

from __future__ import annotations

from dataclasses import dataclass

PROMISES = "tests/etl/promises/"
INGEST = "tests/etl/test_ingest.py"
_MIGRATION = "migrations/versions/20261122_0001_first_schema.py"
MODEL = ("tests/etl/test_model.py", "tests/etl/test_model_postgresql.py")


@dataclass(frozen=True, slots=True)
class Mutation:
    """A mistake: its edits (file, old text, new text; every place that has the old text) and the quickest tests."""

    name: str
    edits: tuple[tuple[str, str, str], ...]
    tests: tuple[str, ...]


def one(name: str, file: str, old: str, new: str, *tests: str) -> Mutation:
    return Mutation(name, ((file, old, new),), tests)


_COMMIT_AGAIN = """try:
                    self._commit(session)
                except Exception:
                    self._drop_connection()
                    self._connected().exec_driver_sql("COMMIT")"""

MUTATIONS = (
    one(
        "offset outside of the rows' transaction",
        "etl/loading/batch.py",
        'self._run.reached("filled")',
        'session.run("COMMIT"); session.run("BEGIN"); self._run.reached("filled")',
        PROMISES + "test_crashes.py::test_a_kill_at_each_step_of_a_transaction_changes_nothing",
    ),
    Mutation(
        "rows without a key",
        (
            (_MIGRATION, "UniqueConstraint(*KEY,", 'UniqueConstraint(*KEY, "row_id",'),
            (_MIGRATION, "PrimaryKeyConstraint(*KEY,", 'PrimaryKeyConstraint(*KEY, "row_id",'),
            ("etl/store/rows.py", "ON CONFLICT ({_KEY}) DO NOTHING", ""),
        ),
        (INGEST + "::test_a_tail_lost_in_a_power_cut_doubles_nothing",),
    ),
    Mutation(
        "identity by inode",
        (
            ("etl/reading/files.py", "head = head_of(first)", "head = head_of(b'%d\\n' % self.stat.ino)"),
            ("etl/tail.py", "matches(candidate.at_committed)", "True"),
        ),
        (PROMISES + "test_identity.py",),
    ),
    one(
        "an anchor of 64 bytes",
        "etl/tail.py",
        "return min(offset, max(ANCHOR_BYTES, min(line_length, ANCHOR_BYTES_MOST)))",
        "return min(offset, 64)",
        PROMISES + "test_identity.py::test_equal_heads_and_equal_last_bytes",
    ),
    one(
        "an anchor of 4096 bytes under longer lines",
        "etl/tail.py",
        "return min(offset, max(ANCHOR_BYTES, min(line_length, ANCHOR_BYTES_MOST)))",
        "return min(offset, ANCHOR_BYTES)",
        PROMISES + "test_identity.py::test_lines_longer_than_the_window",
    ),
    one(
        "no look at the anchor",
        "etl/tail.py",
        "matches(candidate.at_committed)",
        "True",
        PROMISES + "test_identity.py::test_a_truncated_file_that_outgrew_its_offset",
    ),
    one(
        "a shorter copy is a new stream",
        "etl/tail.py",
        "elif matches(candidate.highest):",
        "elif candidate.stream_id < 0:",
        PROMISES + "test_identity.py::test_a_shorter_copy_a_hundred_times",
    ),
    one(
        "an error of the database skips the row and commits",
        "etl/store/rows.py",
        "except DataRefusedError as error:",
        "except Exception as error:",
        PROMISES + "test_full_disks.py",
    ),
    one(
        "a full disk is the row's fault",
        "etl/store/failures.py",
        '_DATA = ("22", "23")',
        '_DATA = ("22", "23", "53")',
        PROMISES + "test_full_disks.py::test_a_postgresql_without_room",
    ),
    one(
        "no compare-and-set",
        "etl/store/streams.py",
        "WHERE stream_id = ? AND committed = ?",
        "WHERE stream_id = ? AND committed > -1 - ?",
        PROMISES + "test_without_locks.py::test_eight_importers_without_locks_load_each_line_once",
        PROMISES + "test_without_locks.py::test_an_offset_moves_only_from_where_it_was_read",
    ),
    one(
        "the size at opening is believed",
        "etl/loading/batch.py",
        "and file.look_again()",
        "and not file.size",
        INGEST + "::test_a_file_opened_before_another_importer_went_past_its_end",
    ),
    one(
        "no second look at the descriptor",
        "etl/loading/batch.py",
        "if not file.still_holds(head, stretch.end, stretch.anchors[-1:]):",
        "if stretch.end < 0:",
        INGEST + "::test_a_file_truncated_while_it_is_read_leaves_no_garbage",
        *MODEL,
    ),
    one(
        "no watermark",
        "etl/loading/batch.py",
        "purged_before = retention.watermark(session, lock=True)",
        "purged_before = None",
        PROMISES + "test_purged_days.py::test_purged_rows_do_not_come_back",
    ),
    one(
        "duplicates not counted",
        "etl/loading/batch.py",
        "dup=len(records) - inserted.rows - len(inserted.conflicts) - len(inserted.refused)",
        "dup=0",
        INGEST + "::test_a_range_of_days_moves_no_offset",
    ),
    one(
        "COMMIT repeated on a new connection",
        "etl/store/database.py",
        "self._commit(session)\n            except",
        _COMMIT_AGAIN + "\n            except",
        PROMISES + "test_cut_connections.py",
    ),
    one(
        "a COMMIT without an answer is taken for done",
        "etl/store/database.py",
        "self._commit(session)\n            except",
        "with suppress(Exception):\n                    self._commit(session)\n            except",
        PROMISES + "test_cut_connections.py",
    ),
    one(
        "COMMIT that answers ROLLBACK is taken for done",
        "etl/store/database.py",
        'if cursor.statusmessage != "COMMIT":',
        "if not cursor.statusmessage:",
        "tests/etl/test_database.py::test_a_commit_that_rolls_back_is_an_error",
    ),
    one(
        "an archive without magic is text",
        "etl/reading/files.py",
        "if path.name.endswith(SUFFIXES):",
        "if not path.name:",
        PROMISES + "test_archives.py",
    ),
    one(
        "the name says whether a file is compressed",
        "etl/reading/files.py",
        "compression = compression_of(_pread(fd, 0, 8))",
        "compression = compression_of(_pread(fd, 0, 8)) if path.name.endswith(SUFFIXES) else None",
        "tests/etl/test_files.py::test_a_compressed_file_under_a_plain_name_is_an_archive",
    ),
    one(
        "a torn archive is read as far as it goes",
        "etl/reading/archives.py",
        "return total, error",
        "return total, None",
        PROMISES + "test_archives.py",
    ),
    one(
        "INSERT OR IGNORE",
        "etl/store/rows.py",
        "INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT ({_KEY}) DO NOTHING",
        "INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})",
        PROMISES + "test_refused_rows.py",
    ),
    one(
        "half a line is committed",
        "etl/reading/stretches.py",
        'end = buffer.rfind(b"\\n") + 1',
        "end = len(buffer)",
        PROMISES + "test_identity.py::test_a_file_shorter_than_anything",
    ),
    one(
        "the last line of an archive is left out",
        "etl/loading/ingest.py",
        "self._last_line(reader, file, one)\n        return",
        "return",
        INGEST + "::test_the_last_line_of_an_archive_may_lack_its_newline",
    ),
    one(
        "bad lines vanish",
        "etl/loading/batch.py",
        "quarantine.keep(session,",
        "bool(session) and (lambda *_: None)(session,",
        PROMISES + "test_bad_lines.py::test_a_bad_line_first_in_the_middle_and_last",
    ),
    one(
        "a conflict of keys is a duplicate",
        "etl/loading/batch.py",
        "rejected += [_rejected(record, stretch, conflict) for record in inserted.conflicts]",
        "inserted.conflicts.clear()",
        INGEST + "::test_the_same_key_with_other_content_is_a_conflict",
    ),
    one(
        "erased rows come back",
        "etl/loading/batch.py",
        "gone = retention.erased(session, [record.key for record in records])",
        "gone: set[object] = set()",
        INGEST + "::test_erased_rows_stay_gone",
    ),
    one(
        "rows of copies are not counted",
        "etl/loading/batch.py",
        "streams.add_replayed(session, stream_id, counts)",
        "stream_id",
        *MODEL,
    ),
    one(
        "an archive once seen is never looked at again",
        "etl/loading/ingest.py",
        "return (stat.dev, stat.ino, stat.size, stat.ctime_ns) == (seen.dev, seen.ino, seen.size, seen.ctime_ns)",
        "return True",
        PROMISES + "test_recovery.py::test_an_archive_that_was_torn_is_looked_at_again",
    ),
    one(
        "an error of the schema empties the log into quarantine",
        "etl/store/failures.py",
        "return SchemaError(f",
        'return DataRefusedError("") if text else SchemaError(f',
        INGEST + "::test_a_schema_that_lost_a_column_stops_and_quarantines_nothing",
    ),
    one(
        "a second loader is let in",
        "etl/loading/locks.py",
        "fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)",
        "fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)",
        "tests/etl/test_locks.py",
    ),
    one(
        "no rescan beside the events",
        "etl/loading/follow.py",
        "return RESCAN_SECONDS",
        "return 3600.0",
        PROMISES + "test_lost_events.py",
    ),
    one(
        "lost lines are not told",
        "etl/store/figures.py",
        "expected = highest if purged is None else highest - lowest + 1",
        "expected = number",
        PROMISES + "test_recovery.py::test_lost_lines_are_told",
    ),
)
