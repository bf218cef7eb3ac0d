"""Data sources and destinations: options, secrets, names (sections 2 and 7)."""

from __future__ import annotations

from typing import Any

import pytest

from redash.errors import Refused
from redash.remote.access import MASK
from tests.redash.remote.contract.conftest import Place, status_of

PG: dict[str, Any] = {"host": "127.0.0.1", "port": 1, "user": "reader", "password": "s3cret-word", "dbname": "tts"}


@pytest.fixture
def pg(place: Place) -> dict[str, Any]:
    """A PostgreSQL data source with a password."""
    made = place.api.data_sources.create(place.name("pg"), "pg", PG)
    place.later.callback(place.api.data_sources.delete, made["id"])
    return made


def test_a_new_source_is_open_to_the_default_group(place: Place):
    """With full access."""
    source = place.source()
    default = next(one["id"] for one in place.api.groups.all() if (one["name"], one["type"]) == ("default", "builtin"))

    assert place.api.data_sources.get(source["id"])["groups"] == {str(default): False}


def test_a_list_has_no_options_and_goes_by_name(place: Place):
    """Options are read one by one."""
    source = place.source()

    listed = place.api.data_sources.all()
    found = next(one for one in listed if one["id"] == source["id"])

    assert "options" not in found
    assert (found["name"], found["type"], found["paused"]) == (source["name"], "sqlite", 0)
    assert [one["name"].lower() for one in listed] == sorted(one["name"].lower() for one in listed)


def test_a_secret_is_never_read_back(place: Place, pg: dict[str, Any]):
    """It is a mask in each answer."""
    shown = {**PG, "password": MASK}

    assert pg["options"] == shown
    assert place.api.data_sources.get(pg["id"])["options"] == shown


def test_the_mask_keeps_a_secret_and_leaving_it_out_deletes_it(place: Place, pg: dict[str, Any]):
    """A mask for a secret that is not stored breaks the server."""
    sources, name = place.api.data_sources, pg["name"]

    kept = sources.update(pg["id"], name, "pg", {**PG, "password": MASK, "user": "other"})
    gone = sources.update(pg["id"], name, "pg", {key: PG[key] for key in PG if key != "password"})

    assert kept["options"] == {**PG, "password": MASK, "user": "other"}
    assert "password" not in gone["options"]
    body = {"name": name, "type": "pg", "options": {**PG, "password": MASK}}
    assert status_of(place, "post", f"/api/data_sources/{pg['id']}", body) == 500


def test_options_are_replaced_whole(place: Place):
    """Nulls are dropped, empty and unknown ones kept."""
    source = place.source(x_mark="first")

    changed = place.api.data_sources.update(
        source["id"],
        source["name"],
        "sqlite",
        {"dbpath": "/tmp/contract-x.db", "x_none": None, "x_empty": ""},  # noqa: S108
    )

    assert changed["options"] == {"dbpath": "/tmp/contract-x.db", "x_empty": ""}  # noqa: S108


@pytest.mark.parametrize(
    "body",
    [
        {"name": "n", "type": "sqlite"},
        {"name": "n", "options": {"dbpath": "x"}},
        {"type": "sqlite", "options": {"dbpath": "x"}},
        {"name": "n", "type": "no-such-type", "options": {}},
        {"name": "n", "type": "sqlite", "options": {}},
        {"name": "n", "type": "pg", "options": {"dbname": "d", "port": "5432"}},
    ],
)
def test_options_that_break_the_schema_are_refused(place: Place, body: dict[str, Any]):
    """400, and no word of what is wrong."""
    assert status_of(place, "post", "/api/data_sources", body) == 400


def test_an_update_needs_name_type_and_options(place: Place):
    """500 for a missing one."""
    source = place.source()

    assert status_of(place, "post", f"/api/data_sources/{source['id']}", {"name": "n"}) == 500


def test_a_test_says_what_the_driver_says(place: Place, pg: dict[str, Any]):
    """200 in either case; a missing SQLite file is made, a missing folder is not."""
    nowhere = place.api.data_sources.create(place.name("nowhere"), "sqlite", {"dbpath": "/no-such-folder/x.db"})
    place.later.callback(place.api.data_sources.delete, nowhere["id"])

    good = place.api.data_sources.test(place.source()["id"])
    bad = place.api.data_sources.test(nowhere["id"])
    refused = place.api.data_sources.test(pg["id"])

    assert good == {"ok": True, "message": "success"}
    assert (bad["ok"], refused["ok"]) == (False, False)
    assert bad["message"]
    assert PG["password"] not in refused["message"]


def test_a_deleted_source_leaves_its_queries_detached(place: Place):
    """They are in no list any more; deleting it again is no error of ours."""
    source = place.api.data_sources.create(place.name("short"), "sqlite", {"dbpath": "/tmp/contract-s.db"})  # noqa: S108
    query = place.query(source_id=source["id"])

    assert place.api.data_sources.delete(source["id"]) is True
    assert place.api.data_sources.delete(source["id"]) is False
    assert place.api.queries.get(query["id"])["data_source_id"] is None
    assert query["id"] not in {one["id"] for one in place.api.queries.all()}


def test_a_paused_source_runs_nothing(place: Place):
    """400 until it is resumed."""
    source = place.source()
    query = place.query(source_id=source["id"])

    paused = place.api.data_sources.pause(source["id"], "maintenance")
    with pytest.raises(Refused, match="maintenance"):
        place.api.query_results.start(query["id"])
    resumed = place.api.data_sources.resume(source["id"])

    assert (bool(paused["paused"]), paused["pause_reason"]) == (True, "maintenance")
    assert (bool(resumed["paused"]), resumed["pause_reason"]) == (False, None)


def test_the_schema_names_tables(place: Place):
    """As a job the first time."""
    source = place.source()

    answer = place.api.data_sources.schema(source["id"], refresh=True)
    tables = answer["schema"] if "schema" in answer else place.api.query_results.wait(answer["job"])

    assert isinstance(tables, list)


def test_the_types_say_what_is_secret(place: Place):
    """For data sources and destinations."""
    sources = {one["type"]: one["configuration_schema"] for one in place.api.data_sources.types()}
    destinations = {one["type"]: one["configuration_schema"] for one in place.api.destinations.types()}

    assert "password" in sources["pg"]["secret"]
    assert sources["sqlite"]["required"] == ["dbpath"]
    assert sorted(destinations["webhook"]["secret"]) == ["password", "url"]
    assert "email" in destinations


def test_a_destination_has_a_name_of_its_own(place: Place):
    """400 for one that is taken, at a create and at a change."""
    first, second = place.destination(), place.destination()
    options = {"url": "http://127.0.0.1:1/other"}

    with pytest.raises(Refused) as created:
        place.api.destinations.create(first["name"], "webhook", options)
    with pytest.raises(Refused) as changed:
        place.api.destinations.update(second["id"], first["name"], "webhook", options)

    assert (created.value.status, changed.value.status) == (400, 400)


def test_a_destination_masks_its_secrets(place: Place):
    """The address of a webhook is one; the mask keeps it."""
    made = place.destination()

    changed = place.api.destinations.update(made["id"], made["name"], "webhook", {"url": MASK, "username": "u"})

    assert place.api.destinations.get(made["id"])["options"] == {"url": MASK, "username": "u"}
    assert changed["options"] == {"url": MASK, "username": "u"}
    assert "options" not in next(one for one in place.api.destinations.all() if one["id"] == made["id"])


def test_a_destination_takes_no_null(place: Place):
    """Unlike a data source."""
    body = {"name": place.name("null"), "type": "webhook", "options": {"url": "http://127.0.0.1:1/", "username": None}}

    assert status_of(place, "post", "/api/destinations", body) == 400


def test_a_deleted_destination_is_gone(place: Place):
    """Deleting it again is no error of ours."""
    made = place.destination()

    assert place.api.destinations.delete(made["id"]) is True
    assert place.api.destinations.delete(made["id"]) is False
