"""The list of mistakes keeps up with the source: `make mutants` itself takes longer than the tests may."""

from __future__ import annotations

from pathlib import Path

from tests.mutants.mutations import MUTATIONS as LOADER_MUTATIONS
from tests.mutants.redash_mutations import REDASH_MUTATIONS
from tests.mutants.silenced import silenced

ROOT = Path(__file__).parents[2]
MUTATIONS = (*LOADER_MUTATIONS, *REDASH_MUTATIONS)


def test_every_mistake_finds_its_place_in_the_source():
    """A mutation whose text is gone proves nothing."""
    gone = [
        (mutation.name, file)
        for mutation in MUTATIONS
        for file, old, _ in mutation.edits
        if old not in (ROOT / file).read_text(encoding="utf-8")
    ]

    assert gone == []
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS)
    assert (len(LOADER_MUTATIONS) >= 30, len(REDASH_MUTATIONS) >= 30) == (True, True)


def test_every_finding_of_doctor_and_verify_is_silenced_once():
    """Read out of the source: 29 of doctor, 13 of verify, each at a place of its own."""
    found = silenced()
    places = [(ROOT / file).read_text(encoding="utf-8").count(old) for one in found for file, old, _ in one.edits]

    assert (len(found), set(places)) == (42, {1})


def test_every_mistake_names_tests_that_are_there():
    """Files that were moved, and tests that were renamed, would let a mutant live."""
    missing = []
    for mutation in MUTATIONS:
        for named in mutation.tests:
            file, _, test = named.partition("::")
            path = ROOT / file
            found = path.is_dir() or (
                path.is_file() and f"def {test.partition('[')[0]}" in path.read_text(encoding="utf-8")
            )
            if not found:
                missing.append((mutation.name, named))

    assert missing == []
