"""Figures as people read them, by unit: for tiles, tables and the axes of charts."""

from __future__ import annotations

from collections.abc import Callable

from redash.data.database import Value
from redash.specs.charts import Unit

NOTHING = "–"
_TIMES = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"))
_BYTES = ((2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"))
_COUNTS = ((1e9, "G"), (1e6, "M"))


def shown(value: Value, unit: Unit | None, decimals: int) -> str:
    """A value with its unit; a null is a dash, a text stays as it is."""
    if value is None:
        return NOTHING
    if unit is None or isinstance(value, str | bool):
        return str(value)
    return _SHOWN[unit](float(value), decimals)


def moment(value: Value) -> str:
    """An ISO text as day and time to the second."""
    return NOTHING if value is None else str(value)[:19].replace("T", " ")


def axis_format(unit: Unit) -> dict[str, str]:
    """Ticks and hover of a plotly axis with this unit (d3 formats)."""
    return {
        "count": {"tickformat": ",~r", "hoverformat": ",.0f"},
        "chars": {"tickformat": ",~r", "hoverformat": ",.0f"},
        "seconds": {"tickformat": ",~r", "ticksuffix": " s", "hoverformat": ",.3r"},
        "hours": {"tickformat": ",~r", "ticksuffix": " h", "hoverformat": ",.3r"},
        "ratio": {"tickformat": ".0%", "hoverformat": ".2%"},
        "percent": {"tickformat": ",~r", "ticksuffix": "%", "hoverformat": ".2f"},
        "rtf": {"tickformat": "~r", "hoverformat": ".3f"},
        "bytes": {"tickformat": "~s", "ticksuffix": "B", "hoverformat": ".3s"},
        "number": {"tickformat": ",~r", "hoverformat": ",.4~r"},
    }[unit]


def _number(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}"


def _count(value: float, decimals: int) -> str:
    return _scaled(value, _COUNTS, 2) or _number(value, decimals)


def _seconds(value: float, decimals: int) -> str:
    if 0 < abs(value) < 1:
        return f"{value * 1000:.0f} ms" if abs(value) >= 0.01 else f"{value * 1000:.2g} ms"
    return _scaled(value, _TIMES, 1) or f"{_number(value, decimals)} s"


def _bytes(value: float, _decimals: int) -> str:
    return _scaled(value, _BYTES, 1) or f"{value:.0f} B"


def _scaled(value: float, steps: tuple[tuple[float, str], ...], decimals: int) -> str | None:
    for size, name in steps:
        if abs(value) >= size:
            return f"{value / size:,.{decimals}f} {name}"
    return None


_SHOWN: dict[Unit, Callable[[float, int], str]] = {
    "count": _count,
    "chars": _count,
    "number": _number,
    "rtf": _number,
    "seconds": _seconds,
    "bytes": _bytes,
    "hours": lambda value, decimals: (
        f"{_number(value, decimals)} h" if value >= 1 or not value else _seconds(value * 3600, 1)
    ),
    "ratio": lambda value, decimals: f"{100 * value:.{decimals}f}%",
    "percent": lambda value, decimals: f"{value:.{decimals}f}%",
}
