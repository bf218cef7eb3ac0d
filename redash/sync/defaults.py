"""What Redash takes for a path that an object does not have, so that a default written out is no difference.

Redash's editor writes all its defaults into a chart that somebody only opens and saves. A path of which nothing is known here, and
which our files never set, is noise of some version's editor.
"""

from __future__ import annotations

from typing import Any

from redash.sync.paths import UNKNOWN, Defaults, Flat, Path

# viz-lib: chart/getOptions.ts
_CHART: Flat = {
    ("globalSeriesType",): "column",
    ("sortX",): True,
    ("legend", "enabled"): True,
    ("legend", "placement"): "auto",
    ("legend", "traceorder"): "normal",
    ("xAxis", "type"): "-",
    ("xAxis", "labels", "enabled"): True,
    ("yAxis", "0", "type"): "linear",
    ("yAxis", "1", "type"): "linear",
    ("yAxis", "1", "opposite"): True,
    ("alignYAxesAtZero",): False,
    ("error_y", "type"): "data",
    ("error_y", "visible"): True,
    ("series", "stacking"): None,
    ("series", "percentValues"): False,
    ("series", "error_y", "type"): "data",
    ("series", "error_y", "visible"): True,
    ("direction", "type"): "counterclockwise",
    ("sizemode",): "diameter",
    ("coefficient",): 1,
    ("piesort",): True,
    ("color_scheme",): "Redash",
    ("lineShape",): "linear",
    ("numberFormat",): "0,0[.]00000",
    ("percentFormat",): "0[.]00%",
    ("textFormat",): "",
    ("enableLink",): False,
    ("linkOpenNewTab",): True,
    ("linkFormat",): "",
    ("missingValuesAsZero",): True,
    ("swappedAxes",): False,
    ("reverseX",): False,
    ("sortY",): False,
    ("reverseY",): False,
    ("showpoints",): False,
    ("invertedAxes",): False,
    ("colorScheme",): None,
    ("heatMinColor",): None,
    ("heatMaxColor",): None,
}
_AXIS_PARTS = {("title", "text"), ("rangeMin",), ("rangeMax",), ("tickFormat",)}
_SERIES_PARTS = {"yAxis": 0, "name": None, "color": None, "zIndex": None, "index": None}

# viz-lib: counter/index.ts
_COUNTER: Flat = {
    ("counterLabel",): "",
    ("counterColName",): "counter",
    ("rowNumber",): 1,
    ("targetRowNumber",): 1,
    ("targetColName",): None,
    ("stringDecimal",): 0,
    ("stringDecChar",): ".",
    ("stringThouSep",): ",",
    ("stringPrefix",): "",
    ("stringSuffix",): "",
    ("tooltipFormat",): "0,0.000",
    ("countRow",): False,
    ("formatTargetValue",): False,
}
_TABLE: Flat = {("itemsPerPage",): 25, ("paginationSize",): "default"}
# viz-lib: shared/columnUtils.ts; what depends on the type of the column or on the organization is not here
_COLUMN = {
    "visible": True,
    "description": "",
    "allowSearch": False,
    "allowHTML": False,
    "highlightLinks": False,
    "booleanValues": ("false", "true"),
    "imageUrlTemplate": "{{ @ }}",
    "imageTitleTemplate": "{{ @ }}",
    "imageWidth": "",
    "imageHeight": "",
    "linkUrlTemplate": "{{ @ }}",
    "linkTextTemplate": "{{ @ }}",
    "linkTitleTemplate": "{{ @ }}",
    "linkOpenInNewTab": True,
}
# viz-lib: pivot/index.ts, the defaults of react-pivottable, and the first names in its lists
_PIVOT: Flat = {
    ("controls", "enabled"): False,
    ("rendererOptions", "table", "colTotals"): True,
    ("rendererOptions", "table", "rowTotals"): True,
    ("aggregatorName",): "Count",
    ("rendererName",): "Table",
    ("rows",): None,
    ("cols",): None,
    ("vals",): None,
    ("rowOrder",): "key_a_to_z",
    ("colOrder",): "key_a_to_z",
    ("hiddenAttributes",): None,
    ("hiddenFromAggregators",): None,
    ("hiddenFromDragDrop",): None,
    ("menuLimit",): 500,
    ("unusedOrientationCutoff",): 85,
}
# viz-lib: cohort/getOptions.ts
_COHORT: Flat = {
    ("timeInterval",): "daily",
    ("mode",): "diagonal",
    ("dateColumn",): "date",
    ("stageColumn",): "day_number",
    ("totalColumn",): "total",
    ("valueColumn",): "value",
    ("showTooltips",): True,
    ("percentValues",): True,
    ("timeColumnTitle",): "Time",
    ("peopleColumnTitle",): "Users",
    ("stageColumnTitle",): "{{ @ }}",
    ("numberFormat",): "0,0[.]00",
    ("percentFormat",): "0.00%",
    ("noValuePlaceholder",): "-",
    ("colors", "min"): "#ffffff",
    ("colors", "max"): "#002FB4",
    ("colors", "steps"): 7,
}
_OPTIONS = {"CHART": _CHART, "COUNTER": _COUNTER, "TABLE": _TABLE, "PIVOT": _PIVOT, "COHORT": _COHORT}


def chart_default(path: Path, of: Flat) -> Any:
    """The default of a path of a visualization: `type`, `name`, `description`, `options.…`."""
    if path[0] != "options":
        return None
    kind, inner = of.get(("type",)), path[1:]
    if inner in _OPTIONS.get(str(kind), {}):
        return _OPTIONS[str(kind)][inner]
    if kind == "CHART":
        return _chart_default(inner, of)
    if kind == "TABLE" and len(inner) == 3 and inner[0] == "columns":
        return inner[1] if inner[2] == "title" else _COLUMN.get(inner[2], UNKNOWN)
    if kind == "PIVOT" and inner[0] == "valueFilter":
        return None
    return UNKNOWN


def _chart_default(inner: Path, of: Flat) -> Any:
    if inner == ("showDataLabels",):
        return of.get(("options", "globalSeriesType")) == "pie"
    if inner[0] == "columnMapping":
        return "unused"
    if inner[0] == "valuesOptions":
        return None
    if inner[0] == "seriesOptions" and len(inner) == 3:
        if inner[2] == "type":
            return of.get(("options", "globalSeriesType"), "column")
        return _SERIES_PARTS.get(inner[2], UNKNOWN)
    axis = inner[1:] if inner[0] == "xAxis" else inner[2:] if inner[0] == "yAxis" else ()
    return None if axis in _AXIS_PARTS else UNKNOWN


def absent(path: Path, of: Flat) -> Any:
    """For kinds of which every path is known: what isn't there is nothing."""
    return None


def dashboard_default(path: Path, of: Flat) -> Any:
    """The editor writes the values of all inputs of a dashboard, those that our files leave alone too."""
    return UNKNOWN if path[0] == "parameters" else None


def options_default(path: Path, of: Flat) -> Any:
    """For data sources and destinations: an option that we never set is somebody else's or the server's."""
    return UNKNOWN if path[0] == "options" else None


DEFAULTS: dict[str, Defaults] = {
    "chart": chart_default,
    "dashboard": dashboard_default,
    "source": options_default,
    "destination": options_default,
}


def defaults_of(kind: str) -> Defaults:
    """The defaults of a kind of object."""
    return DEFAULTS.get(kind, absent)
