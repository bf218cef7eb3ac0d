"""Secrets by reference: a file names where one is, and never what it is."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from redash.errors import WrongUse

_PATTERN = r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$"


@dataclass(frozen=True, slots=True)
class Secret:
    """`env:NAME` or `file:/path`. It holds the reference alone, so no repr, dump or message can show the value."""

    reference: str

    def reveal(self, environ: Mapping[str, str] | None = None) -> str:
        """The value; raises WrongUse, which names the reference, where there is none.

        A file's last line break is no part of it. `environ` stands for the environment of the process.
        """
        kind, _, place = self.reference.partition(":")
        value = (os.environ if environ is None else environ).get(place) if kind == "env" else _content(place)
        if not value:
            hint = f"set {place}" if kind == "env" else f"{place} has to be there, readable, and not empty"
            raise WrongUse(f"there is no secret at {self.reference}", hint)
        return value

    @classmethod
    def parsed(cls, given: object) -> Secret:
        """A secret of a file's text; raises PydanticCustomError, without the text: it may be a secret itself."""
        if isinstance(given, Secret):
            return given
        if not isinstance(given, str) or not re.match(_PATTERN, given):
            raise PydanticCustomError("rule:secret", "a secret is named, not written: env:NAME or file:/path")
        return cls(given)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        shown = core_schema.plain_serializer_function_ser_schema(lambda secret: secret.reference)
        return core_schema.no_info_plain_validator_function(cls.parsed, serialization=shown)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": _PATTERN, "description": "env:NAME or file:/path"}


def _content(path: str) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        return None
