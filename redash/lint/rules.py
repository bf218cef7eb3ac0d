"""The rules by name: what each keeps us out of, and where to read about it.

The numbers T… are traps of Redash, which takes what is wrong without a word and shows it as a blank, an old figure or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

_DOCS = "https://github.com/voxmeter/voxmeter/blob/main/docs/dashboards.md#rules"
_REDASH = "https://github.com/getredash/redash/issues/"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; `trap` is the number of the trap of Redash that it is about."""

    name: str
    says: str
    link: str = _DOCS
    trap: str = ""


_RULES = (
    Rule("file", "a file is readable UTF-8 text"),
    Rule("yaml", "a file, or the header of a query, is YAML"),
    Rule("key", "keys and values are those that the file may have"),
    Rule("slug", "names are small letters, digits and single hyphens"),
    Rule("dialect", "a file for one dialect stands beside the file with the header"),
    Rule("translation", "each text is said in English and in Chinese"),
    Rule("secret", "a secret is named (env:NAME, file:/path) and never written"),
    Rule("reference", "whatever is named exists"),
    Rule(
        "parameter",
        "a parameter is declared, used, has a value of its type, and an input or a fixed value on each board",
    ),
    Rule("grid", "widgets lie on the 12 columns and not on each other"),
    Rule("sql-sqlite", "the SQL parses, and its tables and columns exist on SQLite"),
    Rule("sql-postgresql", "the SQL parses, and its tables and columns exist on PostgreSQL"),
    Rule("unweighted", "requests are counted by sample_weight: a line may stand for many"),
    Rule("averaged-percentile", "a percentile is never averaged or summed: it would be no percentile"),
    Rule("schedule", "a schedule can run", f"{_REDASH}7780", "T2"),
    Rule("widget", "a widget is a chart or a text that says something", f"{_REDASH}7793", "T3"),
    Rule("column", "a chart draws columns that its query returns", "https://github.com/178inaba/rdsh/issues/45", "T10"),
    Rule("chart", "a chart is one that Redash can draw", "https://github.com/178inaba/rdsh/issues/45", "T10"),
    Rule("text-parameter", "no parameter takes any text: readers would write SQL", f"{_REDASH}4988", "T11"),
    Rule("placeholder", "each {{ }} is declared: 26.9.0 refuses others to who may only look", f"{_REDASH}5076", "T11"),
    Rule("custom-chart", "no chart is JavaScript: 26.9.0 has it switched off", trap="T12"),
    Rule(
        "alert-parameters",
        "a query with an alert has no parameters, or the alert stays UNKNOWN",
        f"{_REDASH}4513",
        "T13",
    ),
    Rule(
        "alert-schedule",
        "a query with an alert has a schedule, or the alert is never looked at",
        f"{_REDASH}4513",
        "T13",
    ),
    Rule("alert-column", "an alert looks at a column that its query returns", f"{_REDASH}5656", "T13"),
    Rule("alert-empty", "a query with an alert returns a row: without one it is UNKNOWN", f"{_REDASH}5656", "T13"),
    Rule("duplicate-sql", "two queries with the same SQL share one result and one schedule", trap="T14"),
    Rule(
        "timestamp",
        "SQLite's moments have a T between day and time, or Redash takes them for texts",
        f"{_REDASH}3731",
        "T17",
    ),
    Rule("axis-type", "the x axis has a type: SQLite's columns have none to guess from", f"{_REDASH}3731", "T17"),
    Rule("name-length", "names fit into Redash's columns, with the prefix of an environment", trap="T21"),
)
RULES = {rule.name: rule for rule in _RULES}
