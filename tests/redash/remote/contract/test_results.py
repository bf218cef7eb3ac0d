"""Running queries: parameters, jobs and what is stored (sections 3 and 4)."""

from __future__ import annotations

from typing import Any

import pytest

from redash.errors import NotThere, Refused, RunFailed
from redash.remote.versions import Version
from tests.redash.remote.contract.conftest import Place


def parameter(name: str, type_: str, value: Any, **more: Any) -> dict[str, Any]:
    """A parameter's definition."""
    return {"name": name, "title": name, "type": type_, "value": value, **more}


def test_a_run_gives_columns_and_rows(place: Place):
    """On SQLite without types; it is the query's latest from then on."""
    query = place.query("select 1 as n, 'ü' as word, 2.5 as x, null as empty")

    result = place.api.query_results.run(query["id"])

    columns = [{"name": name, "friendly_name": name, "type": None} for name in ("n", "word", "x", "empty")]
    assert result["data"] == {"columns": columns, "rows": [{"n": 1, "word": "ü", "x": 2.5, "empty": None}]}
    assert place.api.queries.get(query["id"])["latest_query_data_id"] == result["id"]
    assert place.api.query_results.latest(query["id"])["id"] == result["id"]
    assert place.api.query_results.get(result["id"])["data"] == result["data"]


def test_a_query_without_result_has_none(place: Place):
    """404."""
    with pytest.raises(NotThere):
        place.api.query_results.latest(place.query("select 'never run'")["id"])


def test_a_wrong_text_fails_as_a_job(place: Place):
    """With the database's word."""
    query = place.query("select no_such_column")

    with pytest.raises(RunFailed, match="no such column: no_such_column"):
        place.api.query_results.run(query["id"])


def test_an_age_takes_what_is_stored(place: Place):
    """-1: any; 0: none."""
    query = place.query("select 5 as aged")
    first = place.api.query_results.run(query["id"])

    assert place.api.query_results.start(query["id"], max_age=-1)["query_result"]["id"] == first["id"]
    assert place.api.query_results.start(query["id"], max_age=600)["query_result"]["id"] == first["id"]
    assert place.api.query_results.run(query["id"])["id"] > first["id"]


def test_a_result_belongs_to_all_queries_of_one_text(place: Place):
    """Comments and blanks make no difference; a new query of that text starts with it, since 26.3."""
    source_id = place.source()["id"]
    first = place.query("select 7 as shared", source_id)
    twin = place.query("select 7\n  as shared /* the same */", source_id)

    result = place.api.query_results.run(first["id"])
    late = place.query("select  7 as shared", source_id)

    assert place.api.queries.get(twin["id"])["latest_query_data_id"] == result["id"]
    started = result["id"] if place.session.version >= Version(26, 3) else None
    assert place.api.queries.get(late["id"])["latest_query_data_id"] == started


def test_a_text_runs_without_a_query(place: Place):
    """On a data source."""
    assert place.api.query_results.run_text(place.source()["id"], "select 3 as n")["data"]["rows"] == [{"n": 3}]


@pytest.mark.parametrize(
    ("definition", "value", "written"),
    [
        (parameter("p", "number", 1), 4, "4"),
        (parameter("p", "text", "a"), "b c", "b c"),
        (parameter("p", "text-pattern", "a", regex="^[a-z]+$"), "abc", "abc"),
        (parameter("p", "enum", "a", enumOptions="a\nb"), "b", "b"),
        (parameter("p", "date", "2026-01-31"), "2026-02-01", "2026-02-01"),
        (parameter("p", "datetime-local", "2026-01-31 10:00"), "2026-02-01 11:30", "2026-02-01 11:30"),
    ],
)
def test_a_value_stands_in_the_text(place: Place, definition: dict[str, Any], value: Any, written: str):
    """As it is, without quotes; 10.1 knows no text-pattern."""
    query = place.query("select '{{ p }}' as p", options={"parameters": [definition]})
    if definition["type"] == "text-pattern" and not place.session.version.has_text_pattern:
        with pytest.raises(Refused):
            place.api.query_results.run(query["id"], {"p": value})
        return

    assert place.api.query_results.run(query["id"], {"p": value})["data"]["rows"] == [{"p": written}]


def test_several_values_are_joined_as_their_options_say(place: Place):
    """With prefix, suffix and separator."""
    many = {"prefix": "'", "suffix": "'", "separator": ","}
    chosen = parameter("p", "enum", ["a"], enumOptions="a\nb\nc", multiValuesOptions=many)
    query = place.query("select 'b' in ({{ p }}) as n", options={"parameters": [chosen]})

    assert place.api.query_results.run(query["id"], {"p": ["a", "b"]})["data"]["rows"] == [{"n": 1}]


def test_a_range_has_two_ends(place: Place):
    """Given as an object."""
    chosen = parameter("r", "date-range", {"start": "2026-01-01", "end": "2026-01-31"})
    query = place.query("select '{{ r.start }}' as a, '{{ r.end }}' as b", options={"parameters": [chosen]})

    result = place.api.query_results.run(query["id"], {"r": {"start": "2026-02-01", "end": "2026-02-03"}})

    assert result["data"]["rows"] == [{"a": "2026-02-01", "b": "2026-02-03"}]


@pytest.mark.parametrize(
    ("definition", "value"),
    [
        (parameter("p", "number", 1), "many"),
        (parameter("p", "enum", "a", enumOptions="a\nb"), "c"),
        (parameter("p", "text-pattern", "a", regex="^[a-z]+$"), "ABC"),
        (parameter("p", "date", "2026-01-31"), "d_now"),
        (parameter("p", "date-range", "d_last_7_days"), "d_last_7_days"),
        (parameter("p", "date-range", "d_last_7_days"), {"start": "2026-01-01"}),
    ],
)
def test_a_value_that_its_type_refuses_is_refused(place: Place, definition: dict[str, Any], value: Any):
    """400; a dynamic range too, which only browsers know."""
    query = place.query("select '{{ p }}' as p", options={"parameters": [definition]})

    with pytest.raises(Refused, match="incompatible with their definitions: p") as caught:
        place.api.query_results.start(query["id"], {"p": value})
    assert caught.value.status == 400


def test_a_value_that_is_missing_or_unknown_is_refused(place: Place):
    """400 in both cases, with two different words."""
    query = place.query("select '{{ p }}' as p", options={"parameters": [parameter("p", "number", 1)]})

    with pytest.raises(Refused, match="Missing parameter value for: p"):
        place.api.query_results.start(query["id"])
    with pytest.raises(Refused, match="incompatible with their definitions: q"):
        place.api.query_results.start(query["id"], {"p": 1, "q": 2})


def test_a_text_parameter_makes_a_query_unsafe(place: Place):
    """A number does not."""
    unsafe = place.query("select '{{ p }}'", options={"parameters": [parameter("p", "text", "a")]})
    safe = place.query("select '{{ p }}'", options={"parameters": [parameter("p", "number", 1)]})

    assert (unsafe["is_safe"], safe["is_safe"]) == (False, True)


def test_the_defaults_make_the_latest_result(place: Place):
    """A run with other values does not; on 10.1 none does."""
    query = place.query("select {{ p }} as n", options={"parameters": [parameter("p", "number", 1)]})

    place.api.query_results.run(query["id"], {"p": 2})
    before = place.api.queries.get(query["id"])["latest_query_data_id"]
    result = place.api.query_results.run(query["id"], {"p": 1})

    latest = result["id"] if place.session.version.alerts_with_parameters else None
    assert before is None
    assert place.api.queries.get(query["id"])["latest_query_data_id"] == latest
