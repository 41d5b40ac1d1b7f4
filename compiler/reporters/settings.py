"""The settings of clusters and where each comes from, as text and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from compiler.clusters.effective import Setting, SettingOrigin
from compiler.text.escaping import Place, safe


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A cluster with its settings; `configuration` is the file that it is configured in, or empty."""

    name: str
    configuration: str
    settings: Sequence[Setting]


def as_text(clusters: Sequence[Shown]) -> str:
    """A table for each cluster: the setting, its value, and where that comes from."""
    blocks = []
    for cluster in clusters:
        where = f" of {cluster.configuration}" if cluster.configuration else ", without a configuration"
        lines = [f"cluster {cluster.name}{where}" if cluster.name else f"the only cluster{where}"]
        rows = [(each.name, _value(each), _from(each)) for each in cluster.settings]
        first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
        second = min(second, _WIDEST)
        lines += [f"  {name:<{first}}  {value:<{second}}  {origin}" for name, value, origin in rows]
        blocks.append("".join(f"{safe(line, Place.TERMINAL)}\n" for line in lines))
    return "\n".join(blocks)


_WIDEST = 48


def _value(setting: Setting) -> str:
    if setting.value is None:
        return "-"
    return str(setting.value).lower() if isinstance(setting.value, bool) else setting.value


def _from(setting: Setting) -> str:
    if setting.span is not None:
        return f"{setting.span.path}:{setting.span.begin.line}"
    if setting.origin is SettingOrigin.OPTION:
        return f"option {setting.words}"
    return f"inferred from {setting.words}" if setting.origin is SettingOrigin.INFERRED else str(setting.origin)


def as_json(clusters: Sequence[Shown]) -> str:
    """A list of clusters, each with a list of settings."""
    told = [
        {
            "name": cluster.name,
            "configuration": cluster.configuration or None,
            "settings": [
                {
                    "name": each.name,
                    "value": each.value,
                    "origin": str(each.origin),
                    "from": each.words or None,
                    "path": each.span.path if each.span else None,
                    "line": each.span.begin.line if each.span else None,
                }
                for each in cluster.settings
            ],
        }
        for cluster in clusters
    ]
    return json.dumps({"clusters": told}, indent=2, ensure_ascii=False) + "\n"
