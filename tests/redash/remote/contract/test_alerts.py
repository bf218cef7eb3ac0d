"""Alerts: their states, who is told, and what an edit keeps (section 7)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from redash.errors import NotThere, RemoteError
from tests.redash.remote.contract.conftest import Place, status_of


@pytest.fixture
def hook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The address of a webhook, and what it was told."""
    told: list[dict[str, Any]] = []

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Ear)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", told
    server.shutdown()
    server.server_close()


def state_after(place: Place, rows: str, expected: str, **options: Any) -> str:
    """The state of a new alert after its query ran once; `rows` are values of `n`, on SQLite."""
    query = place.query(
        f"select n, 1 as w from (select null as n where 0 {f'union all values {rows}' if rows else ''})"
    )
    alert = place.alert(query["id"], **options)
    witness = place.alert(query["id"], column="w", op="==", value=1)

    def state(of: dict[str, Any]) -> str:
        return str(place.api.alerts.get(of["id"])["state"])

    place.api.query_results.run(query["id"])
    if rows:
        assert place.until(lambda: state(witness) == "triggered")
    place.until(lambda: state(alert) == expected)
    return state(alert)


@pytest.mark.parametrize(
    ("rows", "options", "state"),
    [
        ("(9)", {}, "triggered"),
        ("(1)", {}, "ok"),
        ("(5)", {"op": ">="}, "triggered"),
        ("(5)", {"op": "<="}, "triggered"),
        ("(1)", {"op": "<"}, "triggered"),
        ("(5)", {"op": "=="}, "triggered"),
        ("(5)", {"op": "!="}, "ok"),
        ("(5)", {"op": "="}, "ok"),
        ("(9)", {"op": "greater than"}, "triggered"),
        ("(9)", {"value": "5"}, "triggered"),
        ("(1), (9)", {}, "ok"),
        ("(1), (9)", {"selector": "max"}, "triggered"),
        ("(9), (1)", {"selector": "min"}, "ok"),
        ("('text')", {"op": "==", "value": "text"}, "triggered"),
        ("('text')", {"op": "==", "value": "other"}, "ok"),
        ("('9')", {}, "triggered"),
    ],
)
def test_an_alert_takes_the_state_of_its_column(place: Place, rows: str, options: dict[str, Any], state: str):
    """Of the first, lowest or highest row, on 10.1 always of the first; an unknown operator is never true."""
    if "selector" in options and not place.session.version.has_alert_selector:
        state = {"ok": "triggered", "triggered": "ok"}[state]

    assert state_after(place, rows, state, **options) == state


@pytest.mark.parametrize(
    ("rows", "options"),
    [
        ("", {}),
        ("(9)", {"column": "no_such_column"}),
        ("(9)", {"value": "no number"}),
    ],
)
def test_an_alert_that_can_not_say_is_unknown(place: Place, rows: str, options: dict[str, Any]):
    """Without rows, column, or anything to compare."""
    assert state_after(place, rows, "unknown", **options) == "unknown"


def test_a_value_that_is_null_is_unknown(place: Place):
    """On 10.1 it ends the worker's job: the alerts after it keep their state."""
    query = place.query("select null as n, 1 as w")
    alert, witness = place.alert(query["id"]), place.alert(query["id"], column="w", op="==", value=1)

    place.api.query_results.run(query["id"])

    if place.session.version.has_alert_selector:
        assert place.until(lambda: place.api.alerts.get(witness["id"])["state"] == "triggered")
    assert place.api.alerts.get(alert["id"])["state"] == "unknown"


def test_a_text_that_is_compared_with_a_number_ends_the_workers_job(place: Place):
    """The state stays what it was; so does that of an alert on the highest of rows one of which has no value (10.1: on the first)."""
    text = place.query("select 'text' as n")
    gap = place.query("select 9 as n union all select null")
    alerts = [place.alert(text["id"]), place.alert(gap["id"], selector="max")]

    place.api.query_results.run(text["id"])
    place.api.query_results.run(gap["id"])

    states = ["unknown", "unknown" if place.session.version.has_alert_selector else "triggered"]
    place.until(lambda: [place.api.alerts.get(alert["id"])["state"] for alert in alerts] == states)
    assert [place.api.alerts.get(alert["id"])["state"] for alert in alerts] == states


def test_an_alert_is_unknown_until_its_query_runs(place: Place):
    """Even if the query has a result already."""
    query = place.query("select 9 as n, 'before' as word")
    place.api.query_results.run(query["id"])
    alert = place.alert(query["id"])

    assert (alert["state"], alert["last_triggered_at"], alert["rearm"]) == ("unknown", None, None)
    place.api.query_results.run(query["id"])
    assert place.until(lambda: place.api.alerts.get(alert["id"])["state"] == "triggered")


def test_a_webhook_is_told_of_a_change(place: Place, hook: tuple[str, list[dict[str, Any]]]):
    """Once a change, with the subject and the body that were given; unknown to ok says nothing."""
    url, told = hook
    source_id = place.source()["id"]
    loud = place.query("select 9 as n, 'loud' as word", source_id)
    quiet = place.query("select 1 as n, 'quiet' as word", source_id)
    words = {"custom_subject": "{{ALERT_NAME}} is {{ALERT_STATUS}}", "custom_body": "over {{ALERT_THRESHOLD}}"}
    destination = place.destination(url)
    alerts = [place.alert(query["id"], **words) for query in (quiet, loud)]
    for alert in alerts:
        place.api.alerts.subscribe(alert["id"], destination["id"])

    for query in (quiet, loud, loud):
        place.api.query_results.run(query["id"])
    place.until(lambda: told)

    [said] = [(one["event"], one["alert"]["id"], one["alert"]["title"], one["alert"]["description"]) for one in told]
    assert said == ("alert_state_change", alerts[1]["id"], f"{alerts[1]['name']} is TRIGGERED", "over 5")


def test_eval_tells_everybody_even_if_muted(place: Place, hook: tuple[str, list[dict[str, Any]]]):
    """Whatever comes of it; 10.1 has no such path."""
    url, told = hook
    destination = place.destination(url)
    alert = place.alert(place.query("select 1 as n, 'eval' as word")["id"], muted=True)
    place.api.alerts.subscribe(alert["id"], destination["id"])

    if not place.session.version.has_alert_eval:
        with pytest.raises(RemoteError):
            place.api.alerts.eval(alert["id"])
        return
    place.api.alerts.eval(alert["id"])

    assert place.until(lambda: [one["alert"]["id"] for one in told]) == [alert["id"]]


def test_a_mute_is_an_option(place: Place):
    """Set and unset."""
    alert = place.alert(place.query()["id"])

    place.api.alerts.mute(alert["id"])
    muted = place.api.alerts.get(alert["id"])["options"]["muted"]
    place.api.alerts.unmute(alert["id"])

    assert (muted, place.api.alerts.get(alert["id"])["options"]["muted"]) == (True, False)


def test_an_update_replaces_options_whole_and_keeps_unknown_keys(place: Place):
    """What is not named stays."""
    alert = place.alert(place.query()["id"])
    options = {"column": "m", "op": "<", "value": 1, "selector": "max", "x_mark": {"k": 1}}

    place.api.alerts.update(alert["id"], {"options": options, "rearm": 60, "x_unknown": 1})
    read = place.api.alerts.get(alert["id"])

    assert (read["name"], read["options"], read["rearm"]) == (alert["name"], options, 60)
    assert status_of(place, "post", f"/api/alerts/{alert['id']}", {"rearm": "often"}) == 500


@pytest.mark.parametrize(("change", "status"), [({"query_id": 999_999}, 500), ({"name": None}, 400)])
def test_an_alert_needs_a_name_and_a_query(place: Place, change: dict[str, Any], status: int):
    """400 for a missing key, 500 for a query that is not there."""
    body = {"name": place.name("alert"), "query_id": place.query()["id"], "options": {}, **change}
    body = {key: value for key, value in body.items() if value is not None}

    assert status_of(place, "post", "/api/alerts", body) == status


def test_alerts_are_listed_with_their_query(place: Place):
    """All at once."""
    query = place.query()
    alert = place.alert(query["id"])

    found = next(one for one in place.api.alerts.all() if one["id"] == alert["id"])

    assert (found["name"], found["query"]["id"]) == (alert["name"], query["id"])


def test_subscriptions_are_once_a_destination_and_as_often_as_one_likes_by_mail(place: Place):
    """A second one of a destination breaks the server; a destination that is told can't be deleted."""
    destination, alert = place.destination(), place.alert(place.query()["id"])
    first = place.api.alerts.subscribe(alert["id"], destination["id"])
    place.api.alerts.subscribe_caller(alert["id"])
    place.api.alerts.subscribe_caller(alert["id"])

    listed = place.api.alerts.subscriptions(alert["id"])
    named = [one["destination"]["id"] if one.get("destination") else one["user"]["id"] for one in listed]

    assert sorted(named) == sorted([destination["id"], place.session.user_id, place.session.user_id])
    assert first["destination"]["id"] == destination["id"]
    path = f"/api/alerts/{alert['id']}/subscriptions"
    assert status_of(place, "post", path, {"destination_id": destination["id"]}) == 500
    assert status_of(place, "delete", f"/api/destinations/{destination['id']}") == 500
    assert place.api.alerts.unsubscribe(alert["id"], first["id"]) is True
    assert place.api.alerts.unsubscribe(alert["id"], first["id"]) is False


def test_a_deleted_alert_is_gone_with_its_subscriptions(place: Place):
    """Deleting it again is no error of ours, and its destination is free."""
    destination, alert = place.destination(), place.alert(place.query()["id"])
    place.api.alerts.subscribe(alert["id"], destination["id"])

    assert place.api.alerts.delete(alert["id"]) is True
    assert place.api.alerts.delete(alert["id"]) is False
    assert place.api.destinations.delete(destination["id"]) is True
    with pytest.raises(NotThere):
        place.api.alerts.get(alert["id"])
