"""The sides of the clusters that policy inside other documents makes.

In: both sides of every cluster of a run. Out: the same without what is in homes for others, and both sides of each of
these. Where a home only adds to what the cluster has (`musthave`), the new side is what comes of both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from compiler.clusters.cluster import Cluster
from compiler.clusters.homes import OWN, HomeRecord, Settled, settle_homes
from compiler.clusters.locals import with_locals
from compiler.diff.comparison import Comparison
from compiler.diff.disruption import Cause, DisruptionVerdict, Reason
from compiler.diff.sides import Manifests, Side
from compiler.diff.views import Note
from compiler.homes.hypershift import NODE_POOL
from compiler.homes.merging import after
from compiler.manifests.embedded import Merge
from compiler.manifests.kinds import Manifest
from compiler.manifests.load import Loaded

Pairs = list[tuple[Cluster, tuple[Side, Side]]]


def with_homes(pairs: Pairs) -> Pairs:
    """The pairs with those of the clusters that homes make; unchanged where a side is not compiled."""
    clusters = [cluster for cluster, _ in pairs]
    olds = [old for _, (old, _) in pairs if isinstance(old, Manifests)]
    news = [new for _, (_, new) in pairs if isinstance(new, Manifests)]
    if not clusters or len(olds) != len(pairs) or len(news) != len(pairs):
        return pairs
    alone = not any(cluster.chosen for cluster in clusters)
    before, after_ = (_settled(clusters, sides, alone=alone) for sides in (olds, news))
    if not before.records and not after_.records:
        return pairs
    made = {cluster.name: cluster for each in (before, after_) for cluster in each.clusters[each.own :]}
    found: Pairs = []
    for index, (cluster, _) in enumerate(pairs):
        has_policy = bool(before.own or after_.own)
        if has_policy or not made:
            name = cluster.name or (OWN if made else "")
            old, new = _side(before, index, olds[index]), _side(after_, index, news[index])
            found.append((replace(cluster, name=name), (old, new)))
    first, second = olds[0], news[0]
    records = [_by_cluster(each.records) for each in (before, after_)]
    loaded = [_loaded_of_homes(each) for each in (before, after_)]
    for name in sorted(made):
        old, new = (
            _of_home(own.get(name), side, about.get(name, ()))
            for own, side, about in zip(loaded, (first, second), records, strict=True)
        )
        found.append((made[name], (old, _once_applied(old, new, records[1].get(name, ())))))
    return found


def _settled(clusters: Sequence[Cluster], sides: Sequence[Manifests], *, alone: bool) -> Settled:
    loaded = [Loaded(parsed=side.parsed, problems=side.problems) for side in sides]
    searched = {each.file.path: each for side in sides for each in side.searched}
    if changed := with_locals((*(one for each in loaded for one in each.parsed), *searched.values())):
        loaded = [
            replace(each, parsed=tuple(changed.get(one.file.path, one) for one in each.parsed)) for each in loaded
        ]
        searched = {path: changed.get(path, each) for path, each in searched.items()}
    return settle_homes(clusters, loaded, searched.values(), alone=alone)


def _side(settled: Settled, index: int, side: Manifests) -> Manifests:
    if not settled.own:
        return side
    return replace(side, parsed=settled.loaded[index].parsed)


def _by_cluster(records: Iterable[HomeRecord]) -> dict[str, list[HomeRecord]]:
    found: dict[str, list[HomeRecord]] = {}
    for record in records:
        for name in dict.fromkeys(record.clusters):
            found.setdefault(name, []).append(record)
    return found


def _loaded_of_homes(settled: Settled) -> dict[str, Loaded]:
    """What was loaded of the clusters that homes make, by name."""
    own = settled.own
    return {each.name: loaded for each, loaded in zip(settled.clusters[own:], settled.loaded[own:], strict=True)}


def _of_home(loaded: Loaded | None, side: Manifests, records: Iterable[HomeRecord]) -> Manifests:
    if loaded is None:
        return Manifests(label=side.label)
    texts = sorted(record.home.span.text for record in records if record.home.role == NODE_POOL)
    return Manifests(label=side.label, parsed=loaded.parsed, texts=tuple(texts))


def as_applied(comparison: Comparison, cluster: Cluster, before: Side, after_: Side) -> Comparison:
    """What a change means where the cluster of a home does not take it as a running cluster takes an object.

    HyperShift (3ee9615) `nodepool.Hash` is of the raw texts: a comment in one replaces nodes too. What is used at an
    installation changes nothing on clusters that are installed.
    """
    if any(word in cluster.target for word in _AT_INSTALLATION):
        if not comparison.objects and not comparison.changes and not comparison.unread:
            return comparison
        note = Note(
            text=f"This policy is for {cluster.target}. It is used once: a change of it has no effect on a running "
            "cluster.",
        )
        pools = tuple(replace(each, verdict=DisruptionVerdict(unread=each.verdict.unread)) for each in comparison.pools)
        return replace(comparison, pools=pools, notes=(*comparison.notes, note))
    if _HOSTED not in cluster.target or not isinstance(before, Manifests) or not isinstance(after_, Manifests):
        return comparison
    if not comparison.objects and before.texts == after_.texts:
        return comparison
    what = "the mirrors" if comparison.objects else "the texts, though not the meaning, of ConfigMaps"
    reason = Reason(
        path="",
        cause=Cause.NODE_POOL_ROLLED,
        message=f"{what} of {cluster.target} change: HyperShift replaces or reboots all nodes, whatever the change "
        "does to their files",
    )
    pools = tuple(
        replace(each, verdict=replace(each.verdict, reasons=(reason, *each.verdict.reasons)))
        for each in comparison.pools
    )
    return replace(comparison, pools=pools)


_AT_INSTALLATION = ("is installed", " installs", "discovery image", "bootstrap node")
_HOSTED = "hosted cluster"
"""Words of the targets of homes, see `homes`."""


def _once_applied(old: Manifests, new: Manifests, records: Iterable[HomeRecord]) -> Manifests:
    """The new side with what homes leave of the old objects."""
    merges = {
        (each.kind, each.name.value): record.home.merge
        for record in records
        if record.home.merge is not Merge.APPLY
        for each in record.home.manifests
    }
    if not merges:
        return new
    there = {_identity(each): each for parsed in old.parsed for each in parsed.manifests}

    def applied(manifest: Manifest) -> Manifest:
        identity = _identity(manifest)
        if identity not in merges or identity not in there:
            return manifest
        return after(merges[identity], manifest, there[identity])

    return replace(
        new,
        parsed=tuple(each._replace(manifests=tuple(map(applied, each.manifests))) for each in new.parsed),
    )


def _identity(manifest: Manifest) -> tuple[str, str]:
    return (manifest.kind, manifest.name.value)
