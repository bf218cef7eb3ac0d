"""One HTML page of dashboards that needs nothing but itself: figures for plotly.js, tiles, tables, the data's age.

With a `Frame.script` the page takes plotly.js from the server that sent it, else it carries it along.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from redash.config import PACKAGED
from redash.data.answers import Answers
from redash.errors import WrongUse
from redash.preview.cards import Card, cards
from redash.preview.filters import Input, inputs
from redash.preview.formats import shown
from redash.preview.pies_and_maps import Figure
from redash.preview.words import words
from redash.specs.spec import NamedDashboard
from redash.specs.texts import DEFAULT_LANG, Lang

_TEMPLATES = PACKAGED / "templates"


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the dashboards: a banner, the form of a served page and what is wrong with what it said."""

    banner: str = ""
    lang: Lang = DEFAULT_LANG
    script: str = ""
    refresh_seconds: int = 0
    problem: str = ""
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard with its cards and its inputs."""

    slug: str
    title: str
    description: str
    cards: list[Card]
    inputs: list[Input]


@dataclass(frozen=True, slots=True)
class Stamp:
    """When and of what the page was made; the age is that of the newest request."""

    made_at: str
    zone: str
    newest_at: str
    age: str


def render_page(answers: Answers, boards: Sequence[NamedDashboard], frame: Frame, utc_now: datetime) -> str:
    """The page of these dashboards; raises ParameterError for given values that don't fit."""
    views = [
        Board(
            board.slug,
            str(board.dashboard.title),
            str(board.dashboard.description),
            cards(answers, board, frame.lang),
            inputs(answers, board, frame.lang),
        )
        for board in boards
    ]
    return rendered("page.html.j2", frame, title=views[0].title, boards=views, stamp=stamp_of(answers, frame, utc_now))


def render_trouble(message: str, hint: str, frame: Frame) -> str:
    """A page that says why there is none."""
    return rendered("trouble.html.j2", frame, title=words(frame.lang)["trouble"], message=message, hint=hint)


def plotly_script() -> str:
    """plotly.js as its Python package bundles it; raises WrongUse where that is not installed."""
    try:
        script = resources.files("plotly") / "package_data" / "plotly.min.js"
    except ModuleNotFoundError as error:
        raise WrongUse("the preview needs plotly", "pip install 'voxmeter[preview]'") from error
    return script.read_text(encoding="utf-8")


def embedded(figure: Figure) -> Markup:
    """A figure as JSON inside a script element: no text of the data can end the element."""
    text = json.dumps(figure, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704


def stamp_of(answers: Answers, frame: Frame, utc_now: datetime) -> Stamp:
    """When and of what a page is made."""
    own = words(frame.lang)
    zone = answers.reading.report_timezone()
    newest = answers.reading.newest_at()
    age = ""
    if newest is not None:
        seconds = (answers.now - datetime.fromisoformat(newest)).total_seconds()
        age = own["ago"].format(shown(seconds, "seconds", 0)) if seconds >= 1 else own["just_now"]
    made_at = utc_now.astimezone(ZoneInfo(zone))
    return Stamp(f"{made_at:%Y-%m-%d %H:%M:%S}", zone, (newest or "")[:19].replace("T", " "), age)


def rendered(template: str, frame: Frame, **values: object) -> str:
    """A template of ours with the style, the script and the words of every page."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["embedded"] = embedded
    # Text of ours and of plotly's package, not of the data.
    style, drawing = (Markup((_TEMPLATES / name).read_text(encoding="utf-8")) for name in ("page.css", "page.js"))  # noqa: S704
    plotly = Markup() if frame.script else Markup(plotly_script().replace("</script", "<\\/script"))  # noqa: S704
    return environment.get_template(template).render(
        frame=frame, words=words(frame.lang), style=style, drawing=drawing, plotly=plotly, **values
    )
