"""What must hold for an alert: Redash looks at it when its query has run, and only then (trap T13)."""

from __future__ import annotations

from redash.lint.sqlrules import Outputs
from redash.specs.alerts import Alert
from redash.specs.problems import Problem
from redash.specs.spec import DIALECTS, Named, Pack, Query


def alert_problems(alert: Named[Alert], pack: Pack, outputs: Outputs) -> list[Problem]:
    """Everything that would keep the alert UNKNOWN, or leave it unheard."""
    found = [
        alert.source.problem("reference", f"there is no destination {slug!r}", "destinations", index)
        for index, slug in enumerate(alert.spec.destinations)
        if slug not in pack.destinations
    ]
    query = pack.queries.get(alert.spec.query)
    if query is None:
        return [alert.source.problem("reference", f"there is no query {alert.spec.query!r}", "query"), *found]
    return found + _query_problems(alert, query) + _column_problems(alert, outputs)


def _query_problems(alert: Named[Alert], query: Query) -> list[Problem]:
    found = []
    if query.head.parameters:
        message = f"{query.slug} has parameters: it runs as another text each time, and the alert stays UNKNOWN"
        found.append(alert.source.problem("alert-parameters", message, "query"))
    if query.head.schedule is None:
        message = f"{query.slug} has no schedule: nothing would look at the alert"
        found.append(alert.source.problem("alert-schedule", message, "query"))
    if query.head.may_be_empty:
        message = f"{query.slug} may be empty: without a row the alert is UNKNOWN, and tells nobody"
        found.append(alert.source.problem("alert-empty", message, "query"))
    return found


def _column_problems(alert: Named[Alert], outputs: Outputs) -> list[Problem]:
    found = []
    for dialect in DIALECTS:
        columns = outputs.get((alert.spec.query, dialect))
        if columns is not None and alert.spec.column not in columns:
            message = f"query {alert.spec.query} returns no column {alert.spec.column!r} on {dialect}"
            found.append(alert.source.problem("alert-column", message, "column"))
    return found
