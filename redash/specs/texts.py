"""Texts that people read, in each language that the pack speaks; Redash itself has no translation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

Lang = Literal["en", "zh-CN"]
LANGS: tuple[Lang, ...] = get_args(Lang)
DEFAULT_LANG: Lang = "en"

# Trap T21: the widths of Redash's own columns.
NAME_CHARS, DESCRIPTION_CHARS, SHORT_NAME_CHARS = 255, 4096, 100
_WORD = re.compile(r"[a-z]{2}")


class Model(BaseModel):
    """Everything that a file may say: an unknown key is an error, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)


class Text(Model):
    """`{en: …, zh-CN: …}`; a plain string is its English, and lacks the other language."""

    en: str
    zh_cn: str | None = Field(default=None, alias="zh-CN")

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:
        return {"en": given} if isinstance(given, str) else given

    def __str__(self) -> str:
        """The English text, or after `spoken` that of the chosen language."""
        return self.en

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return bool(self.en)

    @property
    def untranslated(self) -> bool:
        """Whether a language lacks: `P95` and `RTF`, which hold no word, read the same in each."""
        return self.zh_cn is None and _WORD.search(self.en) is not None


NOTHING_SAID = Text(en="")


def said(text: Text, lang: Lang) -> str:
    """The text in a language, in English where that one is missing."""
    return text.zh_cn if lang == "zh-CN" and text.zh_cn is not None else text.en


def spoken(value: Any, lang: Lang) -> Any:
    """A model, list or dict with each of its texts in one language, so that `str(text)` says it."""
    if isinstance(value, Text):
        return Text(en=said(value, lang))
    if isinstance(value, BaseModel):
        return value.model_copy(update={name: spoken(getattr(value, name), lang) for name in type(value).model_fields})
    if isinstance(value, dict):
        return {key: spoken(item, lang) for key, item in value.items()}
    return [spoken(item, lang) for item in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Chars:
    """How many characters a text has in each language; files may also give a plain string."""

    least: int = 0
    most: int | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        handler(schema)
        string = {"type": "string", **({"maxLength": self.most} if self.most else {}), "minLength": self.least}
        both = {"type": "object", "properties": dict.fromkeys(LANGS, string), "required": list(LANGS)}
        return {"anyOf": [{**both, "additionalProperties": False}, string]}

    def _checked(self, text: Text) -> Text:
        for lang in LANGS:
            length = len(said(text, lang))
            if length < self.least:
                raise ValueError("a text is expected")
            if self.most is not None and length > self.most:
                told = {"length": length, "lang": lang, "most": self.most}
                raise PydanticCustomError(
                    "rule:name-length", "{length} characters in {lang}: Redash keeps at most {most}", told
                )
        return text


Words = Annotated[Text, Chars()]
Title = Annotated[Text, Chars(1, NAME_CHARS)]
ShortTitle = Annotated[Text, Chars(1, SHORT_NAME_CHARS)]
Description = Annotated[Text, Chars(0, DESCRIPTION_CHARS)]
