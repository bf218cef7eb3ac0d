"""How alerts are evaluated, and who is told (section 7)."""

from __future__ import annotations

import json
import operator
import re
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from tests.redash.fake.parameters import definitions
from tests.redash.fake.state import Row, State, copied

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne,
    "greater than": operator.gt, "less than": operator.lt, "equals": operator.eq,
}  # fmt: skip


def evaluated(options: Row, data: Row | None, old: bool = False) -> str:
    """The state that a result stands for: unknown without rows, column or value; an unknown operator is never true.

    `old`: as 10.1 does it, whose job ends at a null, and which compares any two texts.
    """
    rows = data["rows"] if data else []
    if not rows or options["column"] not in rows[0]:
        return "unknown"
    values = [row[options["column"]] for row in rows]
    try:
        value = {"max": lambda: max(map(float, values)), "min": lambda: min(map(float, values))}.get(
            options.get("selector", "first"), lambda: values[0]
        )()
    except ValueError:
        return "unknown"
    if value is None and old:
        raise TypeError("float() argument must be a string or a number, not 'NoneType'")
    return "unknown" if value is None else _compared(value, options["op"], options["value"], old)


def _compared(value: Any, op: str, threshold: Any, old: bool) -> str:
    compare = _OPERATORS.get(op, lambda one, other: False)
    if isinstance(value, bool):
        number, value = False, str(value).lower()
    else:
        number = _is_number(value)
    if number:
        if not _is_number(threshold):
            return "unknown"
        value, threshold = float(value), float(threshold)
    if compare(value, threshold):
        return "triggered"
    return "ok" if number or old or compare in (operator.eq, operator.ne) else "unknown"


def _is_number(value: Any) -> bool:
    with suppress(TypeError, ValueError):
        float(value)
        return True
    return False


def check_alerts(state: State, query: Row) -> None:
    """After a result for a query: its alerts take a state and tell who subscribed.

    What can't be compared ends the worker's job: that alert and those after it keep their state.
    """
    with suppress(TypeError):
        for alert in [one for one in state.alerts.values() if one["query_id"] == query["id"]]:
            check_alert(state, alert, always=False)


def check_alert(state: State, alert: Row, always: bool) -> None:
    """Evaluates one; `always` tells everybody whatever comes of it, muted or not."""
    query = state.queries[alert["query_id"]]
    if state.version < (25, 1) and definitions(query["options"]):
        return
    result = state.results.get(query["latest_query_data_id"])
    options = {**alert["options"], "selector": "first"} if state.version < (25, 1) else alert["options"]
    old = state.version < (25, 1)
    before, now = alert["state"], evaluated(options, result["data"] if result else None, old)
    due = now != before or _rearmed(state, alert, now)
    alert["state"] = now
    if now != before or due:
        alert["last_triggered_at"] = state.now()
    quiet = (before, now) == ("unknown", "ok") or alert["options"].get("muted")
    if always or (due and not quiet):
        _tell(state, alert, query)


def _rearmed(state: State, alert: Row, now: str) -> bool:
    if now != "triggered" or not alert["rearm"] or alert["last_triggered_at"] is None:
        return False
    last = datetime.fromisoformat(alert["last_triggered_at"])
    return last + timedelta(seconds=alert["rearm"]) < state.moment()


def _tell(state: State, alert: Row, query: Row) -> None:
    if "selector" not in alert["options"] and state.version >= (25, 1):
        return  # Its template dies in the worker with KeyError: 'selector'.
    for one in [one for one in state.subscriptions.values() if one["alert_id"] == alert["id"]]:
        destination = state.destinations.get(one["destination_id"])
        said = {"alert_id": alert["id"], "state": alert["state"], "to": destination["name"] if destination else "mail"}
        subject, body = (_filled(alert, query, key) for key in ("custom_subject", "custom_body"))
        state.told.append({**said, "subject": subject, "body": body})
        if destination and destination["type"] == "webhook":
            _post(destination["options"]["url"], _webhook_body(state, alert, subject, body))


def _webhook_body(state: State, alert: Row, title: str | None, description: str | None) -> Row:
    keys = ("id", "name", "options", "state", "last_triggered_at", "rearm", "query_id", "user_id", "created_at")
    shown = {**{key: copied(alert[key]) for key in keys}, "title": title, "description": description}
    return {"event": "alert_state_change", "alert": shown, "url_base": state.url, "metadata": {}}


def _filled(alert: Row, query: Row, key: str) -> str | None:
    template, options = alert["options"].get(key), alert["options"]
    words = {
        "ALERT_NAME": alert["name"], "ALERT_STATUS": alert["state"].upper(), "QUERY_NAME": query["name"],
        "ALERT_SELECTOR": options.get("selector"), "ALERT_CONDITION": options["op"], "ALERT_THRESHOLD": options["value"],
    }  # fmt: skip
    if template is None:
        return None
    return re.sub(r"{{\s*(\w+)\s*}}", lambda match: str(words.get(match[1], "")), template)


def _post(url: str, body: Row) -> None:
    """A webhook that fails is logged and not tried again."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})  # noqa: S310
    with suppress(OSError), urllib.request.urlopen(request, timeout=5):  # noqa: S310
        pass
