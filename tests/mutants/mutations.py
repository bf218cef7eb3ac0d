"""Mistakes that a loader of log lines may make, as changes of its source, each with the tests that must notice it."""

from __future__ import annotations

from tests.mutants.mutation import Mutation
from tests.mutants.silenced import silenced

PROMISES = "tests/etl/promises/"
INGEST = "tests/etl/test_ingest.py"
_MIGRATION = "migrations/versions/20261122_0001_first_schema.py"
VERIFY = "tests/etl/test_verify.py"
ERASE = "tests/etl/test_erase.py"
PURGE = "tests/etl/test_purge.py"
REPROCESS = "tests/etl/test_reprocess.py"
RETIME = "tests/etl/test_retime.py"
ADOPT = "tests/etl/test_adopt.py"
DOCTOR = "tests/etl/test_doctor.py"
FIGURES = "tests/etl/test_figures.py"
STATUS = "tests/etl/test_status.py"
SOURCES = "tests/etl/test_sources.py"
MODEL = ("tests/etl/test_model.py", "tests/etl/test_model_postgresql.py")


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
        '_DATA = ("22", "23", "54")',
        '_DATA = ("22", "23", "53", "54")',
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
    one(
        "verify takes the books' word for lost lines",
        "etl/upkeep/verify.py",
        "figures.gaps(session, exact=True)",
        "figures.gaps(session, exact=False)",
        VERIFY + "::test_what_someone_broke_is_found",
    ),
    one(
        "verify looks at the last anchor only",
        "etl/upkeep/reach.py",
        "for anchor in anchors if not file.matches(anchor)",
        "for anchor in anchors[-1:] if not file.matches(anchor)",
        VERIFY + "::test_an_edited_file_is_found",
    ),
    one(
        "verify forgets what was erased",
        "etl/upkeep/verify.py",
        "findings += _erased(session)",
        "findings += []",
        VERIFY + "::test_what_someone_broke_is_found",
    ),
    one(
        "verify takes a shorter file for the whole stream",
        "etl/upkeep/reach.py",
        "< one.committed",
        "< 0",
        VERIFY + "::test_it_says_how_far_back_a_restored_backup_heals_itself",
    ),
    one(
        "an erasure leaves no tombstone",
        "etl/store/erasing.py",
        "key_hash((day, writer, seq))",
        "key_hash((day, writer, -seq))",
        ERASE + "::test_erased_rows_never_come_back",
    ),
    one(
        "a line erased out of quarantine leaves no key",
        "etl/upkeep/erase.py",
        "utc_text(now), _key(line))",
        "utc_text(now))",
        ERASE + "::test_a_later_version_makes_no_row_of_an_erased_line",
    ),
    one(
        "an erased client keeps its names",
        "etl/upkeep/erase.py",
        "labels.remove(session, target.value)",
        "labels.count(session, target.value)",
        ERASE + "::test_the_names_of_a_client_go_too",
    ),
    one(
        "erased bytes stay in the journal",
        "etl/upkeep/erase.py",
        "erasing.empty_journal(database)",
        "erasing.CHUNK_ROWS",
        ERASE + "::test_the_bytes_are_gone_from_the_file_of_the_database",
    ),
    one(
        "a purge deletes before the watermark stands",
        "etl/upkeep/purge.py",
        "        partitions, dropped = purging.raise_watermark(session, before)\n    deleted, quarantined = purging.delete_before(database, before)\n",
        "    deleted, quarantined = purging.delete_before(database, before)\n    with database.exclusive() as session:\n        partitions, dropped = purging.raise_watermark(session, before)\n",
        PURGE + "::test_the_watermark_stands_before_a_row_goes",
    ),
    one(
        "a purge drops the month that it should cut",
        "etl/store/purging.py",
        "< before[:7]",
        "<= before[:7]",
        PURGE + "::test_what_went_is_said_by_table[postgresql]",
    ),
    one(
        "a purge takes more than half",
        "etl/upkeep/purge.py",
        "old * 2 > total",
        "old > total",
        PURGE + "::test_more_than_half_needs_force",
    ),
    one(
        "a purge ends with its first chunk",
        "etl/store/purging.py",
        "if last is None:",
        "if last is None or total:",
        PURGE + "::test_a_kill_after_the_watermark_is_made_good",
    ),
    one(
        "a purge is not in the books",
        "etl/store/purging.py",
        "days.purge_before(session, before)",
        "days.by_day(session)",
        PURGE + "::test_what_went_is_said_by_table",
    ),
    one(
        "reprocess deletes what became a row",
        "etl/upkeep/reprocess.py",
        'held.settle(session, seen.q_id, "resolved", self._now())\n        what',
        'session.run("DELETE FROM ingest_quarantine WHERE q_id = ?", seen.q_id)\n        what',
        REPROCESS + "::test_lines_become_rows_once",
    ),
    one(
        "reprocess leaves lines open",
        "etl/upkeep/reprocess.py",
        'held.settle(session, seen.q_id, "resolved", self._now())\n        what',
        "what",
        REPROCESS + "::test_lines_become_rows_once",
    ),
    one(
        "reprocess does not look at the zone",
        "etl/upkeep/reprocess.py",
        "sources.require_unmoved(session, self._report_zone)",
        "sources.report_timezone(session)",
        REPROCESS + "::test_no_line_gets_the_time_of_a_zone_that_changed",
    ),
    one(
        "reprocess is not in the books",
        "etl/upkeep/reprocess.py",
        "streams.add_reprocessed(session, stream_id, done.rows)",
        "streams.lock(session, stream_id)",
        REPROCESS + "::test_lines_become_rows_once",
    ),
    one(
        "reprocess brings purged days back",
        "etl/upkeep/reprocess.py",
        "if purged_before is not None and record.event_day < purged_before:",
        "if purged_before == record.event_day:",
        REPROCESS + "::test_purged_and_erased_lines_do_not_come_back",
    ),
    one(
        "retime forgets where it was killed",
        "etl/store/localtimes.py",
        'if state is not None and state["to"] == timezone == before:',
        'if state is not None and state["to"] == before == "":',
        RETIME + "::test_real_kills_are_resumed",
    ),
    one(
        "retime leaves heartbeats and marks",
        "etl/upkeep/retime.py",
        "EVENT_TABLES[EVENT_TABLES.index(begun.table) :]",
        "EVENT_TABLES[:1]",
        RETIME + "::test_every_row_gets_the_local_time_of_the_new_zone",
    ),
    one(
        "retime lets an older one go on",
        "etl/store/localtimes.py",
        "if now != timezone:",
        "if now is None:",
        RETIME + "::test_a_later_change_stops_the_earlier_one",
    ),
    one(
        "adopt-table takes every re-insertion",
        "etl/store/adopted.py",
        "WHERE run = last_run ",
        "WHERE run <= last_run ",
        ADOPT + "::test_what_the_script_inserted_again_is_dropped",
    ),
    one(
        "adopt-table takes equal lines once",
        "etl/store/adopted.py",
        "ORDER BY id) - 1 FROM held",
        "ORDER BY id) * 0 FROM held",
        ADOPT + "::test_what_the_script_inserted_again_is_dropped",
    ),
    one(
        "doctor names the zone of the other side",
        "etl/host/databasechecks.py",
        "_zone_at(_QUARTER * quarters",
        "_zone_at(-_QUARTER * quarters",
        DOCTOR + "::test_lines_read_in_a_wrong_zone",
    ),
    one(
        "older lines hide gaps",
        "etl/store/figures.py",
        "if day not in mixed}",
        "if mixed is not None}",
        FIGURES + "::test_older_lines_hide_no_gap",
    ),
    one(
        "every day is taken for whole",
        "etl/store/figures.py",
        "== whole.get(day):",
        "!= whole.get(day, -1) + 1e9:",
        FIGURES + "::test_missing_numbers_are_counted",
    ),
    one(
        "erased lines are told as lost",
        "etl/store/figures.py",
        "+= int(str(day) >= purged)",
        "+= 0",
        FIGURES + "::test_a_line_that_was_erased_or_quarantined_is_not_lost",
    ),
    one(
        "what is salvaged moves the offset",
        "etl/loading/ingest.py",
        "if self._reading.moves_offset and not file.salvaged:",
        "if self._reading.moves_offset:",
        PROMISES + "test_archives.py::test_what_can_be_read_of_a_broken_archive",
    ),
    one(
        "a dry run settles the time zone",
        "etl/store/sources.py",
        "if dry_run or settled == stored:",
        "if settled == stored:",
        SOURCES + "::test_a_dry_run_keeps_nothing",
    ),
    one(
        "a batch does not look at its source's zone",
        "etl/store/sources.py",
        "if row[2] is not None and row[2] != zone_then:",
        "if row[2] == zone_then == '':",
        SOURCES + "::test_no_batch_is_of_a_zone_that_was_changed",
    ),
    one(
        "the zone of loaded lines changes silently",
        "etl/store/sources.py",
        'if session.run("SELECT 1 FROM ingest_stream WHERE source_id = ? LIMIT 1", source_id).first() is not None:',
        "if not source_id:",
        SOURCES + "::test_the_first_one_is_kept_and_can_be_changed_until_a_line_is_loaded",
    ),
    one(
        "a pass that sees nothing is a success",
        "etl/loading/runs.py",
        "troubles = [report.trouble] if report.trouble else []",
        "troubles = []",
        "tests/etl/test_follow.py::test_a_folder_that_goes_and_comes_back_is_followed",
    ),
    one(
        "a backfill fails the monitor",
        "etl/upkeep/status.py",
        'return passed or list(shown["sources"])',
        'return list(shown["sources"])',
        STATUS + "::test_a_backfill_is_no_pass",
    ),
    *silenced(),
)
