"""What the page says of itself, in each language."""

from __future__ import annotations

from redash.specs.texts import Lang

_WORDS = {
    "empty": ("No data in this period", "该时间段内没有数据"),
    "not_yet": ("No data yet", "暂无数据"),
    "none": ("None", "无"),
    "no_figure": (
        "The rows of this period do not carry this figure",
        "该时间段内的数据不含此项指标",
    ),
    "today": ("today, so far", "今天，尚未结束"),
    "all_dashboards": ("Dashboards", "仪表盘"),
    "zone": ("Report time zone", "报表时区"),
    "newest": ("Newest request", "最新请求"),
    "none_yet": ("none yet", "尚无"),
    "made": ("Page made", "页面生成于"),
    "from": ("From", "从"),
    "to": ("To", "到"),
    "from_to": ("From … to …", "自定义…"),
    "refresh": ("Refresh", "刷新"),
    "off": ("off", "关"),
    "show": ("Show", "显示"),
    "failed": ("This query failed.", "此查询失败。"),
    "ago": ("{} ago", "{}前"),
    "just_now": ("just now", "刚刚"),
    "trouble": ("Nothing to show yet", "暂无可显示的内容"),
    "before": ("Before", "之前"),
    "after": ("After", "之后"),
    "compared": ("Compared with {}", "与 {} 对比"),
    "nothing_changed": ("No dashboard, chart or query differs.", "仪表板、图表和查询均无差异。"),
    "not_there": ("not there", "不存在"),
    "unreadable": ("Files of that revision that can't be read", "该版本中无法读取的文件"),
    "queries": ("Queries", "查询"),
    "kind_new": ("new", "新增"),
    "kind_gone": ("gone", "已移除"),
    "kind_changed": ("changed", "已更改"),
}
#: How a form names the ranges that Redash knows.
_RANGES = {
    "d_today": "今天",
    "d_yesterday": "昨天",
    "d_this_week": "本周",
    "d_this_month": "本月",
    "d_last_hour": "最近 1 小时",
    "d_last_24_hours": "最近 24 小时",
    "d_last_7_days": "最近 7 天",
    "d_last_14_days": "最近 14 天",
    "d_last_30_days": "最近 30 天",
    "d_last_60_days": "最近 60 天",
    "d_last_90_days": "最近 90 天",
}


def words(lang: Lang) -> dict[str, str]:
    """All of them in one language, by name."""
    return {name: english if lang == "en" else chinese for name, (english, chinese) in _WORDS.items()}


def range_name(name: str, lang: Lang) -> str:
    """What a `d_…` name is called."""
    return name.removeprefix("d_").replace("_", " ").capitalize() if lang == "en" else _RANGES[name]
