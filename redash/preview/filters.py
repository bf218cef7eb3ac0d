"""The filter bar of a served page: an input for each parameter of a dashboard, and what was sent back from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from redash.data.answers import Answers, Choices, board_defaults
from redash.errors import ParameterError, QueryFailed
from redash.lint.boardrules import widget_parameters
from redash.preview.words import range_name
from redash.specs.models import Dashboard
from redash.specs.parameters import (
    DYNAMIC,
    DateParameter,
    EnumParameter,
    NumberParameter,
    Parameter,
    QueryParameter,
    RangeParameter,
    merged,
)
from redash.specs.spec import NamedDashboard, Pack
from redash.specs.texts import Lang

CUSTOM = "custom"
_HTML_TYPES = {"date": "date", "datetime-local": "datetime-local", "datetime-with-seconds": "datetime-local"}


@dataclass(frozen=True, slots=True)
class Input:
    """One parameter as the form shows it; a range has `start` and `end`, the others a `value`."""

    name: str
    title: str
    kind: Literal["range", "choice", "number", "date"]
    html_type: str
    value: str
    choices: Choices
    start: str = ""
    end: str = ""

    def said(self) -> str:
        """The value in words, for a page without a form."""
        if self.kind == "range":
            start, end = self.start.replace("T", " "), self.end.replace("T", " ")
            return f"{start.removesuffix(' 00:00:00')} – {end.removesuffix(' 23:59:59')}"
        return next((name for name, value in self.choices if value == self.value), self.value)


def shared_parameters(pack: Pack, dashboard: Dashboard) -> dict[str, Parameter]:
    """The parameters that a dashboard has inputs for, in its order, as the first widget's query declares them."""
    found: dict[str, Parameter] = {}
    for name in dashboard.parameters:
        for widget in dashboard.widgets:
            parameters = {} if name in widget.values else widget_parameters(pack, widget.chart)
            if name in parameters:
                found.setdefault(name, parameters[name])
    return found


def given_of(sent: Mapping[str, str], parameters: Mapping[str, Parameter]) -> dict[str, str]:
    """What a form said about the parameters; a named range wins over the two moments beside it."""
    given: dict[str, str] = {}
    for name, parameter in parameters.items():
        value = sent.get(name, "").strip()
        parts = {part: sent.get(f"{name}.{part}", "").strip() for part in ("start", "end")}
        if isinstance(parameter, RangeParameter) and value in ("", CUSTOM):
            given |= {f"{name}.{part}": moment for part, moment in parts.items() if moment}
        elif value:
            given[name] = value
    return given


def inputs(answers: Answers, board: NamedDashboard, lang: Lang) -> list[Input]:
    """The inputs with their present values; raises ParameterError for given values that don't fit."""
    defaults = board_defaults(board)
    parameters = shared_parameters(answers.pack, board.dashboard)
    return [_input(answers, name, parameter, defaults[name], lang) for name, parameter in parameters.items()]


def _input(answers: Answers, name: str, parameter: Parameter, default: str | dict[str, str], lang: Lang) -> Input:
    try:
        values = answers.accepted(name, parameter, default, answers.given)
    except QueryFailed as error:
        raise ParameterError(f"parameter {name} has no values: {error}") from error
    if isinstance(parameter, RangeParameter):
        start, end = (values[f"{name}.{part}"].replace(" ", "T") for part in ("start", "end"))
        html_type = _HTML_TYPES["date" if parameter.type == "date-range" else "datetime-local"]
        preset = _preset(answers, name, default)
        return Input(name, str(parameter.title), "range", html_type, preset, _presets(lang), start, end)
    if isinstance(parameter, NumberParameter):
        return Input(name, str(parameter.title), "number", "number", values[name], [])
    if isinstance(parameter, DateParameter):
        return Input(
            name, str(parameter.title), "date", _HTML_TYPES[parameter.type], values[name].replace(" ", "T"), []
        )
    choices = _choices(answers, parameter)
    return Input(name, str(parameter.title), "choice", "", values[name], choices)


def _choices(answers: Answers, parameter: EnumParameter | QueryParameter) -> Choices:
    if isinstance(parameter, QueryParameter):
        return answers.choices(parameter)
    return [(option, option) for option in parameter.options]


def _preset(answers: Answers, name: str, default: str | dict[str, str]) -> str:
    """The `d_…` name that is shown now, or CUSTOM."""
    if answers.given.get(f"{name}.start") or answers.given.get(f"{name}.end"):
        return CUSTOM
    named = answers.given.get(name) or default
    known = isinstance(named, str) and merged(name, named, {}, answers.now)
    return named if isinstance(named, str) and known else CUSTOM


def _presets(lang: Lang) -> Choices:
    return [(range_name(name, lang), name) for name in DYNAMIC]
