"""An alert, `alerts/<slug>.yaml`, in Redash's words."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from redash.specs.models import Slug
from redash.specs.texts import NOTHING_SAID, Model, Title, Words

ONCE, EACH_TIME = 0, 1


class Alert(Model):
    """Fires when `column` of the selected row compares so with `value`; no row and no such column are UNKNOWN."""

    title: Title
    query: Slug
    column: str
    selector: Literal["first", "min", "max"] = Field(
        default="first", description="the first row, or the one where the column is least or most"
    )
    op: Literal[">", ">=", "<", "<=", "==", "!="]
    value: float
    rearm_seconds: int = Field(
        default=ONCE, ge=0, description="0: once a change; 1: at each evaluation; n: at most once in n seconds"
    )
    mute: bool = False
    subject: Words = NOTHING_SAID
    body: Words = Field(
        default=NOTHING_SAID, description="mustache: {{QUERY_RESULT_VALUE}}, {{ALERT_THRESHOLD}}, {{ALERT_URL}} …"
    )
    destinations: list[Slug] = Field(default=[])
