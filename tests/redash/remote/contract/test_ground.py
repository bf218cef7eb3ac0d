"""What holds for every path: keys, answers, pages, names (section 0)."""

from __future__ import annotations

import pytest

from redash.errors import NotRedash, NotThere, Refused, WrongKey
from redash.remote.api import Api
from redash.remote.client import Client, Query
from tests.redash.remote.contract.conftest import Place, status_of


def test_the_session_says_whose_key_it_is(place: Place):
    """An admin's, with the version of the server."""
    user = place.api.users.get(place.session.user_id)

    assert (user["email"], set(user["groups"])) == (place.session.email, set(place.session.group_ids))
    assert place.session.is_admin
    assert place.session.version.warning is None


def test_a_wrong_key_is_not_known_anywhere(place: Place):
    """404 for reads; for writes 400 or 404: the same error of ours."""
    with Client(place.client.base_url, "x" * 40, attempts=1) as client:
        with pytest.raises(WrongKey):
            Api(client).session()
        with pytest.raises(WrongKey):
            client.get("/api/queries")
        with pytest.raises(WrongKey):
            client.post("/api/groups", {"name": "never"})


@pytest.mark.parametrize("path", ["/api/widgets", "/api/widgets/5", "/api/visualizations/5", "/api/typo"])
def test_a_path_that_is_none_answers_a_page(place: Place, path: str):
    """200 and HTML: no answer of the API."""
    with pytest.raises(NotRedash):
        place.client.get(path)


def test_a_write_to_a_path_that_is_none_fails(place: Place):
    """As a browser's without token where tokens are asked for, else with a status of its own."""
    assert status_of(place, "post", "/api/typo", {}) in {400, 404, 405}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/api/queries/999999", 404),
        ("post", "/api/queries/999999", 404),
        ("delete", "/api/queries/999999", 404),
        ("get", "/api/alerts/999999", 404),
        ("post", "/api/alerts/999999", 404),
        ("delete", "/api/alerts/999999", 404),
        ("get", "/api/dashboards/999999", 404),
        ("get", "/api/data_sources/999999", 404),
        ("post", "/api/visualizations/999999", 404),
        ("delete", "/api/visualizations/999999", 404),
        ("get", "/api/query_results/999999", 404),
        ("post", "/api/dashboards/999999", 500),
        ("delete", "/api/dashboards/999999", 500),
        ("post", "/api/widgets/999999", 500),
        ("delete", "/api/widgets/999999", 500),
        ("get", "/api/groups/999999", 500),
        ("post", "/api/groups/999999", 500),
        ("delete", "/api/groups/999999", 500),
        ("get", "/api/destinations/999999", 500),
        ("post", "/api/destinations/999999", 500),
        ("delete", "/api/destinations/999999", 500),
        ("post", "/api/data_sources/999999", 500),
        ("delete", "/api/data_sources/999999", 500),
        ("get", "/api/jobs/00000000-0000-0000-0000-000000000000", 500),
        ("get", "/api/queries/abc", 500),
        ("get", "/api/dashboards/a-slug", 500),
    ],
)
def test_an_unknown_id_is_404_or_an_error_of_the_server(place: Place, method: str, path: str, status: int):
    """Which of the two depends on the path alone."""
    assert status_of(place, method, path, {}) == status


def test_pages_have_their_limits(place: Place):
    """At most 250 a page, none beyond the end."""
    place.query(), place.dashboard()

    assert status_of(place, "get", "/api/queries?page_size=251") == 400
    assert status_of(place, "get", "/api/queries?page_size=0") == 400
    assert status_of(place, "get", "/api/queries?page=4000&page_size=250") == 400
    assert status_of(place, "get", "/api/dashboards?page=4000&page_size=250") == 400


def test_a_page_beyond_an_empty_list_is_404(place: Place):
    """The first page is there."""
    query = "page_size=5&tags=no-object-has-this-tag"

    assert place.client.get(f"/api/queries?page=1&{query}")["results"] == []
    assert status_of(place, "get", f"/api/queries?page=2&{query}") == 404


def test_pages_come_oldest_first_if_asked(place: Place):
    """And newest first if not."""
    source_id = place.source()["id"]
    made = [place.query(source_id=source_id, tags=["contract-pages"])["id"] for _ in range(3)]
    ours: Query = {"tags": "contract-pages", "page_size": 2}

    first = place.client.get("/api/queries", {**ours, "order": "created_at"})
    second = place.client.get("/api/queries", {**ours, "order": "created_at", "page": 2})
    newest = place.client.get("/api/queries", ours)

    assert [row["id"] for row in first["results"] + second["results"]] == made
    assert [row["id"] for row in newest["results"]] == made[:0:-1]
    assert (first["count"], first["page"], first["page_size"]) == (3, 1, 2)
    assert [row["id"] for row in place.api.queries.all(["contract-pages"])] == made


def test_names_are_there_as_often_as_one_likes(place: Place):
    """Data sources, queries, dashboards, groups: no create is idempotent."""
    source, query, board, group = place.source(), place.query(), place.dashboard(), place.group()
    again = [
        place.api.data_sources.create(source["name"], "sqlite", {"dbpath": "/tmp/contract-twice.db"}),  # noqa: S108
        place.query(name=query["name"]),
        place.api.dashboards.create(board["name"]),
        place.api.groups.create(group["name"]),
    ]
    place.later.callback(place.api.data_sources.delete, again[0]["id"])
    place.later.callback(place.api.dashboards.archive, again[2]["id"])
    place.later.callback(place.api.groups.delete, again[3]["id"])

    first = [source, query, board, group]
    assert [one["name"] for one in again] == [one["name"] for one in first]
    assert all(one["id"] != other["id"] for one, other in zip(again, first, strict=True))


def test_texts_that_no_column_holds_break_the_server(place: Place):
    """500 for a name that is too long or has a NUL."""
    source_id = place.source()["id"]
    query = {"query": "select 1", "data_source_id": source_id, "options": {}}

    assert status_of(place, "post", "/api/queries", {**query, "name": "n" * 256}) == 500
    assert status_of(place, "post", "/api/queries", {**query, "name": "a\0b"}) == 500
    assert status_of(place, "post", "/api/dashboards", {"name": "n" * 101}) == 500
    with pytest.raises(Refused):
        place.api.dashboards.create("n" * 101)


def test_the_settings_are_flat_and_change_one_by_one(place: Place):
    """What is not named stays."""
    before = place.api.settings.get()
    place.later.callback(place.api.settings.update, {"time_format": before["time_format"]})

    after = place.api.settings.update({"time_format": "HH:mm:ss"})

    assert after == {**before, "time_format": "HH:mm:ss"}
    assert place.api.settings.get() == after


def test_an_archived_object_is_read_by_its_id_alone(place: Place):
    """It is in no list but that of the archive."""
    query = place.query()
    place.api.queries.archive(query["id"])

    assert place.api.queries.get(query["id"])["is_archived"] is True
    assert query["id"] not in {one["id"] for one in place.api.queries.all()}
    assert query["id"] in {one["id"] for one in place.api.queries.archived()}


def test_what_is_not_there_is_not_there(place: Place):
    """The usual error of ours for it."""
    with pytest.raises(NotThere):
        place.api.queries.get(999_999)
