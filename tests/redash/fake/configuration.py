"""Options of data sources and destinations: their schemas, and how secrets are masked and replaced (sections 2 and 7)."""

from __future__ import annotations

from typing import Any

from tests.redash.fake.state import BAD_REQUEST, Abort, Row

MASK = "--------"

_TEXT, _NUMBER = {"type": "string"}, {"type": "number"}


def _schema(required: str = "", masked: str = "", numbers: str = "", texts: str = "") -> Row:
    properties = dict.fromkeys(f"{texts} {required} {masked}".split(), _TEXT)
    properties |= dict.fromkeys(numbers.split(), _NUMBER)
    return {"type": "object", "properties": properties, "required": required.split(), "secret": masked.split()}


SOURCES: dict[str, Row] = {
    "pg": _schema(
        required="dbname",
        masked="password sslrootcertFile sslcertFile sslkeyFile",
        numbers="port",
        texts="host user sslmode dsn",
    ),
    "sqlite": _schema(required="dbpath"),
}
DESTINATIONS: dict[str, Row] = {
    "email": _schema(required="addresses", texts="subject_template"),
    "webhook": _schema(required="url", masked="password url", texts="username"),
    "slack": _schema(masked="url"),
    "mattermost": _schema(texts="url username icon_url channel"),
    "chatwork": _schema(masked="api_token", texts="room_id message_template"),
}


def types(kinds: dict[str, Row]) -> list[Row]:
    """Each type with its schema."""
    return [{"type": name, "name": name.title(), "configuration_schema": schema} for name, schema in kinds.items()]


def checked(kinds: dict[str, Row], kind: str, options: Row) -> Row:
    """Options that fit the schema of their type; unknown keys pass, without detail on what does not (section 2)."""
    schema = kinds.get(kind)
    if schema is None or any(name not in options for name in schema["required"]):
        raise Abort(400, BAD_REQUEST)
    for name, value in options.items():
        wanted = schema["properties"].get(name)
        if wanted and not _fits(wanted["type"], value):
            raise Abort(400, BAD_REQUEST)
    return dict(options)


def _fits(kind: str, value: Any) -> bool:
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)


def masked(kinds: dict[str, Row], kind: str, options: Row) -> Row:
    """Options as they are read: what is secret is not."""
    secret = kinds[kind]["secret"]
    return {name: MASK if name in secret else value for name, value in options.items()}


def replaced(kinds: dict[str, Row], kind: str, old: Row, new: Row) -> Row:
    """The whole options anew; a masked secret stays what it was, and fails where there was none (section 2)."""
    secret = kinds.get(kind, {}).get("secret", [])
    return {name: old[name] if name in secret and value == MASK else value for name, value in new.items()}
