"""Mistakes that who keeps files and a Redash the same may make, each with the tests that must notice it."""

from __future__ import annotations

from tests.mutants.mutation import Mutation

REMOTE = "redash/remote/"
SYNC = "redash/sync/"
SYNC_TESTS, HOME_TESTS, PRUNING_TESTS = "tests/redash/sync/", "tests/redash/home/", "tests/redash/pruning/"


def one(name: str, file: str, old: str, new: str, *tests: str) -> Mutation:
    return Mutation(name, ((file, old, new),), tests)


REDASH_MUTATIONS = (
    one(
        "a create whose answer was lost is sent again",
        REMOTE + "client.py",
        '(error.undone or method != "POST")',
        "True",
        "tests/redash/remote/test_client.py::test_a_create_that_may_be_done_is_not_repeated",
    ),
    one(
        "a page is taken for an answer",
        REMOTE + "client.py",
        "if response.is_success and is_json:",
        "if response.is_success:",
        "tests/redash/remote/test_client.py::test_each_refusal_is_an_error_of_its_own",
    ),
    one(
        "a list that shifted while it was read is whole",
        REMOTE + "client.py",
        "if len(found) == count:",
        "if found:",
        "tests/redash/remote/test_client.py::test_a_list_that_moves_is_read_again",
    ),
    one(
        "a query does not say who it is when it is made",
        SYNC + "bodies.py",
        '"apply_auto_limit": fields["auto_limit"], FIELD: marker.written()}',
        '"apply_auto_limit": fields["auto_limit"], **({FIELD: marker.written()} if raw else {})}',
        SYNC_TESTS + "test_lives.py::test_an_apply_that_dies_at_each_write_in_turn_makes_no_object_twice",
    ),
    one(
        "a dashboard is born under its own name",
        SYNC + "apply.py",
        "birth_name(one.key, self.target.name)",
        'one.fields["name"]',
        SYNC_TESTS + "test_lives.py::test_an_apply_that_dies_at_each_write_in_turn_makes_no_object_twice",
    ),
    one(
        "nobody notes what was applied",
        SYNC + "apply.py",
        "            self._seal(root)\n",
        "            pass\n",
        SYNC_TESTS + "test_plan.py::test_a_plan_with_nothing_to_do_counts_what_is_well",
    ),
    one(
        "a copy made in Redash is the original",
        SYNC + "live.py",
        'if marker.id is None or marker.id == raw["id"]:',
        "if marker:",
        SYNC_TESTS + "test_live.py::test_a_copy_made_in_redash_is_nobody_of_ours",
    ),
    one(
        "the table that Redash makes stands beside ours",
        SYNC + "reading.py",
        "if spare:",
        "if spare and not prefix:",
        SYNC_TESTS + "test_lives.py::test_an_apply_that_dies_at_each_write_in_turn_makes_no_object_twice",
    ),
    one(
        "a rotated secret is the same",
        SYNC + "marker.py",
        'return hmac.compare_digest(str(made["print"]), str(stored.get("print", "")))',
        "return bool(made)",
        SYNC_TESTS + "test_plan.py::test_a_rotated_secret_is_one_change_and_then_none",
    ),
    one(
        "a default that the editor writes is an edit",
        SYNC + "defaults.py",
        '("alignYAxesAtZero",): False',
        '("alignYAxesAtZero",): True',
        HOME_TESTS + "test_drift.py::test_to_open_and_save_anything_in_redashs_editors_is_no_drift",
    ),
    one(
        "what both sides changed is the files'",
        SYNC + "paths.py",
        '"redash" if same(was, said) else "both"',
        '"redash" if same(was, said) else "file"',
        HOME_TESTS + "test_taking.py::test_what_both_changed_needs_a_word",
    ),
    one(
        "an edit is written over without a yes",
        SYNC + "plan.py",
        'return any(change.origin != "file" for change in self.changes)',
        "return False",
        SYNC_TESTS + "test_plan.py::test_an_edit_made_in_redash_makes_the_step_destructive",
    ),
    one(
        "nobody looks again before the first write",
        SYNC + "guard.py",
        "    if found is None or found.unseen:\n",
        "    if True:\n",
        SYNC_TESTS + "test_guard.py::test_a_query_that_somebody_saves_meanwhile_is_not_written_over",
    ),
    one(
        "a stale plan is applied",
        SYNC + "planfile.py",
        "    if moved:\n",
        "    if False:\n",
        SYNC_TESTS + "test_planfile.py::test_an_object_that_moved_in_redash_is_named_with_its_field",
    ),
    one(
        "a lock that is held is over",
        SYNC + "lock.py",
        "            return True\n        if said",
        "            return True\n        return True\n        if said",
        SYNC_TESTS + "test_lock.py::test_a_lock_of_another_machine_is_respected",
    ),
    one(
        "a pruned chart is deleted though its query goes too",
        "redash/pruning/prune.py",
        'live.found[key].kind != "chart" or',
        "True or",
        PRUNING_TESTS + "test_prune.py::test_what_goes_is_said_with_what_it_takes_along",
    ),
    one(
        "what is restored twice is there twice",
        "redash/pruning/restore.py",
        "if alike and (kind,",
        "if not alike and (kind,",
        PRUNING_TESTS + "test_restore.py::test_each_death_of_a_restore_is_survived",
    ),
    one(
        "a restored part has its old number in the marker",
        "redash/pruning/restore.py",
        "        self._renumber()\n",
        "",
        PRUNING_TESTS + "test_restore.py::test_a_deleted_chart_comes_back_with_its_widgets",
    ),
    one(
        "an adoption marks nothing",
        "redash/home/adopt.py",
        "        _mark(api, seen, adoption, key, parts)\n",
        "        pass\n",
        HOME_TESTS + "test_adopt.py::test_a_dashboard_and_an_alert_by_hand_become_files_and_nothing_is_left_to_do",
    ),
    one(
        "an adoption loses what no file can say",
        "redash/home/adopt.py",
        "        lost = self._lost() if lost else {}\n",
        "        lost = {}\n",
        HOME_TESTS + "test_adopt.py::test_an_input_of_one_widget_is_refused_by_name",
    ),
    one(
        "an adoption takes an archived query",
        "redash/home/gather.py",
        'raise RedashError(f"query {query_id} is archived", "bring it back in Redash first")',
        "pass",
        HOME_TESTS + "test_adopt.py::test_what_is_not_there_is_archived_or_no_such_thing_is_refused",
    ),
    one(
        "the files are written before the server is marked",
        "redash/commands/taking.py",
        "roots = mark(at.api, seen, adoption)\n",
        "adoption.drafts.write(); roots = mark(at.api, seen, adoption); adoption.drafts.texts.clear()\n",
        HOME_TESTS + "test_taking.py::test_an_adoption_whose_first_mark_fails_has_written_no_file",
    ),
    one(
        "an added text box takes another's number",
        "redash/home/adopt.py",
        "        while free in parts and parts[free].id != part.id:\n",
        "        while False:\n",
        HOME_TESTS + "test_additions.py::test_one_text_box_goes_and_another_comes",
    ),
    one(
        "an addition is in nobody's way and nobody's sight",
        "redash/home/drift.py",
        "for one in seen.live.added\n",
        "for one in seen.live.added[:0]\n",
        HOME_TESTS + "test_additions.py::test_additions_are_told_and_no_step_touches_them",
    ),
    one(
        "an adopted secret is written into the file",
        "redash/home/adoptplaces.py",
        'f"env:{place}" for name, place in places.items()',
        'raw["options"][name] for name in places',
        HOME_TESTS + "test_adoptplaces.py::test_a_destination_is_taken_with_a_name_for_its_secret",
    ),
    one(
        "a pull writes one text over both languages",
        "redash/home/rewriting.py",
        'say(node, name, new or "", self.lang, order)',
        "node[name] = new",
        HOME_TESTS + "test_pull.py::test_texts_change_in_one_language_and_comments_stay",
    ),
    one(
        "a pull writes untouched lines its own way",
        "redash/specs/editing.py",
        "    ours, old, new = (text",
        "    return after\n    ours, old, new = (text",
        "tests/redash/test_editing.py::test_lines_that_the_change_does_not_concern_stay_as_they_are",
    ),
    one(
        "a pull takes what is pending in the files back",
        "redash/home/pull.py",
        "self.edits.take(one.key, *self._states(one.key))",
        "self.edits.take(one.key, self.seen.wanted[one.key].fields, self.seen.live.found[one.key].fields)",
        HOME_TESTS + "test_pull.py::test_what_is_pending_in_the_files_stays_pending",
    ),
    one(
        "half of the files are written",
        "redash/home/drafts.py",
        "                _put_back(self.folder / name, self._stand[name])\n",
        "                pass\n",
        HOME_TESTS + "test_drafts.py::test_where_one_cannot_be_written_the_others_are_put_back",
    ),
    one(
        "a file that changed meanwhile is written over",
        "redash/home/drafts.py",
        "            if now != self._stand[name]:\n",
        "            if False:\n",
        HOME_TESTS + "test_drafts.py::test_a_file_that_changed_meanwhile_is_not_written_over",
    ),
    one(
        "an hour that is as good as ours is an edit",
        SYNC + "survey.py",
        "    wanted = with_hours(wanted, live, pack, target)\n",
        "",
        SYNC_TESTS + "test_hours.py::test_an_hour_that_is_none_of_ours_comes_home",
    ),
    one(
        "choices have no result after an apply without runs",
        SYNC + "runs.py",
        "if key in behind or not only_choices",
        "if not only_choices",
        SYNC_TESTS + "test_planning.py::test_choices_have_a_result_though_nothing_is_to_be_run",
    ),
)
