"""What people do in Redash's pages, and what the pages write then without being asked (sections 5, 6 and 7)."""

from __future__ import annotations

from typing import Any

from tests.redash.fake.state import Row, State, copied

_CHART: Row = {
    "globalSeriesType": "column", "sortX": True,
    "legend": {"enabled": True, "placement": "auto", "traceorder": "normal"},
    "xAxis": {"type": "-", "labels": {"enabled": True}},
    "yAxis": [{"type": "linear"}, {"type": "linear", "opposite": True}],
    "alignYAxesAtZero": False, "error_y": {"type": "data", "visible": True},
    "series": {"stacking": None, "error_y": {"type": "data", "visible": True}},
    "seriesOptions": {}, "valuesOptions": {}, "columnMapping": {}, "direction": {"type": "counterclockwise"},
    "sizemode": "diameter", "coefficient": 1, "piesort": True, "color_scheme": "Redash", "lineShape": "linear",
    "numberFormat": "0,0[.]00000", "percentFormat": "0[.]00%", "textFormat": "", "enableLink": False,
    "linkOpenNewTab": True, "linkFormat": "", "missingValuesAsZero": True, "showDataLabels": False,
    "dateTimeFormat": "DD/MM/YY HH:mm",
}  # fmt: skip
_COUNTER: Row = {
    "counterLabel": "", "counterColName": "counter", "rowNumber": 1, "targetRowNumber": 1, "stringDecimal": 0,
    "stringDecChar": ".", "stringThouSep": ",", "tooltipFormat": "0,0.000",
}  # fmt: skip
_PIVOT: Row = {"controls": {"enabled": True}, "rendererOptions": {"table": {"colTotals": True, "rowTotals": True}}}
_PIVOT_KEYS = {"controls", "rendererOptions", "rows", "cols", "vals", "aggregatorName", "rendererName"}
_COLUMN: Row = {
    "visible": True, "displayAs": "string", "alignContent": "left", "allowSearch": False, "allowHTML": False,
    "highlightLinks": False, "booleanValues": ["false", "true"], "imageUrlTemplate": "{{ @ }}",
    "linkUrlTemplate": "{{ @ }}", "linkTextTemplate": "{{ @ }}", "linkOpenInNewTab": True,
}  # fmt: skip


def merged(defaults: Any, own: Any) -> Any:
    """Defaults under what is there, in dictionaries and in their lists by place."""
    if isinstance(defaults, dict) and isinstance(own, dict):
        return {key: merged(defaults.get(key), own.get(key, defaults.get(key))) for key in {**defaults, **own}}
    if isinstance(defaults, list) and isinstance(own, list) and len(own) < len(defaults):
        return [*own, *defaults[len(own) :]]
    return copied(own)


class Editor:
    """Redash's pages, used by a person; each method is one save."""

    def __init__(self, state: State) -> None:
        self._state = state

    def open_and_save_chart(self, visualization_id: int, **changes: Any) -> Row:
        """Opens the visualization's editor, changes options if told so, and saves: the whole merged document is written."""
        row = self._state.visualizations[visualization_id]
        options = {**(row["options"] or {}), **changes}
        saved: Row = {
            "CHART": lambda: merged({**_CHART, "showDataLabels": options.get("globalSeriesType") == "pie"}, options),
            "COUNTER": lambda: merged(_COUNTER, options),
            "TABLE": lambda: self._table(row, options),
            "PIVOT": lambda: merged(_PIVOT, {key: options[key] for key in options if key in _PIVOT_KEYS}),
        }.get(row["type"], lambda: options)()
        self._state.change(row, options=saved)
        return saved

    def _table(self, row: Row, options: Row) -> Row:
        """A table's editor writes the format of each column of the result that its page shows, in the order of the page."""
        query = self._state.queries[row["query_id"]]
        shown = [one for one in self._state.results.values() if one.get("asked_for") == query["id"]]
        result = shown[-1] if shown else self._state.results.get(query["latest_query_data_id"])
        columns = result["data"]["columns"] if result else []
        known = {column["name"]: column for column in options.get("columns", [])}
        own = [name for name in known if name in {column["name"] for column in columns}]
        moved = own != [column["name"] for column in columns if column["name"] in known]
        written = [
            {"name": one["name"], "title": one["name"], "type": one["type"], **_COLUMN, **known.get(one["name"], {}),
             "order": list(known).index(one["name"]) if moved and one["name"] in known else 100000 + place}
            for place, one in enumerate(columns)
        ]  # fmt: skip
        return {**options, "itemsPerPage": options.get("itemsPerPage", 25),
                "columns": sorted(written, key=lambda one: one["order"])}  # fmt: skip

    def rename_query(self, query_id: int, name: str) -> None:
        """Gives a query another name."""
        self._state.change(self._state.queries[query_id], name=name)

    def edit_sql(self, query_id: int, text: str) -> None:
        """Saves another text."""
        self._state.change(self._state.queries[query_id], query=text)

    def open_and_save_query(self, query_id: int) -> None:
        """Saves a query with parameters: the page adds what it knows of them."""
        row = self._state.queries[query_id]
        for one in row["options"].get("parameters", []):
            one.update(locals=[], **{"global": False}, parentQueryId=query_id)
        self._state.change(row)

    def rename_dashboard(self, dashboard_id: int, name: str) -> None:
        """Gives a dashboard another name."""
        row = self._state.dashboards[dashboard_id]
        self._state.change(row, name=name, version=row["version"] + 1)

    def edit_widget(self, widget_id: int, **position: int) -> None:
        """Moves a widget in the dashboard's edit mode, which writes every widget anew and the dashboard's parameters."""
        dashboard_id = self._state.widgets[widget_id]["dashboard_id"]
        self._state.widgets[widget_id]["options"]["position"].update(position)
        widgets = [one for one in self._state.widgets.values() if one["dashboard_id"] == dashboard_id]
        self._pack(widgets)
        for one in widgets:
            one["options"].setdefault("parameterMappings", {})
            one["options"]["position"] = self._page_position(one)
            self._state.change(one)
        row = self._state.dashboards[dashboard_id]
        written = {**row["options"], "parameters": self._inputs(row, widgets)}
        self._state.change(row, options=written, version=row["version"] + 1)

    def _inputs(self, dashboard: Row, widgets: list[Row]) -> list[Row]:
        """The inputs of a dashboard with what they show: a value that was saved, else that of the first query."""
        saved = {one["name"]: one.get("value") for one in dashboard["options"].get("parameters", [])}
        found: dict[str, Row] = {}
        for widget in [one for one in widgets if one["visualization_id"] is not None]:
            mappings = widget["options"].get("parameterMappings", {})
            query = self._state.queries[self._state.visualizations[widget["visualization_id"]]["query_id"]]
            for one in query["options"].get("parameters", []):
                mapping = mappings.get(one["name"], {})
                if mapping.get("type") == "dashboard-level" and mapping["mapTo"] not in found:
                    name = mapping["mapTo"]
                    shown = {"name": name, "title": mapping.get("title") or one["title"], "global": False}
                    found[name] = {**one, **shown, "value": saved.get(name, one["value"])}
        order = dashboard["options"].get("globalParamOrder", [])
        return sorted(found.values(), key=lambda one: order.index(one["name"]) if one["name"] in order else len(order))

    @staticmethod
    def _page_position(widget: Row) -> Row:
        """Its own keys and the page's; unknown ones are dropped."""
        own, chart = widget["options"]["position"], widget["visualization_id"] is not None
        kept = {key: own[key] for key in ("col", "row", "sizeX", "sizeY")}
        limits = {"minSizeX": 2, "maxSizeX": 12, "minSizeY": 5 if chart else 1, "maxSizeY": 1000}
        return {"autoHeight": own.get("autoHeight", False), **kept, **limits}

    @staticmethod
    def _pack(widgets: list[Row]) -> None:
        """Moves each widget up until it meets another."""
        taken: set[tuple[int, int]] = set()
        for one in sorted(
            widgets, key=lambda one: (one["options"]["position"]["row"], one["options"]["position"]["col"])
        ):
            place = one["options"]["position"]
            columns = range(place["col"], place["col"] + place["sizeX"])
            place["row"] = max((row + 1 for row, column in taken if column in columns), default=0)
            taken |= {(place["row"] + down, column) for down in range(place["sizeY"]) for column in columns}

    def edit_alert(self, alert_id: int, **options: Any) -> None:
        """Saves an alert's form, which writes the threshold as a text."""
        row = self._state.alerts[alert_id]
        written = {**row["options"], **options}
        self._state.change(row, options={**written, "value": str(written["value"])})
