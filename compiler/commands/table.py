"""Several clusters in one run: what is reported once for all of them, and the table at the end.

In: findings and outcomes by cluster. Out: findings with the clusters they concern, and lines of text.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum


class Result(IntEnum):
    """How a cluster came out of a run, in the order of the table."""

    CHANGED = 0
    FAILED = 1
    UNCHANGED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A cluster's line in the table: what happened in words, and what was counted."""

    cluster: str
    result: Result
    words: str
    counts: Mapping[str, int]


_WHOLE_TABLE = 24
"""Clusters up to which those without news have their own line."""


def table(rows: Iterable[Row]) -> str:
    """A line for each cluster, those that changed first; many that did not share one line."""
    rows = sorted(rows, key=lambda row: row.result)
    quiet = [row for row in rows if row.result is Result.UNCHANGED] if len(rows) > _WHOLE_TABLE else []
    shown = rows[: len(rows) - len(quiet)]
    heads = list(dict.fromkeys(head for row in shown for head in row.counts))
    cells = [["cluster", "result", *heads]] if shown else []
    cells += [[row.cluster, row.words, *(str(row.counts.get(head, "")) for head in heads)] for row in shown]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for line in cells:
        texts = [cell.ljust(width) for cell, width in zip(line[:2], widths[:2], strict=True)]
        texts += [cell.rjust(width) for cell, width in zip(line[2:], widths[2:], strict=True)]
        lines.append("  ".join(texts).rstrip())
    if quiet:
        lines.append(f"{'and ' if shown else ''}{len(quiet)} clusters without changes")
    return "".join(f"{line}\n" for line in lines)


def summary(rows: Sequence[Row], *, changed: str) -> str:
    """All rows in one line; `changed` is the word for what changed clusters went through."""
    count = {result: sum(row.result is result for row in rows) for result in Result}
    parts = ((Result.CHANGED, changed), (Result.FAILED, "failed"), (Result.UNCHANGED, "up to date"))
    if not rows:
        return "no clusters"
    return f"{len(rows)} clusters: " + ", ".join(f"{count[result]} {word}" for result, word in parts if count[result])
