"""What changes between two states of a node's files, and what each change costs.

In: the files before and after. Out: the verdict, with every change as a reason for it.

Follows openshift/machine-config-operator `pkg/daemon` (7ff337a4f): `calculatePostConfigChangeActionFromMCDiffs` for
what a file costs, `isSafeContainerRegistryConfChanges` for the search list. Upstream stops at the first unsafe change;
here all are found, and the verdict is the highest cost among them.
"""

from collections.abc import Iterator
from posixpath import dirname

from compiler.diff.disruption import Cause, Disruption, DisruptionVerdict, NodeFiles, Reason
from compiler.diff.entry_changes import changed_entries
from compiler.node.files import DROP_INS, POLICY_JSON, REGISTRIES_CONF, SEARCH_CONF, SIGNATURES
from compiler.node.model import BASE
from compiler.text.span import Span


def judge(old: NodeFiles, new: NodeFiles) -> DisruptionVerdict:
    """What it costs a node to go from `old` to `new`, and why."""
    reasons = [*_registries_conf(old, new)]
    for path in sorted({*old.files, *new.files} - {REGISTRIES_CONF}):
        if old.files.get(path) != new.files.get(path):
            reasons.append(_file(path, old, new))
    return DisruptionVerdict(reasons=tuple(reasons))


def _registries_conf(old: NodeFiles, new: NodeFiles) -> list[Reason]:
    if _same_registries_conf(old, new):
        return []
    old_origins, new_origins = old.origins.get(REGISTRIES_CONF, ()), new.origins.get(REGISTRIES_CONF, ())
    old_conf, new_conf = old.registries or BASE, new.registries or BASE
    reasons = [
        *_search(old_conf.search, new_conf.search, old_origins, new_origins),
        *changed_entries(old_conf, new_conf),
    ]
    return reasons or [
        Reason(
            path=REGISTRIES_CONF,
            cause=Cause.REGISTRIES_CONF_REWRITTEN,
            message="registries.conf is written differently, but no entry with an effect changes",
            old_spans=old_origins,
            new_spans=new_origins,
        )
    ]


def _same_registries_conf(old: NodeFiles, new: NodeFiles) -> bool:
    before, after = old.files.get(REGISTRIES_CONF), new.files.get(REGISTRIES_CONF)
    if before is None or after is None:
        return old.registries == new.registries
    return before == after


def _search(
    old: tuple[str, ...], new: tuple[str, ...], old_spans: tuple[Span, ...], new_spans: tuple[Span, ...]
) -> Iterator[Reason]:
    if old == new:
        return
    extended = new[: len(old)] == old
    yield Reason(
        path=REGISTRIES_CONF,
        cause=Cause.SEARCH_LIST_EXTENDED if extended else Cause.SEARCH_LIST_CHANGED,
        message=(
            "the search list for short names gets longer"
            if extended
            else "the search list for short names no longer starts with the old list"
        ),
        before=old,
        after=new,
        remedy="" if extended else "Keep the old list unchanged and append new registries.",
        old_spans=old_spans,
        new_spans=new_spans,
    )


def _file(path: str, old: NodeFiles, new: NodeFiles) -> Reason:
    before, after = old.files.get(path), new.files.get(path)
    if before is None:
        verb = "is added"
    elif after is None:
        verb = "is removed"
    else:
        verb = "changes"
    cause = _file_cause(path)
    reboots = cause.disruption is Disruption.REBOOT
    return Reason(
        path=path,
        cause=cause,
        message=f"{path} {verb}" + (", a path that no disruption rule covers" if reboots else ""),
        before=_shown(before),
        after=_shown(after),
        remedy=("A NodeDisruptionPolicy for this path (release 4.17 on) can make it a reload." if reboots else ""),
        old_spans=old.origins.get(path, ()),
        new_spans=new.origins.get(path, ()),
    )


def _file_cause(path: str) -> Cause:
    if path == POLICY_JSON:
        return Cause.POLICY_CHANGED
    if dirname(path) == SIGNATURES:  # not below it: upstream compares the directory itself
        return Cause.SIGNATURES_CHANGED
    if path == SEARCH_CONF:
        return Cause.SEARCH_DROP_IN_CHANGED
    return Cause.DROP_IN_CHANGED if dirname(path) == DROP_INS else Cause.OTHER_FILE_CHANGED


def _shown(content: bytes | None) -> str | None:
    return None if content is None else content.decode("utf-8", "replace")
