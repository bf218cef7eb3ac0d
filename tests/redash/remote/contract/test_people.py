"""Groups: what they see, and what happens if one thing is done twice (sections 0 and 8)."""

from __future__ import annotations

import pytest

from redash.errors import Refused
from tests.redash.remote.contract.conftest import Place, status_of


def test_a_group_changes_its_name_unless_it_is_builtin(place: Place):
    """A deleted one is gone, a builtin one stays."""
    group = place.group()
    builtin = next(one["id"] for one in place.api.groups.all() if one["type"] == "builtin")

    assert place.api.groups.rename(group["id"], "contract renamed")["name"] == "contract renamed"
    assert place.api.groups.delete(group["id"]) is True
    assert place.api.groups.delete(group["id"]) is False
    assert status_of(place, "post", f"/api/groups/{builtin}", {"name": "n"}) == 400
    assert status_of(place, "delete", f"/api/groups/{builtin}") == 400


def test_a_source_is_opened_limited_and_closed_to_a_group(place: Place):
    """Closing is repeatable, limiting needs it to be open."""
    source, group = place.source(), place.group()
    groups, key = place.api.groups, str(group["id"])

    def access() -> object:
        return place.api.data_sources.get(source["id"])["groups"].get(key)

    groups.add_data_source(group["id"], source["id"])
    opened = access()
    groups.set_view_only(group["id"], source["id"], True)
    limited = access()
    listed = [(one["id"], one["view_only"]) for one in groups.data_sources(group["id"])]
    groups.remove_data_source(group["id"], source["id"])
    groups.remove_data_source(group["id"], source["id"])

    assert (opened, limited, access()) == (False, True, None)
    assert listed == [(source["id"], True)]
    with pytest.raises(Refused) as caught:
        groups.set_view_only(group["id"], source["id"], True)
    assert caught.value.status == 500


def test_opening_a_source_twice_breaks_the_group_until_it_is_closed(place: Place):
    """Nobody can list or change what the group may use in between; the data source itself can be read."""
    source, group = place.source(), place.group()
    place.api.groups.add_data_source(group["id"], source["id"])
    place.api.groups.add_data_source(group["id"], source["id"])

    listed = status_of(place, "get", f"/api/groups/{group['id']}/data_sources")
    changed = status_of(place, "post", f"/api/groups/{group['id']}/data_sources/{source['id']}", {"view_only": True})
    assert place.api.data_sources.get(source["id"])["groups"][str(group["id"])] is False
    place.api.groups.remove_data_source(group["id"], source["id"])

    assert (listed, changed) == (500, 500)
    assert place.api.groups.data_sources(group["id"]) == []
    assert str(group["id"]) not in place.api.data_sources.get(source["id"])["groups"]


def test_a_member_is_added_as_often_as_one_likes(place: Place):
    """Replacing the groups of a user is better; an empty list is ignored."""
    group, user_id, before = place.group(), place.session.user_id, list(place.session.group_ids)
    place.later.callback(place.api.users.set_groups, user_id, before)

    place.api.groups.add_member(group["id"], user_id)
    place.api.groups.add_member(group["id"], user_id)
    twice = place.api.users.get(user_id)["groups"]
    once = place.api.users.set_groups(user_id, [*before, group["id"]])["groups"]
    members = [one["id"] for one in place.api.groups.members(group["id"])]
    ignored = place.api.users.set_groups(user_id, [])["groups"]

    assert sorted(twice) == sorted([*before, group["id"], group["id"]])
    assert (sorted(once), members, sorted(ignored)) == (sorted([*before, group["id"]]), [user_id], sorted(once))
    assert place.api.groups.remove_member(group["id"], user_id) is True
    assert place.api.groups.remove_member(group["id"], user_id) is False


def test_a_list_shows_what_hangs_on_the_own_groups_sources(place: Place):
    """Even an admin sees no query and no alert of others; by its id a query is there."""
    source = place.source()
    query = place.query(source_id=source["id"])
    alert = place.alert(query["id"])
    [default] = place.api.data_sources.get(source["id"])["groups"]

    place.api.groups.remove_data_source(int(default), source["id"])
    hidden_queries = {one["id"] for one in place.api.queries.all()}
    hidden_alerts = {one["id"] for one in place.api.alerts.all()}

    assert (query["id"] in hidden_queries, alert["id"] in hidden_alerts) == (False, False)
    assert place.api.queries.get(query["id"])["id"] == query["id"]


def test_users_are_listed_and_an_admin_reads_their_keys(place: Place):
    """In pages, like queries."""
    assert place.session.user_id in {one["id"] for one in place.api.users.all()}
    assert len(place.api.users.get(place.session.user_id)["api_key"]) == 40
